/** A training whose first epochs are on smaller pictures: one program and one set of states for all sizes. */
import { afterAll, describe, expect, it } from 'vitest'
import { generateShapes } from '../data/shapes.ts'
import { trainingRows } from '../engine/labelled-rows.ts'
import { nodeHost } from '../host/node/host.ts'
import { randomFlip } from '../layers/augmentation.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { globalAveragePooling2d, maxPooling2d } from '../layers/pooling.ts'
import { rescaling } from '../layers/rescaling.ts'
import type { Model } from '../network/model.ts'
import { withResizedPictures } from '../network/resized-pictures.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { adam } from '../optimizer/factories.ts'
import { wasmDevice } from '../runtime/wasm-device.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../store/checkpoint.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import { fit } from './fit.ts'
import type { LoopOptions } from './fit-options.ts'
import { createLearner, type EarlierModel, type Learner } from './learner.ts'
import { steppedClock } from './tiny.testing.ts'

const shapes = generateShapes({ train: 50, test: 20 })
const open: Learner[] = []
afterAll(async () => {
  for (const learner of open) await learner.dispose()
})

const whole = sequential([
  rescaling({ scale: 1 / 255, inputShape: [32, 32, 3] }),
  randomFlip({ mode: 'horizontal' }),
  conv2d({ filters: 6, kernelSize: 3, activation: 'relu' }),
  batchNormalization(),
  maxPooling2d(),
  conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
  globalAveragePooling2d(),
  dense({ units: 10, activation: 'softmax' }),
])
const small = withResizedPictures(whole, [20, 20])
const batches = 4
const first = (epochs: number): EarlierModel => ({ untilStep: epochs * batches, model: small, entry: 'train 20×20' })

function learnerOf(model: Model, earlier: readonly EarlierModel[] = [], threads = 1): Learner {
  const learner = createLearner({
    model,
    earlier,
    setup: { optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] },
    device: wasmDevice(nodeHost()),
    // By this clock a step takes long, so that every group is one step.
    clock: steppedClock(100),
    threads,
    weights: initialWeights(model, 4),
  })
  open.push(learner)
  return learner
}

const rowsOf = ({ model, targets }: Learner, part: 'train' | 'test' = 'train') =>
  trainingRows(model, targets, shapes[part].images, shapes[part].labels)

async function trained(learner: Learner, options: Partial<LoopOptions> = {}) {
  const validation = rowsOf(learner, 'test')
  const history = await fit(learner, rowsOf(learner), { epochs: 3, batchSize: 16, seed: 8, validation, ...options })
  return { history, hash: weightsSha256(await learner.weights()) }
}

describe('epochs on smaller pictures', () => {
  it('have the bits of a training of the smaller network, whose states the whole one then takes over', async () => {
    const before = learnerOf(small)
    await trained(before, { epochs: 2 })
    const after = learnerOf(whole)
    await after.engine.writeStates(await before.engine.readStates(() => true), before.engine.step)
    const { hash } = await trained(after, { initialEpoch: 2 })
    for (const threads of [1, 2]) {
      const both = await trained(learnerOf(whole, [first(2)], threads))
      expect(both.hash).toBe(hash)
    }
    expect((await trained(learnerOf(whole))).hash).not.toBe(hash)
  })

  it('are validated on whole pictures', async () => {
    const learner = learnerOf(whole, [first(1)])
    const { history } = await trained(learner, { epochs: 1 })
    const { logs } = await learner.evaluate(rowsOf(learner, 'test'))
    expect(logs['loss']).toBe(history.history['val_loss']![0])
  })

  it.each([2, 4, 6])('stopped after step %i, go on with the bits of an unbroken training', async step => {
    const unbroken = await trained(learnerOf(whole, [first(1)]))
    const controller = new AbortController()
    let saved: Checkpoint | undefined
    await trained(learnerOf(whole, [first(1)]), {
      signal: controller.signal,
      listeners: [event => void (event.type === 'batch-end' && event.step === step && controller.abort())],
      saveCheckpoint: async checkpoint => {
        saved = decodeCheckpoint(encodeCheckpoint(checkpoint))
      },
    })
    expect(saved!.progress.step).toBe(step)
    expect((await trained(learnerOf(whole, [first(1)]), { resume: saved! })).hash).toBe(unbroken.hash)
  })
})
