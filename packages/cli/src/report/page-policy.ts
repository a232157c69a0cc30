/**
 * The content policy of a page: nothing comes from outside, nothing is sent, and no script runs but those that were written into it, known
 * by their SHA-256. So text of a stranger stays text even where somebody forgot to escape it. In: the scripts. Out: an element for the head.
 */
import { createHash } from 'node:crypto'

/** `scripts`: as they stand between their tags. Styles are inline, pictures are data; a model that is tried is WebAssembly in the page. */
export function policyOf(scripts: readonly string[]): string {
  const known = scripts.map(script => ` 'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  const rules = [
    "default-src 'none'",
    'img-src data: blob:',
    "style-src 'unsafe-inline'",
    `script-src 'wasm-unsafe-eval'${known.join('')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]
  return `<meta http-equiv="Content-Security-Policy" content="${rules.join('; ')}">`
}

/** The script at the end of a section that tries a model; it ends no element inside of itself (live.ts). */
export function scriptAtEnd(section: string): readonly string[] {
  const [begin, end] = ['<script>', '</script>'].map(tag => section.lastIndexOf(tag)) as [number, number]
  return begin < 0 || end < begin ? [] : [section.slice(begin + '<script>'.length, end)]
}
