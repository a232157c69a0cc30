/** Training on the WebAssembly device as a whole: what threads, stopping and several calls must not change. */
import { afterAll, describe, expect, it } from 'vitest'
import type { Host } from '../base/host.ts'
import { generateShapes } from '../data/shapes.ts'
import { trainingRows } from '../engine/labelled-rows.ts'
import { rowRange } from '../engine/picture-rows.ts'
import type { Clock } from '../engine/steps.ts'
import { nodeHost } from '../host/node/host.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { dropout } from '../layers/noise.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { maxPooling2d } from '../layers/pooling.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { adam } from '../optimizer/factories.ts'
import { wasmDevice } from '../runtime/wasm-device.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../store/checkpoint.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import { fit as train } from './fit.ts'
import type { LoopOptions } from './fit-options.ts'
import { createLearner, type Learner } from './learner.ts'
import { steppedClock } from './tiny.testing.ts'

const shapes = generateShapes({ train: 150, test: 40 })
const host = nodeHost()
const open: Learner[] = []
afterAll(async () => {
  for (const learner of open) await learner.dispose()
})

function makeLearner(threads: number, device = wasmDevice(host), clock: Clock = host): Learner {
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: [32, 32, 3] }),
    conv2d({ filters: 6, kernelSize: 3, strides: 2, activation: 'relu' }),
    batchNormalization(),
    maxPooling2d(),
    flatten(),
    dropout({ rate: 0.3 }),
    dense({ units: 10, activation: 'softmax' }),
  ])
  const learner = createLearner({
    model,
    setup: { optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] },
    device,
    clock,
    threads,
    weights: initialWeights(model, 4),
  })
  open.push(learner)
  return learner
}

const rowsOf = (learner: Learner, part: 'train' | 'test' = 'train') =>
  trainingRows(learner.model, learner.targets, shapes[part].images, shapes[part].labels)

async function trained(threads: number, options: Partial<LoopOptions> = {}) {
  const learner = makeLearner(threads)
  const validation = rowsOf(learner, 'test')
  const history = await train(learner, rowsOf(learner), { epochs: 3, batchSize: 32, seed: 8, validation, ...options })
  return { learner, history, hash: weightsSha256(await learner.weights()) }
}

describe('on WebAssembly', () => {
  it('one and two threads give the same bits, and the loss falls', async () => {
    const one = await trained(1)
    const two = await trained(2)
    expect(two.hash).toBe(one.hash)
    expect(two.history.history).toEqual(one.history.history)
    const losses = one.history.history['loss']!
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
  })

  it('stopped within an epoch and resumed, the bits are those of an unbroken run', async () => {
    const controller = new AbortController()
    let saved: Checkpoint | undefined
    const { history } = await trained(2, {
      signal: controller.signal,
      // A callback after every step makes steps run one by one, so that it ends at exactly this one.
      callbacks: [{ onBatchEnd: (batch, _, { epochs }) => void (epochs === 3 && batch === 2 && controller.abort()) }],
      saveCheckpoint: async checkpoint => {
        saved = decodeCheckpoint(encodeCheckpoint(checkpoint))
      },
    })
    expect([history.endReason, history.steps, saved!.progress.batch]).toEqual(['aborted', 3, 3])
    const resumed = await trained(2, { resume: saved! })
    expect(resumed.hash).toBe((await trained(2)).hash)
  })

  it('a batch of any size may be asked for in between', async () => {
    const whole = await trained(2)
    const learner = makeLearner(2)
    const rows = rowsOf(learner)
    for (const epochs of [1, 2, 3]) {
      await train(learner, rows, { epochs, initialEpoch: epochs - 1, batchSize: 32, seed: 8 })
      await learner.evaluate(rowRange(rows, 0, 7), { batchSize: 7 })
    }
    expect(weightsSha256(await learner.weights())).toBe(whole.hash)
  })

  it('many steps are one message to each worker, unless a callback is asked after every step', async () => {
    let messages = 0
    const counting: Host = {
      ...host,
      startWorker(source) {
        const worker = host.startWorker(source)
        const post: typeof worker.post = (message, transfer) => {
          if ('run' in (message as object)) messages++
          worker.post(message, transfer)
        }
        return { ...worker, post }
      },
    }
    const callsOf = async (work: () => Promise<unknown>): Promise<number> => {
      messages = 0
      await work()
      return messages / 2
    }
    // By this clock a group takes 10 ms, so the next one is four times as large: 1, 4, 14 of 19 steps.
    const learner = makeLearner(2, wasmDevice(counting, { aloneSeconds: 0 }), steppedClock(10))
    const rows = rowsOf(learner)
    const options = { batchSize: 8, epochs: 1 }
    await learner.prepare(8, rows)
    expect(await callsOf(() => train(learner, rows, options))).toBe(3)
    expect(await callsOf(() => learner.evaluate(rows))).toBe(3)
    expect(await callsOf(() => train(learner, rows, { ...options, callbacks: [{ onBatchEnd() {} }] }))).toBe(19)
  })

  it('code for evaluation is made when it is first asked for, and only then', async () => {
    const learner = makeLearner(1)
    const rows = rowsOf(learner)
    await train(learner, rows, { epochs: 1, batchSize: 8 })
    const trained = learner.engine.info!
    await learner.evaluate(rows)
    const evaluated = learner.engine.info!
    await train(learner, rows, { epochs: 2, initialEpoch: 1, batchSize: 8, validation: rows })
    expect(trained.codeBytes).toBeLessThan(evaluated.codeBytes)
    expect(learner.engine.info).toEqual(evaluated)
    expect(learner.engine.compileSeconds).toBe(evaluated.compileSeconds)
    await learner.dispose()
  })

  it('bytes in use stay the same from epoch to epoch', async () => {
    const learner = makeLearner(2)
    const bytes: (number | undefined)[] = []
    const note = () => void bytes.push(learner.engine.info?.memoryBytes)
    await train(learner, rowsOf(learner), { epochs: 4, callbacks: [{ onEpochEnd: note }] })
    expect(new Set(bytes).size).toBe(1)
    expect(bytes[0]).toBeGreaterThan(0)
  })
})
