/** What a module or a declaration imports, of every form. In: a file. Out: names and paths as they are written. */
import { readFileSync } from 'node:fs'
import { parseSync } from 'rolldown/utils'

/** `from './a.ts'`, `import('./a.ts')` and `new URL('./a.ts', import.meta.url)`. @param {string} file */
export function importsOf(file) {
  const code = readFileSync(file, 'utf8')
  const { staticImports, staticExports } = parseSync(file, code).module
  return [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
    ...[...code.matchAll(/\b(?:import|URL)\(\s*["']([^"']+)["']/g)].map(([, name]) => name ?? ''),
  ]
}
