/**
 * Gets a checkout ready with Node alone: installs what the lock file names when it is missing or differs, builds every package's
 * `dist` when the sources changed since the last build. Both compare contents, not times (a fresh clone has arbitrary times).
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

// Ctrl-C reaches the child too: let it finish its own way (save, exit 130) and end with its exit code.
process.on('SIGINT', () => {})

/** Runs a program with inherited output; ends this process with its exit code when it fails. */
export function run(/** @type {string} */ program, /** @type {string[]} */ args, options = {}) {
  const code = statusOf(program, args, options)
  if (code !== 0) process.exit(code)
}

/** Runs a program with inherited output and gives its exit code (130 after Ctrl-C). */
export function statusOf(/** @type {string} */ program, /** @type {string[]} */ args, options = {}) {
  const { status, signal, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  if (error) process.stderr.write(`${program}: ${error.message}\n`)
  return signal === 'SIGINT' ? 130 : (status ?? 1)
}

/** The file to run with Node for a package's command: `binOf('typescript', 'tsc')`. */
export function binOf(/** @type {string} */ name, command = name, project = root) {
  const folder = join(project, 'node_modules', name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[command])
}

/** Installs the packages of a project: of the repository, or of a folder with a lock file of its own. */
export function install(project = root) {
  if (installed(project)) return
  const locked = existsSync(join(project, 'package-lock.json'))
  process.stderr.write(`Installing the packages of ${locked ? 'package-lock.json' : 'package.json'} …\n`)
  const npm = process.env['npm_execpath']
  const args = [...(locked ? ['ci'] : ['install', '--no-save']), '--no-audit', '--no-fund']
  // Standard output belongs to the command that needs the packages: it may be one JSON document.
  const stdio = ['inherit', 2, 'inherit']
  // Run through npm, its own script is known; else find `npm` on the path (on Windows a .cmd file, which needs a shell).
  if (npm?.endsWith('js')) run(process.execPath, [npm, ...args], { stdio, cwd: project })
  else run('npm', args, { stdio, cwd: project, shell: process.platform === 'win32' })
}

/** @param {string} project */
function installed(project) {
  const wanted = lockedPackages(join(project, 'package-lock.json'))
  const present = lockedPackages(join(project, 'node_modules/.package-lock.json'))
  if (!wanted || !present) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = present[path]
    return found ? found.version === entry.version : entry.optional || entry.peer
  })
}

/** @returns {Record<string, {version: string, optional?: boolean, peer?: boolean}> | undefined} */
function lockedPackages(/** @type {string} */ file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}

/** In the order of who needs whom. */
const packages = ['fovea', 'pictures', 'formats', 'server', 'cli']
const distOf = (/** @type {string} */ name) => join(root, 'packages', name, 'dist')

/** Says in the command line's `dist`, the last one put in place, which sources all were built from: a build is not shared between checkouts. */
const stamp = '.sources'

/** Compiles every package's `src` to its `dist` unless that has been done for these very sources. */
export function build() {
  if (built(sourcesDigest())) return
  const unlock = lock(join(root, 'node_modules/.cache/fovea-build.lock'))
  let status = 0
  try {
    // Whoever held the lock may have built just this.
    const digest = sourcesDigest()
    if (!built(digest)) status = compile(digest)
  } finally {
    unlock()
  }
  if (status !== 0) process.exit(status)
}

/** @param {string} digest */
function built(digest) {
  const file = join(distOf('cli'), stamp)
  return packages.every(name => existsSync(distOf(name))) && existsSync(file) && readFileSync(file, 'utf8') === digest
}

/** Gives the compiler's exit code. @param {string} digest */
function compile(digest) {
  process.stderr.write('Building the packages …\n')
  // Built aside and moved: nobody ever sees half a build, and files of removed sources disappear.
  const aside = join(root, `dist.${process.pid}`)
  const outOf = (/** @type {string} */ name) => join(aside, name, 'src')
  const types = [binOf('typescript', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', aside]
  const status =
    statusOf(process.execPath, types) ||
    plainImport(join(outOf('fovea'), 'host/node/pictures.js')) ||
    plainImport(join(outOf('fovea'), 'host/node/installed-formats.js')) ||
    withoutComments(packages.map(outOf)) ||
    bundlePage(outOf('cli')) ||
    bundleTar(outOf('fovea')) ||
    bundleCommonjs(...['fovea', 'pictures', 'formats', 'server'].map(outOf)) ||
    statusOf(process.execPath, ['scripts/reached-declarations.mjs', ...packages.map(outOf)]) ||
    statusOf(process.execPath, ['scripts/command.mjs', ...packages.map(outOf)]) ||
    statusOf(process.execPath, ['scripts/unpacked-modules.mjs', ...packages.map(outOf)])
  if (status === 0) {
    writeFileSync(join(outOf('cli'), stamp), digest)
    for (const name of packages) {
      if (existsSync(distOf(name))) renameSync(distOf(name), join(aside, name, 'old'))
      renameSync(outOf(name), distOf(name))
    }
  }
  rmSync(aside, { recursive: true, force: true })
  return status
}

/** Runs the bundler and gives its exit code; what it says of its success is left out. @param {...string} words */
function bundle(...words) {
  const stdio = ['inherit', 'ignore', 'inherit']
  return statusOf(process.execPath, [binOf('rolldown'), ...words], { stdio })
}

/** @param {string} out */
function bundlePage(out) {
  return bundle('--config', 'scripts/page.rolldown.mjs', '--dir', join(out, 'report'))
}

/** The library needs no other package: the one that reads tar archives goes into its own file, with its licence. @param {string} out */
function bundleTar(out) {
  const file = join(out, 'host/node/tar.js')
  const status = bundle(file, '--file', file, '--format', 'esm', '--platform', 'node')
  const licence = readFileSync(join(root, 'node_modules/modern-tar/LICENSE'), 'utf8').trim()
  if (status === 0) writeFileSync(file, `/*! modern-tar\n\n${licence}\n*/\n${readFileSync(file, 'utf8')}`)
  return status
}

/**
 * An import of what need not be there, whose marks bundlers read between its parentheses. The compiler puts a call there, for names that
 * end in `.ts`, and no bundler looks through it. @param {string} file
 */
function plainImport(file) {
  const code = readFileSync(file, 'utf8')
  const helper = /^var __rewriteRelativeImportExtension = [\s\S]*?^};\n/m
  const call = /import\(__rewriteRelativeImportExtension\(([^)]*)\)\)/
  const plain = code.replace(helper, '').replace(call, 'import($1)')
  writeFileSync(file, plain)
  const isPlain = plain !== code && !plain.includes('__rewrite')
  if (!isPlain) process.stderr.write(`${file}: the import is not as the compiler writes it\n`)
  return isPlain ? 0 : 1
}

/** @param {readonly string[]} folders */
const withoutComments = folders => statusOf(process.execPath, [join(root, 'scripts/without-comments.mjs'), ...folders])

/** @param {...string} outs */
const bundleCommonjs = (...outs) => statusOf(process.execPath, [join(root, 'scripts/commonjs.mjs'), ...outs])

/** Waits for the folder that serves as a lock, and makes it; one left behind by a dead process is taken after two minutes. */
function lock(/** @type {string} */ folder) {
  mkdirSync(dirname(folder), { recursive: true })
  for (;;) {
    try {
      mkdirSync(folder)
      return () => rmSync(folder, { recursive: true, force: true })
    } catch {
      const age = existsSync(folder) ? Date.now() - statSync(folder).mtimeMs : 0
      if (age > 120_000) rmSync(folder, { recursive: true, force: true })
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
}

function sourcesDigest() {
  const files = packages
    .flatMap(name => readdirSync(join(root, 'packages', name, 'src'), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile() && !/\.(test|testing)\.ts$/.test(entry.name))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
  const hash = createHash('sha256')
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json']
  const scripts = [
    'scripts/setup.mjs',
    'scripts/page.rolldown.mjs',
    'scripts/command.mjs',
    'scripts/commonjs.mjs',
    'scripts/imports-of.mjs',
    'scripts/reached-declarations.mjs',
    'scripts/unpacked-modules.mjs',
    'scripts/without-comments.mjs',
  ]
  for (const file of [...files.sort(), ...settings, ...scripts]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}
