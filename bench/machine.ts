/** What a measurement is dated and signed with. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { BenchDocument } from './document.ts'

/** The repository: one folder up in the sources, two when compiled into `dist.bench/bench`. */
export const root = ['..', '../..']
  .map(up => join(import.meta.dirname, up))
  .find(folder => existsSync(join(folder, 'package.json')))!

export function signature(): Pick<BenchDocument, 'date' | 'commit' | 'machine'> {
  const processors = cpus()
  return {
    date: new Date().toISOString(),
    commit: git('describe', '--always', '--dirty', '--abbrev=12') ?? 'unknown',
    machine: { cpu: processors[0]?.model.trim() ?? 'unknown', cores: processors.length, memoryBytes: totalmem() },
  }
}

export function ownVersions(): Record<string, string> {
  const { version } = JSON.parse(readFileSync(join(root, 'packages/fovea/package.json'), 'utf8')) as { version: string }
  return { fovea: version, node: process.versions.node, v8: process.versions.v8 }
}

function git(...args: string[]): string | undefined {
  const { stdout, status } = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
