import { expect, test } from 'vitest'
import { memorySource } from '../data/memory-source.ts'
import { dense } from '../layers/dense.ts'
import { flatten } from '../layers/shaping.ts'
import { earlyStopping } from '../train/callbacks/early-stopping.ts'
import { classes, points } from '../train/tiny.testing.ts'
import { crossValidate } from './cross-validate.ts'
import { compiled, place, tiny } from './tiny-classifier.testing.ts'

const { sequential } = place()

/** Twelve pictures of 2×2, dark ones and light ones; `held` numbers are told from the first pixel. */
const images = Uint8Array.from({ length: 48 }, (_, at) =>
  at % 4 === 0 ? at / 4 : Math.floor(at / 4) % 2 === 0 ? 20 : 220,
)
const labels = Uint8Array.from({ length: 12 }, (_, at) => at % 2)

function pictureModel() {
  const model = sequential([flatten({ inputShape: [2, 2, 1] }), dense({ units: 2, activation: 'softmax' })])
  model.compile({ ...compiled, metrics: ['accuracy'] })
  return model
}

test('every sample is held out once, of each class as many, and scores are summed up', async () => {
  const { folds, mean, deviation } = await crossValidate(() => tiny().model, points, classes, { folds: 3, epochs: 2 })
  const held = folds.flatMap(fold => [...fold.held])
  expect(held.sort((a, b) => a - b)).toEqual(Array.from({ length: held.length }, (_, at) => at))
  expect(folds.map(({ history }) => history.epoch.length)).toEqual([2, 2, 2])
  const losses = folds.map(({ scores }) => scores.loss)
  const middle = (losses[0]! + losses[1]! + losses[2]!) / 3
  expect(mean.loss).toBeCloseTo(middle, 12)
  expect(deviation.loss).toBeCloseTo(Math.sqrt(losses.reduce((sum, loss) => sum + (loss - middle) ** 2, 0) / 2), 12)
  expect(Object.keys(mean)).toEqual(['loss', 'accuracy'])
})

test('a fold is what fit and evaluate give on the same samples', async () => {
  const source = memorySource({ images, labels, shape: [2, 2, 1], classNames: ['dark', 'light'] })
  const { folds } = await crossValidate(pictureModel, source, {
    folds: 3,
    epochs: 3,
    seed: 4,
    shuffle: false,
    batchSize: 64,
  })
  for (const { held, scores } of folds) {
    const at = (numbers: Iterable<number>) => ({
      images: Uint8Array.from([...numbers].flatMap(number => [...images.subarray(4 * number, 4 * number + 4)])),
      labels: Uint8Array.from(numbers, number => labels[number]!),
    })
    expect([...at(held).labels].sort()).toEqual([0, 0, 1, 1])
    const model = pictureModel()
    await model.fit(at([...labels.keys()].filter(number => !held.includes(number))), {
      epochs: 3,
      seed: 4,
      shuffle: false,
      batchSize: 64,
      verbose: 0,
    })
    const own = await model.evaluate(at(held))
    expect(scores.loss).toBeCloseTo(own.loss, 5)
  }
})

test('a source, arrays of pictures and a data set give the same', async () => {
  const source = memorySource({ images, labels, shape: [2, 2, 1], classNames: ['dark', 'light'] })
  const options = { folds: 2, epochs: 1, seed: 2 }
  const expected = (await crossValidate(pictureModel, source, options)).mean
  const dataset = { name: 'tiny', shape: [2, 2, 1] as const, classNames: ['dark', 'light'], train: source }
  expect((await crossValidate(pictureModel, dataset, options)).mean).toEqual(expected)
  expect((await crossValidate(pictureModel, { images, labels }, options)).mean).toEqual(expected)
  expect((await crossValidate(pictureModel, { shape: [12, 2, 2, 1], data: images }, labels, options)).mean).toEqual(
    expected,
  )
})

test('one-hot labels and nested lists are divided by class too', async () => {
  const x = Array.from({ length: 8 }, (_, at) => [at / 8, 1])
  const y = x.map((_, at) => (at < 4 ? [1, 0] : [0, 1]))
  const build = () => tiny({ loss: 'categoricalCrossentropy' }).model
  const { folds } = await crossValidate(build, x, y, { folds: 4 })
  for (const { held } of folds) expect([...held].map(at => (at < 4 ? 0 : 1)).sort()).toEqual([0, 1])
})

test('groups stay in one fold', async () => {
  const groups = Array.from({ length: 12 }, (_, at) => at >> 2)
  const { folds } = await crossValidate(pictureModel, { images, labels }, { folds: 3, groups })
  expect(folds.map(({ held }) => new Set([...held].map(at => groups[at])).size)).toEqual([1, 1, 1])
})

test('samples to stop early by are held out of those that are trained on', async () => {
  const callbacks = [earlyStopping({ patience: 1 })]
  const options = { folds: 2, epochs: 3, validationSplit: 0.3, callbacks }
  const { folds } = await crossValidate(pictureModel, { images, labels }, options)
  for (const { history } of folds) expect(history.history['val_loss']!.length).toBeGreaterThan(0)
})

test('what does not suit is refused', async () => {
  const { model } = tiny()
  await expect(crossValidate(() => model, points, classes, { folds: 2 })).rejects.toThrow(
    /build gave no new model[\s\S]*the same one again/,
  )
  await expect(crossValidate(() => undefined as never, points, classes)).rejects.toThrow(
    /build gave no new model[\s\S]*undefined/,
  )
  await expect(crossValidate(undefined as never, points, classes)).rejects.toThrow(/build/)
  await expect(crossValidate(() => tiny().model, points, classes, { folds: 1 })).rejects.toThrow(/folds/)
  await expect(crossValidate(() => tiny().model, points, classes, { folds: 10_000 })).rejects.toThrow(
    /fewer samples than folds/,
  )
  await expect(crossValidate(() => tiny().model, points, classes, { validation: 'test' } as never)).rejects.toThrow(
    /does not take validation[\s\S]*validationSplit/,
  )
  await expect(crossValidate(() => tiny().model, points, classes, { epoch: 3 } as never)).rejects.toThrow(/epochs/)
  await expect(crossValidate(() => tiny().model, points, [0, 1])).rejects.toThrow(/equally many samples/)
  await expect(crossValidate(pictureModel, { images, labels }, { groups: [1, 2] })).rejects.toThrow(/groups/)
})

test('aborting rejects with the reason', async () => {
  const abort = new AbortController()
  abort.abort(new Error('enough'))
  await expect(crossValidate(() => tiny().model, points, classes, { folds: 2, signal: abort.signal })).rejects.toThrow(
    'enough',
  )
})
