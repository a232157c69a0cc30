/**
 * The library for `require` where a tool cannot load ES modules with it: Jest in its usual mode before Node 24.9, TypeScript's `node16`.
 * In: the folder of the built library. Out: `index.cjs`, all of Node's entry in one file, and `index.d.cts`, which takes every type
 * from `index.d.ts`. Node itself takes `index.js` for `require` too (the condition `module-sync`), so it never holds two libraries.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const folder = process.argv[2] ?? ''
const entry = join(folder, 'index.js')

const bundle = await rolldown({ input: entry, platform: 'node' })
await bundle.write({ file: join(folder, 'index.cjs'), format: 'cjs', minify: true, codeSplitting: false })

/** A class is a type as well as a value. @param {unknown} value */
const isClass = value => typeof value === 'function' && /^class\b/.test(String(value))
const values = Object.entries(await import(pathToFileURL(entry).href)).flatMap(([name, value]) => [
  `export declare const ${name}: typeof library.${name}`,
  ...(isClass(value) ? [`export type ${name} = library.${name}`] : []),
])
const types = "export type * from './index.js' with { 'resolution-mode': 'import' }"
const library = "import type * as library from './index.js' with { 'resolution-mode': 'import' }"
writeFileSync(join(folder, 'index.d.cts'), `${[library, types, ...values].join('\n')}\n`)
