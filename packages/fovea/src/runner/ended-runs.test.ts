/** Runs that end at any file they write, as a process does that is killed there, and are gone on with. */
import { describe, expect, it } from 'vitest'
import type { Files } from '../base/host.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { readRunFile } from '../run/run-file.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { decodeCheckpoint } from '../store/checkpoint.ts'
import { memoryFiles } from '../store/memory-files.ts'
import type { TrainEvent } from '../train/events.ts'
import { steppedClock } from '../train/tiny.testing.ts'
import { tinyDataset, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import type { RunRecipeOptions } from './recipe-job.ts'
import { runRecipe } from './run-recipe.ts'

class Killed extends Error {}

/** The n-th write is not made, and none after it; `ended` tells whether there was one. */
function endingAt(files: Files, n: number) {
  const state = { count: 0, ended: false }
  const counted = <Work extends (...words: never[]) => Promise<void>>(work: Work) =>
    (async (...words: Parameters<Work>) => {
      state.ended ||= ++state.count === n
      if (state.ended) throw new Killed()
      return work(...words)
    }) as unknown as Work
  const own: Files = { ...files, write: counted(files.write), append: counted(files.append) }
  return { state, files: own }
}

const run = (recipe: Partial<RecipeConfig>, options: Partial<RunRecipeOptions>) =>
  runRecipe(tinyRecipe(recipe), tinyDataset(), {
    device: referenceDevice({ round: Math.fround }),
    // By this clock a step takes long: every group is one step, and each of them saves.
    clock: steppedClock(100),
    saveEvery: 1 / 600_000,
    ...options,
  })

const stopping = { callbacks: [{ type: 'EarlyStopping', config: { monitor: 'loss', mode: 'max', patience: 1 } }] }

describe.each([
  ['to its last epoch', {}, 'completed'],
  ['stopped by a callback', { epochs: 6, ...stopping }, 'stopped'],
  [
    'whose last weights are averages',
    { optimizer: { type: 'Adam', config: { useEma: true } }, test: 'last' as const },
    'completed',
  ],
])('a run %s', (_, recipe, reason) => {
  it('ended at any write and gone on with comes to the same result', async () => {
    const straight = await run(recipe, { files: memoryFiles(), out: 'a' })
    expect(straight.endReason).toBe(reason)
    let [n, places] = [1, new Set<string>()]
    for (; ; n++) {
      const files = memoryFiles()
      const first = endingAt(files, n)
      const outcome = run(recipe, { files: first.files, out: 'a' })
      if (
        !first.state.ended &&
        (await outcome.then(
          () => true,
          () => false,
        ))
      )
        break
      await expect(outcome).rejects.toThrow(Killed)
      const isBegun = await files.exists('a/run.jsonl')
      if (await files.exists('a/last.ckpt')) {
        const { epoch, batch } = decodeCheckpoint(await files.read('a/last.ckpt')).progress
        places.add(`${epoch}.${batch}`)
      }
      // A second one ends as well, further on.
      if (isBegun && n % 3 === 0) await run(recipe, { files: endingAt(files, 4).files, resume: 'a' }).catch(() => {})
      const { report, endReason } = await run(recipe, { files, ...(isBegun ? { resume: 'a' } : { out: 'a' }) })
      expect([n, endReason]).toEqual([n, reason])
      expect(report.weightsSha256).toBe(straight.report.weightsSha256)
      expect(report.test).toEqual(straight.report.test)
      const losses = ({ history }: typeof report) => history.map(({ loss, valLoss }) => [loss, valLoss])
      expect(losses(report)).toEqual(losses(straight.report))
      expect(await files.exists('a/result.json')).toBe(true)
    }
    expect(n).toBeGreaterThan(20)
    // Within epochs as well as between them.
    expect([...places].filter(place => !place.endsWith('.0')).length).toBeGreaterThan(5)
  })
})

it('a run goes on from the checkpoint before, and says so, where the last one is damaged', async () => {
  const straight = await run({}, { files: memoryFiles(), out: 'a' })
  const files = memoryFiles()
  await run({}, { files: endingAt(files, 30).files, out: 'a' }).catch(() => {})
  const bytes = await files.read('a/last.ckpt')
  bytes[bytes.length - 1]! ^= 1
  await files.write('a/last.ckpt', bytes)
  const said: string[] = []
  const { report } = await run(
    {},
    {
      files,
      resume: 'a',
      onEvent: event => void (event.type === 'message' && event.level === 'warning' && said.push(event.text)),
    },
  )
  expect(said.join('\n')).toMatch(/last\.ckpt is damaged.*goes on from the checkpoint before, a\/last-before\.ckpt/)
  expect(report.weightsSha256).toBe(straight.report.weightsSha256)
})

it('a run in minutes keeps its limit and the pace of its schedule', async () => {
  const files = memoryFiles()
  const first = await run({}, { files, out: 'a', minutes: 0.2 })
  const { callbacks } = decodeCheckpoint(await files.read('a/last.ckpt')).progress
  const [, kept] = Object.entries(callbacks).find(([name]) => name.endsWith('timeLimit'))!
  expect(kept).toMatchObject({ seconds: 12, factor: expect.any(Number), over: expect.any(Number) })
  expect(first.report.epochs).toBeGreaterThan(0)
})

it('a run that cannot save ends, or is kept on training where that is asked for', async () => {
  const full = (files: Files, from: number, to: number): Files => {
    let count = 0
    return {
      ...files,
      async write(path, bytes, former) {
        if (path.endsWith('.ckpt') && ++count > from && count <= to) {
          const { UserError } = await import('../base/errors.ts')
          throw new UserError({ what: `${path} cannot be written`, received: 'the disk is full' })
        }
        return files.write(path, bytes, former)
      },
    }
  }
  const straight = await run({}, { files: memoryFiles(), out: 'a' })
  await expect(run({}, { files: full(memoryFiles(), 2, 1e9), out: 'a' })).rejects.toThrow(/the disk is full/)
  const said: string[] = []
  const keeping = (files: Files) =>
    run(
      {},
      {
        files,
        out: 'a',
        keepTraining: true,
        onEvent: event => void (event.type === 'message' && event.level === 'warning' && said.push(event.text)),
      },
    )
  const forAWhile = memoryFiles()
  const kept = await keeping(full(forAWhile, 2, 4))
  expect(said.filter(text => /the disk is full\. Training goes on/.test(text))).toHaveLength(1)
  expect(kept.unsaved).toEqual([])
  expect(kept.report.weightsSha256).toBe(straight.report.weightsSha256)
  expect(decodeCheckpoint(await forAWhile.read('a/last.ckpt')).progress.epoch).toBe(3)
  const forEver = memoryFiles()
  expect((await keeping(full(forEver, 2, 1e9))).unsaved).toEqual(['a/last.ckpt'])
  expect(decodeCheckpoint(await forEver.read('a/last.ckpt')).progress.epoch).toBe(0)
})

describe('a run directory that is emptied in the middle of a training', () => {
  const emptiedAt = async (isThen: (event: TrainEvent) => boolean): Promise<Files> => {
    const files = memoryFiles()
    await run(
      { epochs: 4, test: 'best' },
      {
        ...{ files, out: 'a' },
        async onEvent(event) {
          if (!isThen(event)) return
          for (const name of await files.list('a')) await files.remove(files.join('a', name))
        },
      },
    )
    return files
  }

  it('has its whole story again, and what was saved since', async () => {
    const files = await emptiedAt(event => event.type === 'epoch-end' && event.epoch === 1)
    const types = readRunFile(await files.read('a/run.jsonl'), 'run.jsonl').map(({ type }) => type)
    expect(types[0]).toBe('run')
    expect(types.filter(type => type === 'epoch-end')).toHaveLength(4)
  })

  it('and has no better epoch since: its weights are gone, which is said', async () => {
    await expect(emptiedAt(({ type }) => type === 'train-end')).rejects.toThrow(
      /a\/best\S+ is gone: it held the weights that are tested/,
    )
  })
})
