/**
 * Gets a checkout ready with Node alone: installs the packages when they are missing or differ from the lock file, builds
 * `dist` when the sources changed since the last build. Both compare contents, not times (a fresh clone has arbitrary times).
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
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

/** Says in `dist` itself which sources it was built from: packages may be shared between checkouts, a build is not. */
const stamp = 'dist/.sources'

/** Compiles `src` to `dist` unless that has been done for these very sources. */
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
  const file = join(root, stamp)
  return existsSync(join(root, 'dist/cli/main.js')) && existsSync(file) && readFileSync(file, 'utf8') === digest
}

/** Gives the compiler's exit code. @param {string} digest */
function compile(digest) {
  process.stderr.write('Building dist …\n')
  // Built aside and moved: nobody ever sees half a build, and files of removed sources disappear.
  const aside = join(root, `dist.${process.pid}`)
  const old = `${aside}.old`
  const types = [binOf('typescript', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', aside]
  const status = statusOf(process.execPath, types) || bundlePage(join(aside, 'report/live-page.js'))
  if (status !== 0) {
    rmSync(aside, { recursive: true, force: true })
    return status
  }
  chmodSync(join(aside, 'cli/main.js'), 0o755)
  writeFileSync(join(aside, basename(stamp)), digest)
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old)
  renameSync(aside, join(root, 'dist'))
  rmSync(old, { recursive: true, force: true })
  return 0
}

/**
 * The script of the report's page: all it needs in one file without imports, for pages opened from disk. Gives the bundler's exit code;
 * what it says of its success is left out. @param {string} file
 */
function bundlePage(file) {
  const options = ['--format', 'iife', '--platform', 'browser', '--minify']
  const stdio = ['inherit', 'ignore', 'inherit']
  return statusOf(process.execPath, [binOf('rolldown'), 'src/page/live.ts', '--file', file, ...options], { stdio })
}

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
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !/\.(test|testing)\.ts$/.test(entry.name))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
  const hash = createHash('sha256')
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json', 'scripts/setup.mjs']
  for (const file of [...files.sort(), ...settings]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}
