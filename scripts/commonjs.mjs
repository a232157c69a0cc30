/**
 * Packages for `require` where a tool cannot load ES modules with it: Jest in its usual mode before Node 24.9, TypeScript's `node16`.
 * In: the folders of the built library and of the built packages beside it. Out, in each: `index.cjs`, and `index.d.cts`, which takes
 * every type from `index.d.ts`. The library's `index.cjs` is all of Node's entry in one file; those of the others pass on
 * `index.js`, since every Node they run in gives it to `require`. Node itself takes `index.js` for `require` too (the condition
 * `module-sync`), so it never holds two of a package.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { parseSync } from 'rolldown/utils'

const [library = '', ...others] = process.argv.slice(2)
const entry = join(library, 'index.js')

const bundle = await rolldown({ input: entry, platform: 'node' })
await bundle.write({ file: join(library, 'index.cjs'), format: 'cjs', minify: true, codeSplitting: false })
/** A class is a type as well as a value. @param {unknown} value */
const isClass = value => typeof value === 'function' && /^class\b/.test(String(value))
const values = Object.entries(await import(pathToFileURL(entry).href))
writeTypes(
  library,
  values.map(([name]) => name),
  values.filter(([, value]) => isClass(value)).map(([name]) => name),
)

for (const other of others) {
  writeFileSync(join(other, 'index.cjs'), "module.exports = require('./index.js')\n")
  writeTypes(other, exportedNames(join(other, 'index.js')), [])
}

/** @param {string} folder @param {readonly string[]} names @param {readonly string[]} classes */
function writeTypes(folder, names, classes) {
  const lines = [
    "import type * as library from './index.js' with { 'resolution-mode': 'import' }",
    "export type * from './index.js' with { 'resolution-mode': 'import' }",
    ...names.flatMap(name => [
      `export declare const ${name}: typeof library.${name}`,
      ...(classes.includes(name) ? [`export type ${name} = library.${name}`] : []),
    ]),
  ]
  writeFileSync(join(folder, 'index.d.cts'), `${lines.join('\n')}\n`)
}

/** By its text: the packages it imports are not built yet. @param {string} file */
function exportedNames(file) {
  const { staticExports } = parseSync(file, readFileSync(file, 'utf8')).module
  return staticExports.flatMap(({ entries }) => entries.flatMap(({ exportName: { name } }) => (name ? [name] : [])))
}
