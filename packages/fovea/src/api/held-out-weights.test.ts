/**
 * Weights and held-out samples: every way to give validation, with every kind of weight. Weights of samples go with the samples;
 * weights of classes are for training alone (Keras's rules). So the validation loss is what `evaluate` gives for those samples.
 */
import { describe, expect, it } from 'vitest'
import { splitIndices, type ValidationOptions } from '../data/split.ts'
import { dense } from '../layers/dense.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { apply } from '../layers/tensor.ts'
import { input } from '../network/functional.ts'
import { place, quiet } from './tiny-classifier.testing.ts'

const count = 12
const held = [7, 8, 9, 10, 11]
const bytes = Uint8Array.from({ length: 2 * count }, (_, i) => (i * 67) % 256)
const labels = Int32Array.from({ length: count }, (_, i) => (i * 5 + (i >> 2)) % 3)
const all = Float32Array.from({ length: count }, (_, i) => ((i * 7) % 5) / 2)
const perClass = { 0: 1, 1: 5, 2: 0.25 }
const dataset = {
  name: 'dots',
  shape: [1, 2, 1] as const,
  classNames: ['a', 'b', 'c'],
  train: { images: bytes, labels, count },
  test: { images: bytes.slice(0, 8), labels: labels.slice(0, 4), count: 4 },
}

const rows = (indices: readonly number[]): Uint8Array =>
  Uint8Array.from(indices.flatMap(i => [bytes[2 * i]!, bytes[2 * i + 1]!]))
const pick = (values: ArrayLike<number>, indices: readonly number[]): number[] => indices.map(i => values[i]!)
const range = (begin: number, end: number): number[] => Array.from({ length: end - begin }, (_, i) => begin + i)
const everyone = range(0, count)

/** What `fit` is given; who is trained on, who is held out, and whose weights the held-out samples have. */
interface Way {
  readonly fit: 'arrays' | 'pictures' | 'dataset'
  readonly options: object
  readonly trained: readonly number[]
  readonly validated: readonly number[]
  readonly weighted: 'split' | 'own' | 'none'
}

const byRule = (rule: ValidationOptions): Way => {
  const { train, validation } = splitIndices(dataset.train, rule)
  return {
    fit: 'dataset',
    options: { validation: rule },
    trained: [...train],
    validated: [...validation],
    weighted: 'split',
  }
}
const given = (validationData: unknown, weighted: Way['weighted'] = 'none'): Way => ({
  ...{ fit: 'arrays', options: { validationData }, trained: everyone, validated: held, weighted },
})
const split = { options: { validationSplit: 0.4 }, trained: range(0, 7), validated: held, weighted: 'split' } as const
const y = pick(labels, held)
const ownWeights = [1, 3, 0, 0.5, 2]

const ways: Record<string, Way> = {
  'validationSplit of arrays': { fit: 'arrays', ...split },
  'validationSplit of a part of a data set': { fit: 'pictures', ...split },
  'validationSplit of a data set': { fit: 'dataset', ...split },
  'a pair': given([rows(held), y]),
  'a triple': given([rows(held), y, ownWeights], 'own'),
  'a record': given({ x: rows(held), y }),
  'a record with weights': given({ x: rows(held), y, sampleWeight: ownWeights }, 'own'),
  'a part of a data set': given({ images: rows(held), labels: Int32Array.from(y) }),
  'validationData of a data set': { ...given([rows(held), y]), fit: 'dataset' },
  count: byRule({ count: 5 }),
  fraction: byRule({ fraction: 0.25 }),
  seeded: byRule({ fraction: 0.4, kind: 'seeded', seed: 3 }),
  stratified: byRule({ count: 6, kind: 'stratified' }),
  'the test part': {
    ...{
      fit: 'dataset',
      options: { validation: 'test' },
      trained: everyone,
      validated: [0, 1, 2, 3],
      weighted: 'none',
    },
  },
}

const sampleWeights: Record<string, unknown> = {
  none: undefined,
  list: [...all],
  typed: all,
  column: { shape: [count, 1], data: all },
  byOutput: { kind: all },
}
const classWeights = {
  none: undefined,
  record: perClass,
  list: [1, 5, 0.25],
  tensor: { shape: [3], dataSync: () => Float32Array.of(1, 5, 0.25) },
  view: { shape: [3], stride: [-2], offset: 4, data: [0.25, 9, 5, 9, 1] },
  map: new Map(Object.entries(perClass).map(([c, w]) => [Number(c), w])),
}
const combinations = Object.keys(ways).flatMap(way =>
  Object.keys(sampleWeights).flatMap(sample =>
    (Object.keys(classWeights) as (keyof typeof classWeights)[]).map(byClass => [way, sample, byClass] as const),
  ),
)

function make(metrics = ['acc']) {
  const model = place().sequential([
    rescaling({ scale: 1 / 255, inputShape: [1, 2, 1] }),
    flatten(),
    dense({ units: 3, activation: 'softmax', name: 'kind' }),
  ])
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics })
  return model
}

describe('held-out samples', () => {
  it.each(combinations)('%s, sampleWeight %s, classWeight %s', async (name, sample, byClass) => {
    const way = ways[name]!
    const weights = { sampleWeight: sampleWeights[sample], classWeight: classWeights[byClass] }
    const chosen = Object.fromEntries(Object.entries(weights).filter(([, value]) => value !== undefined))
    const options = { batchSize: 4, shuffle: false, ...quiet, ...chosen, ...way.options }
    const model = make()
    const { history } = await (way.fit === 'arrays'
      ? model.fit(bytes, labels, options)
      : model.fit(way.fit === 'dataset' ? dataset : dataset.train, options))

    // The weights of training: of the samples trained on, times those of their classes.
    const trainedWeights = way.trained.map(
      i => (sample === 'none' ? 1 : all[i]!) * (byClass === 'none' ? 1 : perClass[labels[i] as 0 | 1 | 2]),
    )
    const plain = make()
    const alone = await plain.fit(rows(way.trained), pick(labels, way.trained), {
      ...{ batchSize: 4, shuffle: false, ...quiet, sampleWeight: trainedWeights },
    })
    expect(history['loss']![0]).toBeCloseTo(alone.history['loss']![0]!, 6)
    expect(history['acc']).toEqual(alone.history['acc'])

    const ofHeld = { split: sample === 'none' ? undefined : pick(all, way.validated), own: ownWeights, none: undefined }
    const sampleWeight = ofHeld[way.weighted]
    const scores = await plain.evaluate(
      rows(way.validated),
      pick(labels, way.validated),
      sampleWeight ? { sampleWeight } : {},
    )
    expect(history['val_loss']![0]).toBeCloseTo(scores.loss, 6)
    expect(history['val_acc']![0]).toBeCloseTo(scores['acc']!, 6)
  })

  it('of several outputs keep the weights of each', async () => {
    const x = input({ shape: [2], name: 'x' })
    const ends = ['left', 'right'].map(name => apply(dense({ units: 3, activation: 'softmax', name }), x))
    const model = place().model({ inputs: x, outputs: ends })
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' })
    const both = { left: labels, right: labels }
    const data = Float32Array.from(bytes, value => value / 255)
    const options = { ...quiet, sampleWeight: { right: all }, validationSplit: 0.4, shuffle: false }
    const { history } = await model.fit(data, both, options)
    const part = { left: y, right: y }
    const scores = await model.evaluate(data.subarray(14), part, { sampleWeight: { right: pick(all, held) } })
    for (const name of ['loss', 'left_loss', 'right_loss']) {
      expect(history[`val_${name}`]![0]).toBeCloseTo(scores[name]!, 6)
    }
    await expect(model.fit(data, both, { ...options, classWeight: perClass })).rejects.toThrow(/which output/)
  })

  it('take weights for the whole training part of a data set, whatever is held out of it', async () => {
    const fit = make().fit(dataset, { validation: { count: 5 }, sampleWeight: all.slice(5), ...quiet })
    await expect(fit).rejects.toThrow(/12 weights[\s\S]*7/)
    await expect(make().fit(dataset, { validation: 'last' as never, ...quiet })).rejects.toThrow(/"test", "none"/)
  })
})

describe('weights that cannot be', () => {
  it.each([
    ['two per sample', { sampleWeight: { shape: [12, 2], data: new Float32Array(24) } }, /several weights per sample/],
    ['a negative one', { sampleWeight: [...all.slice(1), -1] }, /≥ 0[\s\S]*-1/],
    ['text', { sampleWeight: [...all.slice(1), 'much'] }, /not a number[\s\S]*"much" at \[11\]/],
    ['a word for classes', { classWeight: 'balanced' }, /names no classes[\s\S]*"balanced"/],
    ['a number for classes', { classWeight: 2 }, /names no classes/],
    ['a tensor with a weight too many', { classWeight: { shape: [4], dataSync: () => [1, 1, 1, 1] } }, /0 … 2[\s\S]*3/],
    ['weights that come later', { classWeight: Promise.resolve([1, 5]) }, /await it/],
    ['numbers as text', { sampleWeight: Array.from(all, String) }, /map\(Number\)/],
    ['a class that is none', { classWeight: new Map([[3, 1]]) }, /0 … 2[\s\S]*3/],
    ['a name of a class', { classWeight: { cat: 1 } }, /0 … 2[\s\S]*cat/],
  ])('%s', async (_, options, message) => {
    await expect(make().fit(bytes, labels, { ...(options as object), ...quiet })).rejects.toThrow(message)
  })
})
