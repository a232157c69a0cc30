/** The documentation as text: its files, their fenced code blocks, links and lines. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './source-files.testing.ts'

export interface CodeBlock {
  /** `README.md:24`. */
  readonly place: string
  /** The first word after the fence: `ts`, `sh`. */
  readonly language: string
  /** The words after it: `browser` marks code that only type-checks here. */
  readonly marks: readonly string[]
  readonly code: string
}

/** The usual jobs, each with a program. */
export const jobsPage = 'docs/guide/jobs.md'

export function documents(): string[] {
  const packages = readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => `packages/${name}/`)
  return ['', 'docs/', 'docs/guide/', 'docs/log/', 'examples/', '.github/', ...packages].flatMap(folder =>
    readdirSync(join(root, folder))
      .filter(name => name.endsWith('.md'))
      .sort()
      .map(name => `${folder}${name}`),
  )
}

export function codeBlocks(document: string): CodeBlock[] {
  return blocksOf(readFileSync(join(root, document), 'utf8'), document)
}

export function blocksOf(markdown: string, document: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  const lines = markdown.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const opened = lines[at]!.match(/^```(\S+)(.*)$/)
    if (!opened) continue
    const end = lines.indexOf('```', at + 1)
    const [, language, marks] = opened as unknown as [string, string, string]
    blocks.push({
      place: `${document}:${at + 1}`,
      language,
      marks: marks.trim().split(/\s+/).filter(Boolean),
      code: lines.slice(at + 1, end).join('\n'),
    })
    at = end
  }
  return blocks
}

/** Targets of links to files of this repository, pictures in HTML too, as they are written. */
export function localLinks(document: string): string[] {
  const markdown = readFileSync(join(root, document), 'utf8')
  return [...markdown.matchAll(/(?:\]\(|\b(?:src|srcset|href)=")([^)"#\s]+)/g)]
    .map(([, target]) => target!)
    .filter(target => !/^\w+:/.test(target))
}

/** Lines of prose that are too long to read in a terminal or to compare: all but code, and tables, which cannot be wrapped. */
export function longLines(document: string, most: number): string[] {
  return longLinesOf(readFileSync(join(root, document), 'utf8'), document, most)
}

export function longLinesOf(markdown: string, document: string, most: number): string[] {
  let inCode = false
  return markdown.split('\n').flatMap((line, index) => {
    const isFence = line.trimStart().startsWith('```')
    if (isFence) inCode = !inCode
    const length = [...line].length
    const isProse = !inCode && !isFence && !line.trimStart().startsWith('|')
    return isProse && length > most ? [`${document}:${index + 1}: ${length}`] : []
  })
}
