/** Models that nobody disposes of: their workers end when the garbage collector finds them, and many at once are spoken of. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createModels } from '../../packages/fovea/src/api/models.ts'
import { compiled } from '../../packages/fovea/src/api/tiny-classifier.testing.ts'
import type { Host } from '../../packages/fovea/src/base/host.ts'
import { nodeHost } from '../../packages/fovea/src/host/node/host.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { programsInUse } from '../../packages/fovea/src/runtime/wasm/programs-in-use.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { classes, points } from '../../packages/fovea/src/train/tiny.testing.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** A place that knows how many of its workers run, and what was printed. */
function place() {
  const host = nodeHost()
  let running = 0
  let text = ''
  const counting: Host = {
    ...host,
    startWorker(source) {
      running++
      const worker = host.startWorker(source)
      const terminate = async (): Promise<void> => {
        running--
        await worker.terminate()
      }
      return { ...worker, terminate }
    },
  }
  const models = createModels({
    clock: host,
    device: () => wasmDevice(counting),
    output: {
      isTerminal: false,
      columns: 80,
      write(part) {
        text += part
      },
    },
  })
  const train = async (threads: number) => {
    const model = models.sequential([dense({ units: 2, activation: 'softmax', inputShape: [2] })])
    model.compile({ ...compiled, threads })
    await model.fit(points, classes, { verbose: 0 })
    return model
  }
  return { train, running: () => running, printed: () => text }
}

/** Collects garbage until it is so; whoever is forgotten is found within a few rounds. */
async function untilSo(condition: () => boolean): Promise<boolean> {
  for (let round = 0; round < 200 && !condition(); round++) {
    await new Promise(resolve => setTimeout(resolve, 10))
    collectGarbage()
  }
  return condition()
}

test('a forgotten model gives its workers back, one in use keeps them', async () => {
  const { train, running } = place()
  const kept = await train(2)
  await Promise.all(Array.from({ length: 5 }, () => train(2).then(() => undefined)))
  expect(await untilSo(() => running() === 2)).toBe(true)
  expect(programsInUse()).toBe(1)
  expect((await kept.evaluate(points, classes)).loss).toBeGreaterThan(0)
  await kept.dispose()
  await kept.dispose()
  expect([running(), programsInUse()]).toEqual([0, 0])
})

test('a training that nobody else knows of is not forgotten', async () => {
  const { train } = place()
  const trainings = Array.from({ length: 4 }, () => train(2).then(model => model.countParams().total))
  const collecting = setInterval(collectGarbage, 1)
  expect(await Promise.all(trainings)).toEqual([6, 6, 6, 6])
  clearInterval(collecting)
  await untilSo(() => programsInUse() === 0)
})

test('nobody has to ask for a collection: a search over 40 settings never holds 20 models', async () => {
  const { train, printed } = place()
  const before = programsInUse()
  let most = 0
  for (let forgottenOnes = 0; forgottenOnes < 40; forgottenOnes++) {
    await train(2)
    most = Math.max(most, programsInUse() - before)
  }
  expect(most).toBeLessThan(20)
  expect(printed()).toBe('')
  await untilSo(() => programsInUse() === before)
})

test('many models at once are spoken of once', async () => {
  const { train, printed } = place()
  const models: Awaited<ReturnType<typeof train>>[] = []
  const before = programsInUse()
  while (models.length + before < 32) models.push(await train(1))
  expect(printed()).toBe('')
  for (let more = 0; more < 3; more++) models.push(await train(1))
  expect(printed()).toBe(
    'Warning: 32 models hold memory and threads at once. Call dispose() on those you no longer need.\n',
  )
  for (const model of models) await model.dispose()
  expect(programsInUse()).toBe(before)
})
