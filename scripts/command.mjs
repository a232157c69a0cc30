/**
 * The command line as few files: `fovea` starts in half the time that hundreds of modules take. In: the folders of the built packages
 * `fovea`, `@fovea/pictures`, `@fovea/formats`, `@fovea/server`, `@fovea/cli`. Out, in that of the command line: `main.js` and `program/`, which hold what the
 * program needs of all five, one file for each verb and for what several share; gone is the code of its own that nothing else uses.
 * Packages of others stay imports.
 */
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { importsOf } from './imports-of.mjs'

const [library = '', pictures = '', formats = '', server = '', cli = ''] = process.argv
  .slice(2)
  .map(folder => resolve(folder))
/** @type {Readonly<Record<string, string>>} */
const packages = {
  fovea: library,
  '@fovea/pictures': pictures,
  '@fovea/formats': formats,
  '@fovea/server': server,
  '@fovea/cli': cli,
}

/** Imports by a name in a variable, for packages that need not be there: here they are. */
const named = '$'.concat('{name}')
const optional = {
  [join(library, 'host/node/pictures.js')]: [`\`${named}/internal/pictures\``, "'@fovea/pictures/internal/pictures'"],
  [join(library, 'host/node/installed-formats.js')]: [`\`${named}\``, "'@fovea/formats/internal/index'"],
}

const bundle = await rolldown({
  input: { main: join(cli, 'main.js') },
  platform: 'node',
  // What one verb loads late, another one needs at once.
  checks: { ineffectiveDynamicImport: false },
  plugins: [
    {
      name: 'own packages',
      resolveId(/** @type {string} */ name) {
        const [, own, path] = /^((?:@fovea\/)?\w+)(?:\/internal\/(.+))?$/.exec(name) ?? []
        const folder = own === undefined ? undefined : packages[own]
        if (folder) return join(folder, `${path ?? 'index'}.js`)
        return /^[./]/.test(name) ? undefined : { id: name, external: true }
      },
      transform(/** @type {string} */ code, /** @type {string} */ id) {
        const [there, here] = optional[id] ?? []
        if (there === undefined || here === undefined) return undefined
        if (!code.includes(there)) throw new Error(`${id}: the import is not as it was`)
        return code.replace(there, here)
      },
    },
  ],
})
// What lies beside the program (package.json, scripts of pages) is found from two folders below the package.
const { output } = await bundle.write({
  dir: cli,
  format: 'esm',
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  entryFileNames: 'program/[name].js',
  chunkFileNames: 'program/[name].js',
  // Of what plans and writes code, the modules that a dozen files need are needed together: one file instead of forty.
  codeSplitting: {
    groups: ['graph', 'plan', 'kernels', 'layers'].map(room => ({
      name: `shared-${room}`,
      test: (/** @type {string} */ id) => id.startsWith(join(library, room)),
      minShareCount: 12,
    })),
  },
})
writeFileSync(join(cli, 'main.js'), "import './program/main.js'\n")

/** Which modules each file holds, by package: for the suite that watches what a call loads. */
const held = output.flatMap(chunk =>
  chunk.type === 'chunk' ? [[chunk.fileName, Object.keys(chunk.modules).map(nameOf)]] : [],
)
writeFileSync(join(cli, '.modules'), JSON.stringify(Object.fromEntries(held)))

const kept = reachedFrom(join(cli, 'index.js'))
for (const name of readdirSync(cli, { recursive: true, encoding: 'utf8' })) {
  const file = join(cli, name)
  const isOwn = /^(program|report[/\\][\w-]+-page)|^main\.js$/.test(name)
  if (name.endsWith('.js') && !isOwn && !kept.has(file)) rmSync(file)
}
removeEmpty(cli)

/** @param {string} module */
function nameOf(module) {
  const [own, folder] = Object.entries(packages).find(([, place]) => module.startsWith(place)) ?? []
  return folder === undefined ? module : `${own}/${relative(folder, module).replaceAll('\\', '/')}`
}

/** Files of the same folder. @param {string} entry */
function reachedFrom(entry) {
  const reached = new Set()
  const waiting = [entry]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue
    reached.add(file)
    for (const name of importsOf(file)) if (name.startsWith('.')) waiting.push(resolve(dirname(file), name))
  }
  return reached
}

/** @param {string} folder */
function removeEmpty(folder) {
  for (const name of readdirSync(folder)) {
    const place = join(folder, name)
    if (statSync(place).isDirectory()) removeEmpty(place)
  }
  if (existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true })
}
