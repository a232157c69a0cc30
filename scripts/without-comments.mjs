/**
 * Takes the comments out of what was built. Editors show them from the declarations, where they stay; in the code they would be a sixth
 * of what users install. In: folders of JavaScript. Comments that bundlers read, and licences, stay. Lines begin with tabs for the compiler's
 * four spaces, a twentieth more.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'rolldown/utils'

const kept = /^!|__PURE__|@vite-ignore|webpackIgnore|turbopackIgnore/

for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.js')) continue
    const file = join(folder, name)
    const code = readFileSync(file, 'utf8')
    const bare = withoutComments(code, parseSync(file, code).comments)
    writeFileSync(file, withTabs(bare, templatesIn(parseSync(file, bare).program)))
  }
}

/** Whole lines of comment go with their line. @param {string} code @param {readonly {value: string, start: number, end: number}[]} comments */
function withoutComments(code, comments) {
  const parts = []
  let from = 0
  for (const { value, start, end } of comments) {
    if (kept.test(value)) continue
    const lineStart = code.lastIndexOf('\n', start - 1) + 1
    const isWholeLine = code.slice(lineStart, start).trim() === '' && code[end] === '\n'
    parts.push(code.slice(from, isWholeLine ? Math.max(from, lineStart) : start))
    from = isWholeLine ? end + 1 : end
  }
  return [...parts, code.slice(from)].join('')
}

/** Lines within the text of a template are content. @param {string} code @param {readonly (readonly [number, number])[]} templates */
function withTabs(code, templates) {
  const isContent = (/** @type {number} */ at) => templates.some(([start, end]) => start < at && at <= end)
  return code.replace(/^(?: {4})+/gm, (spaces, at) => (isContent(at) ? spaces : '\t'.repeat(spaces.length / 4)))
}

/** Where the texts of templates begin and end. @param {unknown} node @returns {(readonly [number, number])[]} */
function templatesIn(node) {
  if (typeof node !== 'object' || node === null) return []
  const { type, start, end } = /** @type {{type?: unknown, start?: unknown, end?: unknown}} */ (node)
  if (type === 'TemplateLiteral') return [[Number(start), Number(end)]]
  return Object.values(node).flatMap(templatesIn)
}
