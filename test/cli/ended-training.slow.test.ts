/** Trainings that end before their last epoch: by Ctrl-C, and when the time given is over. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TrainReport } from '../../packages/fovea/src/run/report.ts'
import { callFovea } from './fovea-call.testing.ts'
import { type Call, type CallOptions, ensureBuilt, fovea, temporaryFolder } from './fovea-process.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

beforeAll(ensureBuilt, 120_000)

/** The one document on standard output. */
const documentOf = <T>(call: Call): T => JSON.parse(call.stdout) as T

const short = ['--limit', '96', '--threads', '1']

test('--minutes: as many epochs as fit, which repeat from the run where the time sufficed for all', async () => {
  const cwd = temporaryFolder()
  writeTinyRecipe(cwd)
  const words = [...short, '--minutes', '0.005', '--json', '--out', 'timed']
  const call = await callFovea(['train', 'tiny.json', ...words], { cwd })
  const timed = documentOf<TrainReport>(call)
  const planned = Number(/0\.005 minutes are (\d+) epoch/.exec(call.stderr)?.[1])
  const again = documentOf<TrainReport>(await callFovea(['train', 'timed', ...short, '--json'], { cwd }))
  expect(again.epochs).toBe(planned)
  // A schedule that went by a little faster may come to its end in as many epochs.
  const hastened = call.stderr.includes('fewer of them, so that training ends in time')
  if (timed.epochs !== planned) expect(hastened).toBe(true)
  if (!hastened) expect(again.weightsSha256).toBe(timed.weightsSha256)
  for (const other of ['--epochs 2', '--resume timed'].map(text => text.split(' '))) {
    const refused = await callFovea(['train', 'tiny.json', '--minutes', '1', ...other], { cwd })
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`--minutes and ${other[0]} exclude`)])
  }
})

describe('Ctrl-C', () => {
  /** Sends signals once, as soon as the second epoch has begun. */
  function inSecondEpoch(...signals: ('SIGINT' | 'SIGTERM')[]): NonNullable<CallOptions['onOutput']> {
    return (written, send) => {
      if (written.includes('Epoch 2/')) for (const signal of signals.splice(0)) send(signal)
    }
  }

  test('ends after the step, saves, exits 130; going on gives the same weights as never having stopped', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd, { epochs: 40 })
    const words = ['train', 'tiny.json', '--limit', '640', '--threads', '1', '--json']
    const stopped = await fovea([...words, '--out', 'stopped'], { cwd, onOutput: inSecondEpoch('SIGINT') })
    expect(stopped.code).toBe(130)
    expect(stopped.stderr).toMatch(/Ending after this step[\s\S]*Next: fovea train tiny\.json --resume stopped/)
    const report = documentOf<TrainReport>(stopped)
    expect(report.test).toBeNull()
    expect(report.epochs).toBeLessThan(40)
    expect(readdirSync(join(cwd, 'stopped'))).toContain('last.ckpt')

    const resumed = documentOf<TrainReport>(await callFovea([...words, '--resume', 'stopped'], { cwd }))
    const straight = documentOf<TrainReport>(await callFovea([...words, '--out', 'straight'], { cwd }))
    expect(resumed.epochs).toBe(40)
    expect(resumed.weightsSha256).toBe(straight.weightsSha256)
    expect(resumed.test).toEqual(straight.test)
  }, 180_000)

  test('compare ends too, and says how to go on', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd, { epochs: 10_000 })
    const words = ['compare', 'tiny.json', 'shapes-mlp', '--limit', '64', '--threads', '1']
    const call = await fovea(words, { cwd, onOutput: inSecondEpoch('SIGINT') })
    expect(call.code).toBe(130)
    expect(call.stdout).toMatch(/Interrupted[\s\S]*Next: fovea train tiny\.json --resume runs/)
    expect(call.stdout).not.toContain('shapes_mlp')
  })

  test('a second signal ends at once', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd, { epochs: 10_000 })
    // Two of one kind could be delivered as one; either kind counts.
    const onOutput = inSecondEpoch('SIGINT', 'SIGTERM')
    const call = await fovea(['train', 'tiny.json', '--limit', '64', '--threads', '1'], { cwd, onOutput })
    expect(call.code).toBe(130)
    expect(call.stdout).not.toContain('Interrupted in epoch')
  })
})
