/** Stochastic weight averaging in a whole training: the mean of the epochs, and batch normalization's statistics for it. */
import { describe, expect, it } from 'vitest'
import { trainingRows } from '../engine/labelled-rows.ts'
import { nodeHost } from '../host/node/host.ts'
import { dense } from '../layers/dense.ts'
import { dropout } from '../layers/noise.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { sgd } from '../optimizer/factories.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { wasmDevice } from '../runtime/wasm-device.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../store/checkpoint.ts'
import type { NamedWeight } from '../store/model-file.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import type { Callback } from './callbacks/callback.ts'
import { stochasticWeightAveraging, type WeightAveragingOptions } from './callbacks/weight-averaging.ts'
import { fit } from './fit.ts'
import type { LoopOptions } from './fit-options.ts'
import { createLearner, type Learner } from './learner.ts'
import { renewStatistics } from './renew-statistics.ts'
import { classes, points, steppedClock } from './tiny.testing.ts'

function learnerOf(device = referenceDevice({ round: Math.fround })): Learner {
  const model = sequential([
    batchNormalization({ inputShape: [2], momentum: 0.7 }),
    dense({ units: 4, activation: 'tanh' }),
    dropout({ rate: 0.2 }),
    batchNormalization(),
    dense({ units: 2, activation: 'softmax' }),
  ])
  return createLearner({
    model,
    setup: { optimizer: sgd({ learningRate: 0.5 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] },
    device,
    clock: steppedClock(100),
    weights: initialWeights(model, 1),
  })
}

const rowsOf = ({ model, targets }: Learner) => trainingRows(model, targets, points, classes)

async function trained(
  averaging: WeightAveragingOptions | undefined,
  options: Partial<LoopOptions> = {},
  learner = learnerOf(),
) {
  const ofEpochs: NamedWeight[][] = []
  const collects: Callback = { onEpochEnd: async (_, __, training) => void ofEpochs.push(await training.weights()) }
  const history = await fit(learner, rowsOf(learner), {
    epochs: 5,
    batchSize: 4,
    seed: 3,
    callbacks: [...(averaging ? [stochasticWeightAveraging(averaging)] : []), collects],
    ...options,
  })
  const weights = await learner.weights()
  return { history, ofEpochs, weights, hash: weightsSha256(weights), learner }
}

const isStatistic = ({ name }: NamedWeight): boolean => name.includes('/moving')

describe('stochastic weight averaging', () => {
  it.each([
    [{ startEpoch: 2 }, [2, 3, 4]],
    [{ startEpoch: 1, every: 2 }, [1, 3]],
  ])('%j: ends with the mean of the epochs %j', async (options, epochs) => {
    const { ofEpochs, weights, learner } = await trained(options)
    const steps = learner.engine.step
    for (const [index, weight] of weights.entries()) {
      if (isStatistic(weight)) continue
      for (const [at, value] of weight.data.entries()) {
        const mean = epochs.reduce((sum, epoch) => sum + ofEpochs[epoch]![index]!.data[at]!, 0) / epochs.length
        expect(value).toBeCloseTo(mean, 5)
      }
    }
    expect(steps).toBe(5 * 4)
  })

  it('gives the first batch normalization the mean and variance of the samples, whatever stood there', async () => {
    const learner = learnerOf()
    const before = await learner.weights()
    await learner.setWeights(
      before.map(weight => (isStatistic(weight) ? { ...weight, data: weight.data.map(() => 9) } : weight)),
    )
    const rows = rowsOf(learner)
    const columns = [0, 1].map(axis => Array.from({ length: 13 }, (_, row) => points[2 * row + axis]!))
    const means = columns.map(values => values.reduce((sum, value) => sum + value, 0) / 13)
    const statistic = async (name: string) => (await learner.weights()).find(weight => weight.name.endsWith(name))!.data
    for (const batchSize of [4, 13]) {
      await renewStatistics(learner, rows, { batchSize, seed: 3 })
      const mean = await statistic('batch_normalization/movingMean')
      for (const axis of [0, 1]) expect(mean[axis]).toBeCloseTo(means[axis]!, 6)
    }
    const variance = await statistic('batch_normalization/movingVariance')
    for (const axis of [0, 1]) {
      const spread = columns[axis]!.reduce((sum, value) => sum + (value - means[axis]!) ** 2, 0) / 13
      expect(variance[axis]).toBeCloseTo(spread, 6)
    }
    const after = await learner.weights()
    for (const [index, weight] of after.entries()) {
      if (!isStatistic(weight)) expect(weight.data).toEqual(before[index]!.data)
    }
    expect(learner.engine.step).toBe(0)
  })

  it('goes on after it was stopped with the bits of an unbroken one, and puts no mean in place before the end', async () => {
    const averaging = { startEpoch: 1 }
    const whole = await trained(averaging)
    const controller = new AbortController()
    let saved: Checkpoint | undefined
    const stopped = await trained(averaging, {
      signal: controller.signal,
      listeners: [event => void (event.type === 'batch-end' && event.step === 14 && controller.abort())],
      saveCheckpoint: async checkpoint => {
        saved = decodeCheckpoint(encodeCheckpoint(checkpoint))
      },
    })
    expect(weightsSha256(saved!.file.weights)).toBe(stopped.hash)
    expect((await trained(averaging, { resume: saved! })).hash).toBe(whole.hash)
    expect((await trained(undefined)).hash).not.toBe(whole.hash)
  })

  it('has the same bits on one thread and on two, and the values of the oracle', async () => {
    const oracle = await trained({ startEpoch: 2 }, {}, learnerOf(referenceDevice()))
    const hashes = []
    for (const threads of [1, 2]) {
      const { model, setup, clock } = learnerOf()
      const learner = createLearner({
        ...{ model, setup, clock, threads },
        device: wasmDevice(nodeHost()),
        weights: initialWeights(model, 1),
      })
      const { hash, weights } = await trained({ startEpoch: 2 }, {}, learner)
      await learner.dispose()
      hashes.push(hash)
      for (const [index, { data }] of oracle.weights.entries()) {
        for (const [at, value] of data.entries()) expect(weights[index]!.data[at]).toBeCloseTo(value, 3)
      }
    }
    expect(hashes[0]).toBe(hashes[1])
  })

  it('changes nothing where no epoch counts', async () => {
    expect((await trained({ startEpoch: 5 })).hash).toBe((await trained(undefined)).hash)
    expect(() => stochasticWeightAveraging({} as never)).toThrow('needs the option "startEpoch"')
  })
})
