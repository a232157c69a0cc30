/**
 * Labels of every shape for outputs of every shape: each pair trains as Keras would, or is refused. Where it trains, the loss is
 * the one computed here, from the formula and the values alone.
 */
import { describe, expect, it } from 'vitest'
import type { Shape } from '../base/shape.ts'
import { sizeOf } from '../base/shape.ts'
import { dense } from '../layers/dense.ts'
import { reshape } from '../layers/rearranging.ts'
import { flatten } from '../layers/shaping.ts'
import { apply } from '../layers/tensor.ts'
import { input } from '../network/functional.ts'
import { type LossType, lossRules } from '../objectives/loss-formulas.ts'
import { customLoss, sparseCategoricalCrossentropy } from '../objectives/losses.ts'
import { place } from './tiny-classifier.testing.ts'

type Row = readonly number[]
const count = 3
const epsilon = 1e-7
const sum = (row: Row): number => row.reduce((a, b) => a + b, 0)
const mean = (row: Row): number => sum(row) / row.length
const clip = (p: number): number => Math.min(Math.max(p, epsilon), 1 - epsilon)
const each = (formula: (y: number, p: number) => number) => (y: Row, p: Row) => mean(y.map((v, i) => formula(v, p[i]!)))
const norm = (row: Row): number => Math.hypot(...row)
const entropy = (y: number, p: number): number => -(y * Math.log(clip(p)) + (1 - y) * Math.log(1 - clip(p)))
/** Labels of 0 and 1 count −1 and 1. */
const sign = (y: number): number => 2 * y - 1

/** The loss of one position: its one-hot row (or its value) and the prediction's. Dice is of all positions together. */
const formulas: Record<LossType, (y: Row, p: Row) => number> = {
  CategoricalCrossentropy: (y, p) => -sum(y.map((v, i) => v * Math.log(clip(p[i]! / sum(p))))),
  SparseCategoricalCrossentropy: (y, p) => -sum(y.map((v, i) => v * Math.log(clip(p[i]! / sum(p))))),
  BinaryCrossentropy: each(entropy),
  BinaryFocalCrossentropy: each((y, p) => (1 - (y * p + (1 - y) * (1 - p))) ** 2 * entropy(y, p)),
  CategoricalFocalCrossentropy: (y, p) =>
    sum(y.map((v, i) => -0.25 * (1 - p[i]! / sum(p)) ** 2 * v * Math.log(clip(p[i]! / sum(p))))),
  CategoricalGeneralizedCrossEntropy: (y, p) => (1 - Math.sqrt(sum(y.map((v, i) => v * p[i]!)))) / 0.5,
  MeanSquaredError: each((y, p) => (y - p) ** 2),
  MeanAbsoluteError: each((y, p) => Math.abs(y - p)),
  MeanAbsolutePercentageError: each((y, p) => (100 * Math.abs(y - p)) / Math.max(y, epsilon)),
  MeanSquaredLogarithmicError: each(
    (y, p) => (Math.log1p(Math.max(p, epsilon)) - Math.log1p(Math.max(y, epsilon))) ** 2,
  ),
  Huber: each((y, p) => (y - p) ** 2 / 2),
  LogCosh: each((y, p) => Math.log(Math.cosh(p - y))),
  Hinge: each((y, p) => Math.max(0, 1 - sign(y) * p)),
  SquaredHinge: each((y, p) => Math.max(0, 1 - sign(y) * p) ** 2),
  CategoricalHinge: (y, p) =>
    Math.max(0, 1 + Math.max(...y.map((v, i) => (1 - v) * p[i]!)) - sum(y.map((v, i) => v * p[i]!))),
  CosineSimilarity: (y, p) => -sum(y.map((v, i) => (v * p[i]!) / (Math.max(norm(y), epsilon) * norm(p)))),
  KLDivergence: (y, p) => sum(y.map((v, i) => Math.max(v, epsilon) * Math.log(Math.max(v, epsilon) / p[i]!))),
  Poisson: each((y, p) => p - y * Math.log(p + epsilon)),
  Dice: (y, p) => 1 - (2 * sum(y.map((v, i) => v * p[i]!))) / (sum(y) + sum(p) + epsilon),
}

const outputs: Shape[] = [[3], [1], [2, 3], [2, 2, 3], [2, 3, 1], [1, 1, 3], [3, 1]]
const oneOfSeveral = [
  'CategoricalCrossentropy',
  'SparseCategoricalCrossentropy',
  'CategoricalFocalCrossentropy',
  'CategoricalGeneralizedCrossEntropy',
]

/** Values between 0 and 1 that do not repeat. */
const drawn = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => 0.05 + ((i * 29) % 31) / 35)
const classesFor = (units: number, length: number): number[] =>
  Array.from({ length }, (_, i) => (i * 5 + (i >> 1)) % Math.max(2, units))
const weights = [2, 0, 0.5]

/** Label shapes of a sample: right ones, and others of which some happen to have as many values. */
function labelShapes(output: Shape): Shape[] {
  const positions = output.slice(0, -1)
  const all = [[], [1], [2], [3], [4], [2, 2], [3, 2], [2, 3], positions, [...positions, 1], output, [...output, 1]]
  const last = output.at(-1)!
  all.push([...positions, last + 1], [sizeOf(output)], [sizeOf(positions)], [...output].reverse())
  return [...new Map(all.map(shape => [shape.join(), shape])).values()]
}

const trimmed = (shape: Shape): string => shape.join().replace(/(^|,)1(,1)*$/, '')

/** How labels of this shape are read, if at all. */
function reading(labels: Shape, output: Shape): 'numbers' | 'rows' | undefined {
  if (trimmed(labels) === trimmed(output)) return 'rows'
  return trimmed(labels) === trimmed(output.slice(0, -1)) ? 'numbers' : undefined
}

/** A model whose output is its input, in another shape. */
function identity(output: Shape) {
  return place().sequential([reshape({ targetShape: output, inputShape: [sizeOf(output)] })])
}

function expectedLoss(type: LossType, output: Shape, classes: Row, prediction: Float32Array, weight: Row): number {
  const units = output.at(-1)!
  const rows = classes.map(c => (units === 1 ? [c] : Array.from({ length: units }, (_, i) => (i === c ? 1 : 0))))
  const predicted = rows.map((_, i) => Array.from(prediction.subarray(i * units, (i + 1) * units)))
  if (type === 'Dice') return formulas.Dice(rows.flat(), predicted.flat()) * mean(weight)
  const positions = classes.length / count
  return sum(rows.map((y, i) => weight[Math.floor(i / positions)]! * formulas[type](y, predicted[i]!))) / classes.length
}

describe.each(Object.keys(lossRules) as LossType[])('%s', type => {
  it.each(outputs.map(output => [output]))(
    'trains an output [%s] with the labels that suit, and no others',
    async output => {
      const units = output.at(-1)!
      const compile = (metric?: string) => {
        const model = identity(output)
        model.compile({ optimizer: 'sgd', loss: type, ...(metric && { metrics: [metric] }) })
        return model
      }
      if (units === 1 && oneOfSeveral.includes(type)) {
        expect(() => compile()).toThrow(/at least two outputs/)
        return
      }
      const x = drawn(count * sizeOf(output))
      for (const shape of labelShapes(output)) {
        const how = reading(shape, output)
        const classes = classesFor(units, count * sizeOf(output.slice(0, -1)))
        const rows = classes.flatMap(c =>
          units === 1 ? [c] : Array.from({ length: units }, (_, i) => (i === c ? 1 : 0)),
        )
        const data = how === 'rows' ? rows : how === 'numbers' ? classes : classesFor(2, count * sizeOf(shape))
        const y = { shape: [count, ...shape], data }
        const model = compile(units > 1 ? 'crossentropy' : 'mse')
        for (const sampleWeight of [undefined, weights]) {
          const given = sampleWeight ? { sampleWeight } : {}
          const label = `labels [${shape}], ${sampleWeight ? 'weighted' : 'unweighted'}`
          if (!how) {
            await expect(model.evaluate(x, y, given), label).rejects.toThrow(/wrong shape/)
            await expect(model.trainOnBatch(x, y, given), label).rejects.toThrow(/wrong shape/)
            continue
          }
          const expected = expectedLoss(type, output, classes, x, sampleWeight ?? [1, 1, 1])
          const evaluated = await model.evaluate(x, y, given)
          const close = (value: number, wanted: number) =>
            expect(Math.abs(value - wanted) / (1 + Math.abs(wanted)), `${label}: ${value}, not ${wanted}`).toBeLessThan(
              1e-5,
            )
          close(evaluated.loss, expected)
          close((await model.trainOnBatch(x, y, given)).loss, expected)
          // Metrics are not weighted, and take whatever form the loss takes.
          const metric = units > 1 ? 'CategoricalCrossentropy' : 'MeanSquaredError'
          close(evaluated[units > 1 ? 'crossentropy' : 'mse']!, expectedLoss(metric, output, classes, x, [1, 1, 1]))
        }
      }
    },
  )
})

describe('labels', () => {
  const output = [2, 2, 3]
  const x = drawn(count * 12)
  const classes = classesFor(3, count * 4)

  it('say what to do where flatten was forgotten', async () => {
    const model = identity(output)
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' })
    await expect(model.fit(x, [0, 1, 2])).rejects.toThrow(/class numbers \(None, 2, 2\)[\s\S]*\(3,\)[\s\S]*flatten\(\)/)
  })

  it('may be a list of typed arrays, one per sample', async () => {
    for (const loss of ['sparseCategoricalCrossentropy', 'categoricalCrossentropy']) {
      const model = identity(output)
      model.compile({ optimizer: 'sgd', loss })
      const list = [0, 1, 2].map(row => Int32Array.from(classes.slice(4 * row, 4 * row + 4)))
      const { loss: found } = await model.evaluate(x, list)
      expect(found).toBeCloseTo(expectedLoss('CategoricalCrossentropy', output, classes, x, [1, 1, 1]), 5)
      await expect(
        model.evaluate(
          x,
          [0, 1, 2].map(() => new Int32Array(5)),
        ),
      ).rejects.toThrow(/wrong shape/)
    }
  })

  it('of an ignored class count for nothing, and are not counted (Keras divides by those that count)', async () => {
    const model = identity(output)
    model.compile({ optimizer: 'sgd', loss: sparseCategoricalCrossentropy({ ignoreClass: -1 }) })
    const some = classes.map((c, i) => (i % 3 === 1 ? -1 : c))
    const { CategoricalCrossentropy: formula } = formulas
    for (const weight of [[1, 1, 1], weights]) {
      const kept = some.flatMap((c, i) => {
        const y = [0, 1, 2].map(k => (k === c ? 1 : 0))
        return c < 0 ? [] : [weight[Math.floor(i / 4)]! * formula(y, [...x.subarray(3 * i, 3 * i + 3)])]
      })
      const { loss } = await model.evaluate(x, { shape: [count, 2, 2], data: some }, { sampleWeight: weight })
      expect(loss).toBeCloseTo(mean(kept), 5)
    }
    const none = { shape: [count, 2, 2], data: some.map(() => -1) }
    expect((await model.evaluate(x, none)).loss).toBe(0)
    await expect(model.evaluate(x, { shape: [count, 2, 2], data: some.map(c => c - 1) })).rejects.toThrow(
      /-2 at sample 0/,
    )
  })

  it('reach a loss of one’s own in the form it asks for', async () => {
    for (const form of ['sparse', 'dense'] as const) {
      // The mean of the labels of a sample: of class numbers, or of one-hot rows.
      const own = customLoss(
        'own',
        (graph, target) => graph.mean(graph.cast(target), target.shape.map((_, i) => i).slice(1)),
        form,
      )
      const model = identity(output)
      model.compile({ optimizer: 'sgd', loss: own })
      const { loss } = await model.evaluate(x, { shape: [count, 2, 2], data: classes })
      expect(loss).toBeCloseTo(form === 'sparse' ? mean(classes) : 1 / 3, 6)
      await expect(model.evaluate(x, [0, 1, 2])).rejects.toThrow(/wrong shape/)
    }
  })

  it('meet a loss of one’s own that does not give one value per sample with an error', async () => {
    for (const shape of [[3], [1], [2, 3]]) {
      const model = identity(shape)
      const wide = customLoss('wide', (graph, target, prediction) => graph.sub(graph.cast(target), prediction))
      const labels = { shape: [count, ...shape], data: drawn(count * sizeOf(shape)) }
      const evaluated = (async () => {
        model.compile({ optimizer: 'sgd', loss: wide })
        return model.evaluate(drawn(count * sizeOf(shape)), labels)
      })()
      await expect(evaluated).rejects.toThrow(/'wide' does not give one value per sample/)
    }
  })

  it('fit each of several outputs by itself', async () => {
    const a = input({ shape: [12], name: 'a' })
    const map = apply(reshape({ targetShape: output, name: 'map' }), a)
    const kind = apply(dense({ units: 3, activation: 'softmax', name: 'kind' }), apply(flatten(), map))
    const { model: build } = place()
    const model = build({ inputs: a, outputs: [map, kind] })
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['acc'] })
    const maps = { shape: [count, 2, 2], data: classes }
    const logs = await model.evaluate(x, { map: maps, kind: [0, 1, 2] })
    expect(logs['map_loss']).toBeCloseTo(expectedLoss('CategoricalCrossentropy', output, classes, x, [1, 1, 1]), 5)
    expect(Object.keys(logs)).toEqual(['loss', 'map_loss', 'kind_loss', 'map_acc', 'kind_acc'])
    await expect(model.evaluate(x, { map: [0, 1, 2], kind: [0, 1, 2] })).rejects.toThrow(
      /labels of "map" have the wrong shape/,
    )
    await expect(model.evaluate(x, { map: maps, kind: maps })).rejects.toThrow(/labels of "kind" have the wrong shape/)
  })

  it('with several positions have no class that a weight could belong to', async () => {
    const model = identity(output)
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' })
    const y = { shape: [count, 2, 2], data: classes }
    await expect(model.fit(x, y, { classWeight: { 1: 2 }, verbose: 0 })).rejects.toThrow(/one class per sample/)
  })
})
