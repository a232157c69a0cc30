/** An empty TypeScript project of the strictest kind with the packed package installed in it, as a user has it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../source-files.testing.ts'

export interface InstalledProject {
  readonly folder: string
  /** What `npm ls --all` counts: every package that the library alone brought. */
  readonly installed: readonly string[]
  write(path: string, content: string): void
  /** The packed packages by name. */
  readonly archives: Readonly<Record<string, string>>
  /** Runs a program of the project (`tsc`, `vite`, `fovea`) or Node itself; throws with all output when it fails. */
  run(program: string, ...words: string[]): string
  remove(): void
}

const strictest = {
  target: 'ES2023',
  lib: ['ES2024', 'DOM'],
  module: 'NodeNext',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitReturns: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  outDir: 'built',
}

/** `others` are packages by name, in the versions this repository has locked; `more` are specifiers of the registry. */
export function installedProject(others: readonly string[], more: readonly string[] = []): InstalledProject {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-package-'))
  const archives = JSON.parse(npm(root, 'pack', '--workspaces', '--json', '--pack-destination', folder)) as {
    name: string
    filename: string
  }[]
  const archiveOf = (name: string): string => `./${archives.find(archive => archive.name === name)!.filename}`
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>
  }
  const versions = others.map(name => `${name}@${lock.packages[`node_modules/${name}`]!.version}`)
  writeFileSync(join(folder, 'package.json'), '{"name": "user", "private": true, "type": "module"}')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: strictest, include: ['*.ts'] }))
  npm(folder, ...install, archiveOf('fovea'))
  const installed = readdirSync(join(folder, 'node_modules')).filter(name => !name.startsWith('.'))
  npm(
    folder,
    ...install,
    ...['@fovea/pictures', '@fovea/formats', '@fovea/server', '@fovea/cli'].map(archiveOf),
    ...versions,
    ...more,
  )
  return {
    folder,
    installed,
    write(path, content) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    },
    archives: Object.fromEntries(archives.map(({ name, filename }) => [name, join(folder, filename)])),
    run(program, ...words) {
      if (program === 'node') return output(process.execPath, words, folder)
      const manifest = join(folder, 'node_modules', packageOf(program))
      const { bin } = JSON.parse(readFileSync(join(manifest, 'package.json'), 'utf8')) as {
        bin: string | Record<string, string>
      }
      const file = typeof bin === 'string' ? bin : bin[program]!
      return output(process.execPath, [join(manifest, file), ...words], folder)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What the registry has said before is not asked again. */
const install = ['install', '--no-audit', '--no-fund', '--prefer-offline']

const packageOf = (program: string): string => ({ tsc: 'typescript', fovea: '@fovea/cli' })[program] ?? program

function npm(folder: string, ...words: string[]): string {
  const script = process.env['npm_execpath']
  if (script) return output(process.execPath, [script, ...words], folder)
  return output('npm', words, folder)
}

function output(program: string, words: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd, encoding: 'utf8', env: ownEnvironment() })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${status}\n${stdout}\n${stderr}`)
  return stdout
}

/** Without what this repository's npm and vitest set, which a user's shell has not. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_registry)|VITEST|NODE_ENV)/i.test(name)),
  )
}
