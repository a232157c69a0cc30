/** Entries are compiled when they are asked for, each once, and all see the same states. */
import { describe, expect, it } from 'vitest'
import { createModels } from '../api/models.ts'
import { nodeHost } from '../host/node/host.ts'
import { dense } from '../layers/dense.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { zooModel } from '../network/zoo/zoo.ts'
import { sgd } from '../optimizer/factories.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { wasmDevice } from '../runtime/wasm-device.ts'
import { fit as train } from '../train/fit.ts'
import { gradientsOnBatch, trainOnBatch } from '../train/single-step.ts'
import { classes, points, tinyLearner, tinyRows } from '../train/tiny.testing.ts'
import { fillBatch } from './batches.ts'
import { createEngine } from './engine.ts'
import { createEvaluator } from './evaluator.ts'
import { trainingRows } from './labelled-rows.ts'
import { rowRange } from './picture-rows.ts'
import { createPredictor } from './predictor.ts'
import { recording } from './recording-device.testing.ts'
import { inputRows } from './rows.ts'

const host = nodeHost()
const objectives = { loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] } as const

function tinyClassifier() {
  const recorded = recording(referenceDevice({ round: Math.fround }))
  const output = { isTerminal: false, columns: 80, write: () => {} }
  const { sequential } = createModels({ clock: host, device: () => recorded.device, output })
  const model = sequential([dense({ units: 2, activation: 'softmax', inputShape: [2] })])
  return { model, recorded }
}

describe('what is compiled', () => {
  it('to measure a saved cifar10-cnn-optimized: the entry that measures, without an optimizer, in little memory', async () => {
    const model = zooModel('cifar10-cnn-optimized').build()
    const recorded = recording(wasmDevice(host))
    const engine = createEngine({ device: recorded.device, threads: 2, states: initialWeights(model, 1) })
    const loss = 'categoricalCrossentropy'
    const evaluator = createEvaluator({ model, objectives: { loss, metrics: ['accuracy'] }, engine, clock: host })
    const images = Uint8Array.from({ length: 40 * 32 * 32 * 3 }, (_, index) => (index * 7919) % 251)
    const rows = trainingRows(model, evaluator.targets, images, new Uint8Array(40))
    try {
      await evaluator.evaluate(rows)
      expect(recorded.compiled).toEqual(['evaluate'])
      // With the training step, as it was once, 51 MB.
      expect(engine.info!.memoryBytes).toBeLessThan(15e6)
      await createPredictor(model, engine, host).predict(rowRange(rows, 0, 3))
      await evaluator.evaluate(rows)
      expect(recorded.compiled).toEqual(['evaluate', 'predict'])
    } finally {
      await engine.dispose()
    }
  })

  it('evaluate, then predict: each once, however often they are asked', async () => {
    const { model, recorded } = tinyClassifier()
    model.compile({ optimizer: 'sgd', ...objectives })
    for (let time = 0; time < 3; time++) {
      await model.evaluate(points, classes)
      await model.predict(points)
    }
    expect(recorded.compiled).toEqual(['evaluate', 'predict'])
  })

  it('fit with validation: training once and evaluation once, and a later fit none', async () => {
    const { model, recorded } = tinyClassifier()
    model.compile({ optimizer: 'adam', ...objectives })
    const options = { epochs: 3, batchSize: 4, validationSplit: 0.3, verbose: 0 } as const
    await model.fit(points, classes, options)
    await model.fit(points, classes, options)
    expect(recorded.compiled).toEqual(['train', 'evaluate'])
  })

  it('one picture, then a few, then fewer: prediction grows once', async () => {
    const { model, recorded } = tinyClassifier()
    for (const count of [1, 5, 7, 32, 2]) await model.predict(points.subarray(0, 2 * Math.min(13, count)))
    expect(recorded.compiled).toEqual(['predict', 'predict'])
  })
})

describe('the states', () => {
  it('are those of the last training step for every entry, and survive the program', async () => {
    const learner = tinyLearner()
    const rows = tinyRows(learner)
    const { engine, model } = learner
    const predictor = createPredictor(model, engine, host)
    const predict = async () => Object.values((await predictor.predict(rows)).predictions)[0]!
    const before = await predict()
    const untrained = await learner.evaluate(rows)
    await train(learner, rows, { epochs: 3, batchSize: 4 })
    const after = await predict()
    expect(after).not.toEqual(before)
    expect(Object.values((await learner.evaluate(rows)).predictions)[0]).toEqual(after)
    expect((await learner.evaluate(rows)).logs['loss']).toBeLessThan(untrained.logs['loss']!)
    const slots = await learner.slots()
    await engine.dispose()
    expect(engine.info).toBeUndefined()
    expect(await predict()).toEqual(after)
    expect(await learner.slots()).toEqual(slots)
    expect(engine.step).toBe(12)
  })

  it('change where they are written, for entries that are there and for those to come', async () => {
    const learner = tinyLearner()
    const other = tinyLearner({ seed: 9 })
    const rows = tinyRows(learner)
    await learner.evaluate(rows)
    await learner.setWeights(await other.weights())
    expect((await learner.evaluate(rows)).logs).toEqual((await other.evaluate(rows)).logs)
    await train(learner, rows, { epochs: 1, batchSize: 4 })
    await train(other, rows, { epochs: 1, batchSize: 4 })
    expect(await learner.weights()).toEqual(await other.weights())
  })
})

describe('steps are counted in one place', () => {
  it('of two calls at once, the second is the next step; gradients and evaluation count for nothing', async () => {
    const [together, apart] = [tinyLearner({ dropout: true }), tinyLearner({ dropout: true })]
    const rows = tinyRows(together)
    await Promise.all([
      trainOnBatch(together, rows, 3),
      trainOnBatch(together, rows, 3),
      gradientsOnBatch(together, rows, 3),
    ])
    for (let step = 0; step < 2; step++) await trainOnBatch(apart, rows, 3)
    await apart.evaluate(rows)
    expect([together.engine.step, apart.engine.step]).toEqual([2, 2])
    expect(await together.weights()).toEqual(await apart.weights())
  })

  it.each([
    ['reference', () => referenceDevice({ round: Math.fround })],
    ['wasm', () => wasmDevice(host)],
  ] as const)('a step whose rows cannot be had is none, those before it are done: %s', async (_, device) => {
    const [cut, whole] = [tinyLearner({ device: device() }), tinyLearner({ device: device() })]
    const rows = tinyRows(cut)
    const train = (learner: typeof cut, steps: number, last: number) =>
      learner.train(rows, { batch: 4, match: 'atLeast' }, 1, steps, (step, slots) => {
        if (step > last) throw new Error('no such file')
        return fillBatch(rows, undefined, step, 4, slots)
      })
    await expect(train(cut, 5, 2)).rejects.toThrow('no such file')
    expect(cut.engine.step).toBe(3)
    await train(whole, 3, 2)
    expect(await cut.weights()).toEqual(await whole.weights())
    await trainOnBatch(cut, rows, 1)
    expect(cut.engine.step).toBe(4)
    for (const learner of [cut, whole]) await learner.dispose()
  })

  it('a prediction may be asked for while training runs', async () => {
    const { model } = tinyClassifier()
    model.compile({ optimizer: 'sgd', ...objectives })
    let asked: Promise<unknown> | undefined
    const training = model.fit(points, classes, {
      epochs: 2,
      batchSize: 4,
      verbose: 0,
      onEvent(event) {
        if (event.type === 'batch-end') asked ??= model.predict(points)
      },
    })
    expect((await training).epochs.length).toBe(2)
    expect(await asked).toMatchObject({ shape: [13, 2] })
  })
})

describe('rows of a step', () => {
  it('evaluation takes as many as training, since the last bits of averages depend on it', async () => {
    const recorded = recording(referenceDevice({ round: Math.fround }))
    const learner = tinyLearner({ device: recorded.device })
    const rows = tinyRows(learner)
    await learner.evaluate(rows, { batchSize: 5 })
    await train(learner, rows, { epochs: 1, batchSize: 4, validation: rows })
    await learner.evaluate(rows, { batchSize: 13 })
    const evaluations = recorded.runs.filter(({ entry }) => entry === 'evaluate').flatMap(run => run.rows)
    expect(evaluations).toEqual([5, 5, 3, 4, 4, 4, 1, 4, 4, 4, 1])
  })

  it('are fed as bytes where all are bytes, and as floats from the first ones that are not', async () => {
    const model = sequential([dense({ units: 2, inputShape: [2] })])
    const recorded = recording(referenceDevice())
    const engine = createEngine({ device: recorded.device, states: initialWeights(model, 1) })
    const predictor = createPredictor(model, engine, host)
    const bytes = Uint8Array.of(1, 2, 3, 4)
    const ask = async (data: Uint8Array | Float32Array) =>
      (await predictor.predict(inputRows(model, data))).predictions['dense']
    const expected = await ask(bytes)
    expect(await ask(Float32Array.from(bytes))).toEqual(expected)
    expect(await ask(bytes)).toEqual(expected)
    expect(recorded.compiled).toEqual(['predict', 'predict'])
  })
})

it('an optimizer is not needed to measure', async () => {
  const learner = tinyLearner({ optimizer: sgd() })
  const engine = createEngine({
    device: referenceDevice({ round: Math.fround }),
    states: Object.fromEntries((await learner.weights()).map(({ name, data }) => [name, data])),
  })
  const evaluator = createEvaluator({ model: learner.model, objectives, engine, clock: host })
  const rows = tinyRows(learner)
  expect((await evaluator.evaluate(rows)).logs).toEqual((await learner.evaluate(rows)).logs)
})
