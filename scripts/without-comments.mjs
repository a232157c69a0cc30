/**
 * Takes the comments out of what was built. Editors show them from the declarations, where they stay; in the code they would be a sixth
 * of what users install. In: folders of JavaScript. Comments that bundlers read, and licences, stay.
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
    writeFileSync(file, withoutComments(code, parseSync(file, code).comments))
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
