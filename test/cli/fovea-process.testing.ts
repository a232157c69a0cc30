/** Calls the built program as a user would: a process of its own, words in, exit code and both outputs out. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { root } from '../source-files.testing.ts'

export const bin = join(root, 'packages/cli/bin/fovea.js')

/** Builds `dist` unless it is of these very sources. */
export function ensureBuilt(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the build failed:\n${stderr}`)
}

export interface Call {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CallOptions {
  readonly cwd?: string
  readonly env?: Record<string, string>
  /** Options of Node itself. */
  readonly node?: readonly string[]
  /** Sees both outputs as they grow; may send a signal. */
  readonly onOutput?: (written: string, send: (signal: 'SIGINT' | 'SIGTERM') => void) => void
}

/** Runs `fovea` with these words. Data sets are never fetched. */
export function fovea(words: readonly string[], options: CallOptions = {}): Promise<Call> {
  return callNode([bin, ...words], options)
}

export function callNode(words: readonly string[], { cwd, env, node = [], onOutput }: CallOptions = {}): Promise<Call> {
  const child = spawn(process.execPath, [...node, ...words], {
    cwd: cwd ?? root,
    env: { ...cleanEnvironment(), FOVEA_OFFLINE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const outputs = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      outputs[name] += text
      onOutput?.(outputs.stdout + outputs.stderr, signal => child.kill(signal))
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ code, ...outputs }))
  })
}

/** The caller's environment without what npm, vitest and the user's own Fovea add to it. */
function cleanEnvironment(): Record<string, string> {
  const added = /^(npm_|VITEST|NODE_|FOVEA_|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$)/
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => !added.test(entry[0]) && entry[1] !== undefined,
    ),
  )
}

/** A fresh folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
