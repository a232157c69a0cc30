/** A worker that is gone in the middle of a training: the training ends with an error, and its last checkpoint is one to go on from. */
import { existsSync, readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import type { Host } from '../../packages/fovea/src/base/host.ts'
import { dense, sequential } from '../../packages/fovea/src/index.ts'
import { runRecipe } from '../../packages/fovea/src/runner/run-recipe.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { memoryFiles } from '../../packages/fovea/src/store/memory-files.ts'
import { steppedClock } from '../../packages/fovea/src/train/tiny.testing.ts'
import { tinyDataset, tinyRecipe } from '../../packages/fovea/src/train/tiny-recipe.testing.ts'
import { host } from './runs.testing.ts'

/** Thread 1 is gone when it is asked for a run after so many others, and tells when. */
function dyingAfter(runs: number): Host {
  const source = (whole: string): string =>
    whole.replace('const step =', `if (state.thread === 1 && ++runs > ${runs}) process.exit(1)\n  const step =`)
  return { ...host, startWorker: whole => host.startWorker(`let runs = 0\n${source(whole)}`) }
}

const run = (on: Host, more: object) =>
  runRecipe(tinyRecipe({ epochs: 3 }), tinyDataset(), {
    device: wasmDevice(on, { aloneSeconds: 0 }),
    // By this clock a step takes long: every group is one.
    clock: steppedClock(100),
    threads: 2,
    saveEvery: 1e-9,
    ...more,
  })

it.each([2, 5, 9])(
  'gone after %i runs: an error, and a checkpoint with which the same bits are reached',
  async runs => {
    const straight = await run(host, {})
    const files = memoryFiles()
    await expect(run(dyingAfter(runs), { files, out: 'a' })).rejects.toThrow(
      /A compute thread failed[\s\S]*ended by itself/,
    )
    const resumed = await run(host, { files, resume: 'a' })
    expect(resumed.report.weightsSha256).toBe(straight.report.weightsSha256)
  },
)

/** The engine's own, which is a global only where it is asked for. */
setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

it.skipIf(!existsSync('/proc/self/fd'))('50 trainings leave as many threads, open files and bytes as one', async () => {
  const model = sequential([dense({ units: 2, inputShape: [3], activation: 'softmax' })])
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', threads: 2 })
  const x = { data: Float32Array.from({ length: 96 }, (_, at) => at % 7), shape: [32, 3] }
  const y = Int32Array.from({ length: 32 }, (_, at) => at % 2)
  const once = async () => {
    await model.fit(x, y, { batchSize: 8, verbose: 0 })
    collectGarbage()
    const { heapUsed, external, arrayBuffers } = process.memoryUsage()
    const held = [process.getActiveResourcesInfo().length, readdirSync('/proc/self/fd').length]
    return { held, bytes: heapUsed + external + arrayBuffers }
  }
  await once()
  const after = await once()
  for (let count = 0; count < 48; count++) await once()
  const { held, bytes } = await once()
  // What other suites of this process left may end meanwhile.
  for (const [place, count] of held.entries()) expect(count).toBeLessThanOrEqual(after.held[place]!)
  // Compiled functions of the engine come and go; one program alone has 200 KB.
  expect(bytes - after.bytes).toBeLessThan(1e6)
  await model.dispose()
})
