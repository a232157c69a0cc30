/**
 * Leaves out the declarations that no user's code can reach: half of what would be packed of them. In: the folders of the built packages
 * `fovea`, `@fovea/pictures`, `@fovea/formats`, `@fovea/server`, `@fovea/cli`. Kept is what the declarations of their entries import, and what those import in turn.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { importsOf } from './imports-of.mjs'

const [library = '', pictures = '', formats = '', server = '', cli = ''] = process.argv.slice(2)
const packages = {
  fovea: library,
  '@fovea/pictures': pictures,
  '@fovea/formats': formats,
  '@fovea/server': server,
  '@fovea/cli': cli,
}

const reached = new Set()
const waiting = [
  ...['index', 'browser', 'predictor'].map(name => join(library, `${name}.d.ts`)),
  join(pictures, 'index.d.ts'),
  join(formats, 'index.d.ts'),
  ...['index', 'node'].map(name => join(server, `${name}.d.ts`)),
  join(cli, 'index.d.ts'),
].map(file => resolve(file))
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (reached.has(file) || !existsSync(file)) continue
  reached.add(file)
  for (const name of importsOf(file)) waiting.push(...declarationOf(file, name))
}

for (const folder of Object.values(packages))
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = resolve(folder, name)
    if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file)
  }

/** @param {string} file @param {string} name */
function declarationOf(file, name) {
  if (name.startsWith('.')) return [resolve(dirname(file), name.replace(/\.(js|ts)$/, '.d.ts'))]
  return Object.entries(packages).flatMap(([own, folder]) => {
    if (name === own) return [resolve(folder, 'index.d.ts')]
    const inside = `${own}/internal/`
    return name.startsWith(inside) ? [resolve(folder, `${name.slice(inside.length)}.d.ts`)] : []
  })
}
