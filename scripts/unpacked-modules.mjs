/**
 * Leaves modules of the library out of its package that only the command line needs, which holds them itself. In: the folders of the built
 * packages `fovea` and others. Out: the library's `.npmignore`. Kept is what its entries import, and what the other packages import of it.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { importsOf } from './imports-of.mjs'

const [library = '', ...others] = process.argv.slice(2).map(folder => resolve(folder))
const inside = 'fovea/internal/'

const reached = new Set()
const waiting = [
  ...['index', 'browser', 'predictor', 'program-worker'].map(name => join(library, `${name}.js`)),
  ...others
    .flatMap(modulesIn)
    .flatMap(importsOf)
    .filter(name => name.startsWith(inside))
    .map(name => join(library, `${name.slice(inside.length)}.js`)),
]
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (reached.has(file) || !existsSync(file)) continue
  reached.add(file)
  for (const name of importsOf(file)) if (/^\..*\.js$/.test(name)) waiting.push(resolve(dirname(file), name))
}

const left = modulesIn(library).filter(file => !reached.has(file))
writeFileSync(
  join(library, '.npmignore'),
  left.map(file => `/${relative(library, file).replaceAll('\\', '/')}\n`).join(''),
)

/** @param {string} folder */
function modulesIn(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter(name => name.endsWith('.js')).map(name => join(folder, name))
}
