/** Training on mixed pictures, as a whole: what is fed, what the loss is, what must not change. */
import { describe, expect, it } from 'vitest'
import { trainingRows } from '../engine/labelled-rows.ts'
import { mixScalars } from '../engine/mixed-batch.ts'
import type { ClassWeight } from '../engine/sample-weights.ts'
import { nodeHost } from '../host/node/host.ts'
import { dense } from '../layers/dense.ts'
import { flatten } from '../layers/shaping.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { cutMix, type Mixing, mixingFromConfig, mixingsOf, mixup } from '../objectives/mixing.ts'
import { adam } from '../optimizer/factories.ts'
import type { Device } from '../runtime/device.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { wasmDevice } from '../runtime/wasm-device.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../store/checkpoint.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import { fit } from './fit.ts'
import type { LoopOptions } from './fit-options.ts'
import { createLearner, type Learner } from './learner.ts'
import { gradientsOnBatch, trainOnBatch } from './single-step.ts'
import { steppedClock } from './tiny.testing.ts'

const [height, width, channels, classes] = [6, 5, 2, 3]
const size = height * width * channels
const count = 13
const images = Uint8Array.from({ length: count * size }, (_, index) => (index * 151 + (index % 7) * 31) % 256)
const labels = Int32Array.from({ length: count }, (_, row) => (row * 5) % classes)

function learnerOf(
  mixing: Mixing | readonly Mixing[] | undefined,
  device: Device = referenceDevice(),
  threads = 1,
): Learner {
  const model = sequential([
    flatten({ inputShape: [height, width, channels] }),
    dense({ units: classes, activation: 'softmax' }),
  ])
  return createLearner({
    model,
    setup: {
      optimizer: adam({ learningRate: 0.01 }),
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
      ...(mixing && { mixing }),
    },
    device,
    threads,
    clock: steppedClock(100),
    weights: initialWeights(model, 1),
  })
}

const rowsOf = ({ model, targets }: Learner, x: Uint8Array | Float32Array, y = labels, classWeight?: ClassWeight) =>
  trainingRows(model, targets, x, y, classWeight ? { classWeight } : {})

/** Row i + 1 for row i, and the first for the last. */
const next = (row: number): number => (row + 1) % count

/** The batch as it is to be mixed at step 0. */
function mixedByHand(mixings: readonly Mixing[], seed: number) {
  const model = learnerOf(undefined).model
  const drawn = mixScalars(mixings, model, seed, 0)
  const value = (row: number, y: number, x: number, channel: number): number =>
    images[((row * height + y) * width + x) * channels + channel]!
  const mixed = Float32Array.from({ length: images.length }, (_, index) => {
    const [row, rest] = [Math.floor(index / size), index % size]
    const [y, x, channel] = [
      Math.floor(rest / (width * channels)),
      Math.floor(rest / channels) % width,
      rest % channels,
    ]
    const inBox = y >= drawn['boxTop']! && y < drawn['boxBottom']! && x >= drawn['boxLeft']! && x < drawn['boxRight']!
    const [own, other] = [value(row, y, x, channel), value(next(row), y, x, channel)]
    return inBox ? other : drawn['mixBlend']! * own + (1 - drawn['mixBlend']!) * other
  })
  return { mixed, share: drawn['mixShare']! }
}

describe('a mixed step', () => {
  const others = labels.map((_, row) => labels[next(row)]!)
  const classWeight = { 0: 1, 1: 3, 2: 0.5 }

  it.each([
    ['mixup', [mixup({ alpha: 1 })], undefined],
    ['cutMix', [cutMix()], undefined],
    ['one of both', [mixup({ alpha: 1 }), cutMix()], undefined],
    ['mixup with class weights', [mixup({ alpha: 1 })], classWeight],
    ['cutMix with class weights', [cutMix()], classWeight],
  ] as const)(
    '%s: the loss is that of both labels on the mixed pictures, and so are the gradients',
    async (_, mixings, weight) => {
      for (const seed of [1, 2, 3]) {
        const { mixed, share } = mixedByHand(mixings, seed)
        const plain = learnerOf(undefined)
        const first = (await plain.evaluate(rowsOf(plain, mixed, labels, weight))).logs['loss']!
        const second = (await plain.evaluate(rowsOf(plain, mixed, others, weight))).logs['loss']!
        const learner = learnerOf(mixings)
        const rows = rowsOf(learner, images, labels, weight)
        const [own, other] = await Promise.all(
          [labels, others].map(y => gradientsOnBatch(plain, rowsOf(plain, mixed, y, weight), 0)),
        )
        for (const [index, { data }] of (await gradientsOnBatch(learner, rows, seed)).entries()) {
          for (const [at, value] of data.entries()) {
            const expected = share * own![index]!.data[at]! + (1 - share) * other![index]!.data[at]!
            expect(Math.abs(value - expected)).toBeLessThan(1e-4 * (1 + Math.abs(expected)))
          }
        }
        const { loss } = await trainOnBatch(learner, rows, seed)
        expect(loss!).toBeCloseTo(share * first + (1 - share) * second, 3)
      }
    },
  )

  it('compares metrics with the first label', async () => {
    const learner = learnerOf(mixup({ alpha: 1 }))
    const plain = learnerOf(undefined)
    const { mixed } = mixedByHand([mixup({ alpha: 1 })], 1)
    const { accuracy } = (await plain.evaluate(rowsOf(plain, mixed))).logs
    expect((await trainOnBatch(learner, rowsOf(learner, images), 1))['accuracy']).toBeCloseTo(accuracy!, 12)
  })

  it('of a single row is not mixed', async () => {
    const one = labels.subarray(0, 1)
    const [mixing, plain] = [learnerOf([mixup({ alpha: 1 }), cutMix()]), learnerOf(undefined)]
    const loss = async (learner: Learner) =>
      (await trainOnBatch(learner, rowsOf(learner, images.subarray(0, size), one), 1))['loss']!
    expect(await loss(mixing)).toBeCloseTo(await loss(plain), 6)
  })
})

describe('what is drawn', () => {
  const { model } = learnerOf(undefined)

  it('a box has the share that its label has', () => {
    for (let step = 0; step < 200; step++) {
      const drawn = mixScalars([cutMix()], model, 4, step)
      const area = (drawn['boxBottom']! - drawn['boxTop']!) * (drawn['boxRight']! - drawn['boxLeft']!)
      expect(drawn['mixShare']).toBe(1 - area / (height * width))
      expect(drawn['boxTop']).toBeGreaterThanOrEqual(0)
      expect(drawn['boxBottom']).toBeLessThanOrEqual(height)
      expect(drawn['boxRight']).toBeLessThanOrEqual(width)
    }
  })

  it('depends on seed and step alone, and takes one of the mixings each step', () => {
    const both = [mixup(), cutMix({ probability: 0.5 })]
    const steps = Array.from({ length: 400 }, (_, step) => mixScalars(both, model, 4, step))
    expect(steps[7]).toEqual(mixScalars(both, model, 4, 7))
    expect(steps[7]).not.toEqual(mixScalars(both, model, 5, 7))
    const laidOver = steps.filter(drawn => drawn['mixBlend']! < 1).length
    expect(laidOver).toBeGreaterThan(150)
    expect(laidOver).toBeLessThan(250)
    const unmixed = steps.filter(drawn => drawn['mixShare'] === 1).length
    expect(unmixed).toBeGreaterThan(70)
    expect(unmixed).toBeLessThan(180)
  })
})

describe('a training on mixed pictures', () => {
  const mixing = [mixup({ alpha: 0.4 }), cutMix()]

  async function trained(device: Device, threads: number, options: Partial<LoopOptions> = {}) {
    const learner = learnerOf(mixing, device, threads)
    const history = await fit(learner, rowsOf(learner, images), { epochs: 3, batchSize: 4, seed: 5, ...options })
    const weights = await learner.weights()
    await learner.dispose()
    return { history, hash: weightsSha256(weights), weights }
  }

  it('has the same bits on any number of threads, and the values of the oracle', async () => {
    const [one, two] = [await trained(wasmDevice(nodeHost()), 1), await trained(wasmDevice(nodeHost()), 2)]
    expect(two.hash).toBe(one.hash)
    const oracle = await trained(referenceDevice(), 1)
    for (const [index, { data }] of oracle.weights.entries()) {
      for (const [at, value] of data.entries()) expect(one.weights[index]!.data[at]).toBeCloseTo(value, 3)
    }
    const plain = learnerOf(undefined)
    await fit(plain, rowsOf(plain, images), { epochs: 3, batchSize: 4, seed: 5 })
    expect(weightsSha256(await plain.weights())).not.toBe(oracle.hash)
  })

  it('goes on after it was stopped with the bits of an unbroken one', async () => {
    const device = () => referenceDevice({ round: Math.fround })
    const controller = new AbortController()
    let saved: Checkpoint | undefined
    await trained(device(), 1, {
      signal: controller.signal,
      listeners: [event => void (event.type === 'batch-end' && event.step === 6 && controller.abort())],
      saveCheckpoint: async checkpoint => {
        saved = decodeCheckpoint(encodeCheckpoint(checkpoint))
      },
    })
    expect(saved!.progress.step).toBe(6)
    expect((await trained(device(), 1, { resume: saved! })).hash).toBe((await trained(device(), 1)).hash)
  })
})

describe('mixing', () => {
  it('is called by its name, with the nearest one for a wrong one', () => {
    expect(mixingFromConfig('mixup', { alpha: 0.3 })).toEqual(mixup({ alpha: 0.3 }))
    expect(() => mixingFromConfig('CutMx')).toThrow("Did you mean 'cutMix'?")
    expect(() => mixup({ alpha: 0 })).toThrow(/"alpha" of Mixing Mixup/)
    expect(() => mixingsOf([])).toThrow('an empty list')
    expect(() => mixingsOf('mixup' as never)).toThrow('mixup(…), cutMix(…)')
  })

  it('refuses models whose inputs cannot be cut', () => {
    const model = sequential([dense({ units: 2, activation: 'softmax', inputShape: [4] })])
    const make = (mixing: Mixing) => () =>
      createLearner({
        model,
        setup: { optimizer: adam(), loss: 'sparseCategoricalCrossentropy', mixing },
        device: referenceDevice(),
        clock: steppedClock(),
        weights: initialWeights(model, 1),
      })
    expect(make(cutMix())).toThrow(/CutMix needs pictures[\s\S]*\(None, 4\)/)
    expect(make(mixup())).not.toThrow()
    const local = sequential([dense({ units: 3, activation: 'softmax', inputShape: [4, 4, 2] })])
    const labelled = { ...model, inputs: local.inputs, outputs: local.outputs }
    expect(() =>
      createLearner({
        model: labelled,
        setup: { optimizer: adam(), loss: 'sparseCategoricalCrossentropy', mixing: cutMix() },
        device: referenceDevice(),
        clock: steppedClock(),
        weights: {},
      }),
    ).toThrow(/labels of whole pictures[\s\S]*\(None, 4, 4, 3\)/)
  })
})
