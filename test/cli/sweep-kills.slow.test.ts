/**
 * A sweep that two processes share, and that is killed twenty times on the way, ends with the table of one that nobody disturbed. Processes
 * are killed as they are: in the middle of a step, a file, a line of the journal.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { SweepDocument } from '../../packages/cli/src/sweep/document.ts'
import { keyOf, uniform } from '../../packages/fovea/src/base/random.ts'
import { bin, ensureBuilt, fovea, temporaryFolder } from './fovea-process.testing.ts'
import { tinyRecipe } from './tiny-recipe.testing.ts'

beforeAll(ensureBuilt, 120_000)

const kills = 20
const vary = ['--vary', 'learningRate=1e-4..1', '--vary', 'dropout=0,0.3', '--vary', 'batchSize=16,32']

test('killed twenty times and shared by two processes, it ends with the same table', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'tiny.json'), JSON.stringify(tinyRecipe({ epochs: 9 })))
  const words = (out: string) => [
    ...['sweep', 'tiny.json', ...vary, '--trials', '40', '--limit', '1000', '--threads', '1', '--json', '--out', out],
  ]
  const undisturbed = await fovea(words('calm'), { cwd: folder })
  expect(undisturbed.code, undisturbed.stderr).toBe(0)

  const journal = join(folder, 'wild', 'journal.jsonl')
  const start = (): ChildProcess => spawn(process.execPath, [bin, ...words('wild')], { cwd: folder, stdio: 'ignore' })
  const running = [start(), start()]
  const key = keyOf(16)
  for (let kill = 0; kill < kills; kill++) {
    const index = kill % 2
    const victim = running[index]!
    await hasClaimed(journal, victim)
    // Anywhere in a piece, or between two.
    await wait(300 * uniform(key, kill))
    expect(victim.exitCode, 'the sweep was done before it was killed often enough').toBeNull()
    const ended = new Promise(resolve => victim.once('exit', resolve))
    victim.kill('SIGKILL')
    await ended
    running[index] = start()
  }
  await Promise.all(running.map(each => each.exitCode ?? new Promise(resolve => each.once('exit', resolve))))
  expect(running.map(({ exitCode }) => exitCode)).toEqual([0, 0])

  const disturbed = await fovea(words('wild'), { cwd: folder })
  const table = (text: string) => {
    const { trials, importance, winner } = JSON.parse(text) as SweepDocument
    return { trials, importance, winner: { ...winner, runDir: '' } }
  }
  expect(table(disturbed.stdout)).toEqual(table(undisturbed.stdout))
  expect(table(disturbed.stdout).trials).toHaveLength(40)
  const claims = readFileSync(journal, 'utf8')
    .split('\n')
    .filter(line => line.includes('"claim"'))
  const workers = new Set(claims.map(line => JSON.parse(line).worker))
  expect(workers.size).toBeGreaterThanOrEqual(kills)
}, 900_000)

const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Resolves when this process has taken a piece. */
async function hasClaimed(journal: string, child: ChildProcess): Promise<void> {
  const claim = new RegExp(`"claim".*"worker":"\\S+ ${child.pid}-`)
  while (child.exitCode === null && !(existsSync(journal) && claim.test(readFileSync(journal, 'utf8')))) await wait(5)
}
