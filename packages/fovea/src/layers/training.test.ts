/** What layers do in training only: batch statistics, dropped elements, augmentation, erasing. */
import { describe, expect, test } from 'vitest'
import { keyOf } from '../base/random.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import { createGraph } from '../graph/builder.ts'
import { evaluateGraph } from '../graph/oracle/evaluate.ts'
import { activationFormula, activationTable } from './activations.ts'
import { randomFlip, randomRotation, randomTranslation, randomZoom } from './augmentation.ts'
import { lowerAlone, randomValues } from './check-layer.testing.ts'
import { gaussianNoise } from './gaussian-noise.ts'
import type { Layer } from './layer.ts'
import { dropout } from './noise.ts'
import { batchNormalization } from './normalization.ts'
import { randomAffine } from './random-affine.ts'
import { randomBrightness, randomContrast } from './random-colour.ts'
import { randomErasing } from './random-erasing.ts'
import { randomCrop } from './resizing.ts'
import { spatialDropout2d } from './spatial-dropout.ts'

/** Output rows for the given input rows. */
function run(layer: Layer, shape: Shape, x: ArrayLike<number>, training = true): Float64Array[] {
  const batch = x.length / sizeOf(shape)
  const { step, output, feed } = lowerAlone(layer, [shape], training, batch)
  const inputs = { ...feed.inputs, x0: Float64Array.from(x) }
  const y = evaluateGraph(step([{ name: 'y', node: output }]), { ...feed, inputs }).outputs['y']!
  const row = y.length / batch
  return Array.from({ length: batch }, (_, index) => y.slice(index * row, (index + 1) * row))
}

const rows = (x: Float64Array, batch: number): Float64Array[] =>
  Array.from({ length: batch }, (_, index) => x.slice((index * x.length) / batch, ((index + 1) * x.length) / batch))

describe('batch normalization', () => {
  const shape: Shape = [2, 2, 3]
  test('training moves the statistics of the real rows by 1 − momentum, biased variance', () => {
    const { step, output, feed } = lowerAlone(batchNormalization({ momentum: 0.9 }), [shape], true, 4)
    const { updates, outputs } = evaluateGraph(step([{ name: 'y', node: output }]), { ...feed, n: 2 })
    for (let channel = 0; channel < 3; channel++) {
      const values = Array.from({ length: 8 }, (_, place) => feed.inputs['x0']![place * 3 + channel]!)
      const mean = values.reduce((sum, value) => sum + value, 0) / 8
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 8
      const [oldMean, oldVariance] = [feed.states['movingMean']![channel]!, feed.states['movingVariance']![channel]!]
      expect(updates['movingMean']![channel]).toBeCloseTo(0.9 * oldMean + 0.1 * mean, 12)
      expect(updates['movingVariance']![channel]).toBeCloseTo(0.9 * oldVariance + 0.1 * variance, 12)
      const [gamma, beta] = [feed.states['gamma']![channel]!, feed.states['beta']![channel]!]
      expect(outputs['y']![channel]).toBeCloseTo((gamma * (values[0]! - mean)) / Math.sqrt(variance + 1e-3) + beta, 12)
    }
  })

  test('a frozen layer works as in inference, also when frozen by a copy', () => {
    const inference = lowerAlone(batchNormalization(), [shape], false)
    const wanted = evaluateGraph(inference.step([{ name: 'y', node: inference.output }]), inference.feed).outputs['y']
    for (const frozen of [batchNormalization({ trainable: false }), { ...batchNormalization(), trainable: false }]) {
      const { step, output, feed, updates } = lowerAlone(frozen, [shape], true)
      expect(updates).toEqual([])
      expect(evaluateGraph(step([{ name: 'y', node: output }]), feed).outputs['y']).toEqual(wanted)
    }
  })
})

describe('noise', () => {
  test('dropout keeps 1 − rate of the elements, scaled', () => {
    const [y] = run(dropout({ rate: 0.3 }), [10_000], new Float64Array(10_000).fill(1))
    const kept = y!.filter(value => value !== 0)
    expect(kept.every(value => Math.abs(value - 1 / 0.7) < 1e-12)).toBe(true)
    // Four standard deviations of the binomial: √(0.3 · 0.7 / 10,000) · 4 < 0.02.
    expect(Math.abs(kept.length / 10_000 - 0.7)).toBeLessThan(0.02)
  })

  test('spatial dropout drops whole channels', () => {
    for (const y of run(spatialDropout2d({ rate: 0.5 }), [3, 3, 8], new Float64Array(5 * 72).fill(1))) {
      for (let channel = 0; channel < 8; channel++) {
        expect(new Set(Array.from({ length: 9 }, (_, place) => y[place * 8 + channel])).size).toBe(1)
      }
    }
  })

  test('gaussian noise has its standard deviation and mean 0', () => {
    const [y] = run(gaussianNoise({ stddev: 2 }), [20_000], new Float64Array(20_000))
    const mean = y!.reduce((sum, value) => sum + value, 0) / y!.length
    expect(Math.abs(mean)).toBeLessThan(0.06)
    const variance = y!.reduce((sum, value) => sum + value * value, 0) / y!.length
    expect(Math.abs(Math.sqrt(variance) - 2)).toBeLessThan(0.06)
  })

  test('all pass their input unchanged in inference', () => {
    const x = randomValues(keyOf(1), 24)
    const layers = [dropout({ rate: 0.5 }), spatialDropout2d({ rate: 0.5 }), gaussianNoise({ stddev: 1 })]
    for (const layer of layers) expect(run(layer, [2, 3, 2], x, false)).toEqual(rows(x, 2))
  })
})

describe('augmentation', () => {
  const shape: Shape = [4, 5, 2]
  const x = randomValues(keyOf(9), 30 * 40)
  const images = rows(x, 30)
  /** The picture read at the given place for each pixel. */
  const moved = (image: Float64Array, from: (row: number, column: number) => [number, number]): Float64Array =>
    Float64Array.from({ length: 40 }, (_, index) => {
      const [row, column] = from(Math.floor(index / 10), Math.floor(index / 2) % 5)
      return image[(row * 5 + column) * 2 + (index % 2)]!
    })
  const close = (a: Float64Array, b: Float64Array): boolean => a.every((value, i) => Math.abs(value - b[i]!) < 1e-9)

  test.each([
    ['horizontal', 2],
    ['vertical', 2],
    ['horizontalAndVertical', 4],
  ] as const)('flip %s gives each of %i pictures', (mode, kinds) => {
    const seen = new Set<string>()
    for (const [index, y] of run(randomFlip({ mode }), shape, x).entries()) {
      const candidates = [false, true].flatMap(v => [false, true].map(h => [v, h] as const))
      const found = candidates.find(([v, h]) =>
        close(
          y,
          moved(images[index]!, (row, column) => [v ? 3 - row : row, h ? 4 - column : column]),
        ),
      )
      expect(found).toBeDefined()
      seen.add(String(found))
    }
    expect(seen.size).toBe(kinds)
  })

  test('each example is turned by its own angle within the range', () => {
    // A quarter turn counter-clockwise of a square: (row, column) reads (column, size − 1 − row).
    const square = randomValues(keyOf(2), 2 * 9)
    const turned = run(randomRotation({ factor: [0.25, 0.25] }), [3, 3, 1], square)
    for (const [index, image] of rows(square, 2).entries()) {
      const wanted = Float64Array.from({ length: 9 }, (_, i) => image[(i % 3) * 3 + 2 - Math.floor(i / 3)]!)
      expect(close(turned[index]!, wanted)).toBe(true)
    }
    const different = run(
      randomRotation({ factor: 0.2 }),
      [3, 3, 1],
      new Float64Array(18).map((_, i) => i % 9),
    )
    expect(close(different[0]!, different[1]!)).toBe(false)
  })

  test('shifts count downwards and to the right; what comes in is the border', () => {
    const layer = randomTranslation({ heightFactor: [0.25, 0.25], widthFactor: [-0.2, -0.2], fillMode: 'nearest' })
    for (const [index, y] of run(layer, shape, x).entries()) {
      const wanted = moved(images[index]!, (row, column) => [Math.max(row - 1, 0), Math.min(column + 1, 4)])
      expect(close(y, wanted)).toBe(true)
    }
  })

  test('zooming in by half reads every second place around the centre', () => {
    const layer = randomZoom({ heightFactor: [-0.5, -0.5], interpolation: 'nearest' })
    const [y] = run(
      layer,
      [5, 5, 1],
      Float64Array.from({ length: 25 }, (_, index) => index),
    )
    // row' = row / 2 + 1, rounded half up: 1, 2, 2, 3, 3
    const read = [1, 2, 2, 3, 3]
    expect([...y!]).toEqual(read.flatMap(row => read.map(column => row * 5 + column)))
  })

  test('random affine joins flip, shift and turn', () => {
    const still = run(randomAffine({}), shape, x)
    expect(still.every((y, index) => close(y, images[index]!))).toBe(true)
    const flipped = run(randomAffine({ horizontalFlip: true }), shape, x).map((y, index) => {
      const mirror = moved(images[index]!, (row, column) => [row, 4 - column])
      return close(y, mirror) ? 'mirrored' : close(y, images[index]!) ? 'same' : 'other'
    })
    expect(new Set(flipped)).toEqual(new Set(['mirrored', 'same']))
    // A constant picture stays as it is under any transform with nearest fill.
    const layer = randomAffine({ rotation: 15, heightShift: 0.15, widthShift: 0.15, horizontalFlip: true })
    const plain = run(layer, shape, new Float64Array(1200).fill(3))
    expect(plain.every(y => y.every(value => Math.abs(value - 3) < 1e-9))).toBe(true)
    expect(run(layer, shape, x).every((y, index) => !close(y, images[index]!))).toBe(true)
  })

  test('a random crop is a window of the picture', () => {
    const places = new Set<string>()
    for (const [index, y] of run(randomCrop({ height: 3, width: 4 }), shape, x).entries()) {
      const offsets = [0, 1].flatMap(row => [0, 1].map(column => [row, column] as const))
      const found = offsets.find(([top, left]) =>
        y.every((value, i) => {
          const [row, column] = [Math.floor(i / 8), Math.floor(i / 2) % 4]
          return value === images[index]![((row + top) * 5 + column + left) * 2 + (i % 2)]
        }),
      )
      expect(found).toBeDefined()
      places.add(String(found))
    }
    expect(places.size).toBe(4)
  })

  test.each(['constant', 'reflect', 'nearest', 'wrap'] as const)(
    'a padded random crop is a window of the widened picture, %s beyond it; untrained it lets pictures pass',
    fillMode => {
      const layer = randomCrop({ height: 4, width: 5, padding: 2, fillMode, fillValue: -3 })
      // Where index i of n lies: [−2, −1, 0 … n − 1, n, n + 1].
      const inside = (i: number, n: number): number | undefined => {
        if (i >= 0 && i < n) return i
        const beyond = { reflect: i < 0 ? -1 - i : 2 * n - 1 - i, nearest: i < 0 ? 0 : n - 1, wrap: (i + n) % n }
        return fillMode === 'constant' ? undefined : beyond[fillMode]
      }
      const offsets = [-2, -1, 0, 1, 2].flatMap(top => [-2, -1, 0, 1, 2].map(left => [top, left] as const))
      const places = new Set<string>()
      for (const [index, y] of run(layer, shape, x).entries()) {
        const found = offsets.filter(([top, left]) =>
          y.every((value, i) => {
            const [row, column] = [inside(Math.floor(i / 10) + top, 4), inside((Math.floor(i / 2) % 5) + left, 5)]
            if (row === undefined || column === undefined) return value === -3
            return value === images[index]![(row * 5 + column) * 2 + (i % 2)]
          }),
        )
        expect(found).not.toEqual([])
        places.add(String(found))
      }
      expect(places.size).toBeGreaterThan(8)
      expect(run(layer, shape, x, false).flatMap(y => [...y])).toEqual([...x])
    },
  )

  test('erasing paints a rectangle', () => {
    const layer = randomErasing({ factor: [1, 1], scale: [0.2, 0.4], fillValue: 7 })
    for (const y of run(layer, [8, 8, 1], new Float64Array(640))) {
      const painted = [...y.keys()].filter(index => y[index] === 7)
      const [top, bottom] = [Math.floor(painted[0]! / 8), Math.floor(painted.at(-1)! / 8)]
      const columns = painted.map(index => index % 8)
      const [left, right] = [Math.min(...columns), Math.max(...columns)]
      expect(painted.length).toBe((bottom - top + 1) * (right - left + 1))
      expect(y.every(value => value === 0 || value === 7)).toBe(true)
    }
  })

  test('light: one number is added, or moves all numbers from their mean, within the range', () => {
    const picture = [10, 20, 30, 100]
    const tenTimes = new Array<readonly number[]>(10).fill(picture).flat()
    for (const y of run(randomBrightness({ factor: [0.1, 0.2] }), [2, 2, 1], tenTimes)) {
      expect(y[0]! - 10).toBeGreaterThanOrEqual(25.5)
      expect(y[0]! - 10).toBeLessThan(51)
      for (const [index, value] of picture.entries()) expect(y[index]! - value).toBeCloseTo(y[0]! - 10, 9)
    }
    const factors = run(randomContrast({ factor: [0.5, 0.2], valueRange: [0, 90] }), [2, 2, 1], tenTimes).map(y => {
      const factor = (y[0]! - 40) / (10 - 40)
      for (const [index, value] of picture.entries())
        expect(y[index]).toBeCloseTo(Math.min(90, 40 + factor * (value - 40)), 9)
      return factor
    })
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.5)
    expect(Math.max(...factors)).toBeLessThan(1.2)
    expect(new Set(factors).size).toBe(10)
  })

  test('nothing happens in inference', () => {
    const layers = [
      randomFlip(),
      randomRotation({ factor: 0.5 }),
      randomAffine({ rotation: 90 }),
      randomErasing(),
      randomBrightness({ factor: 0.5 }),
      randomContrast({ factor: 0.5 }),
    ]
    for (const layer of layers) expect(run(layer, shape, x, false)).toEqual(images)
  })
})

test('sparsemax is the nearest point whose numbers are probabilities', () => {
  const rows = [
    [3, 1, 0.2, 2.8],
    [0, 0, 0, 0],
    [-5, 7, 7, 6.9],
    [500, 499.5, -1e4, 0],
  ]
  const graph = createGraph(4)
  const x = graph.input('x', [4, 4], { batched: true })
  const y = activationFormula(graph, 'sparsemax', x)
  const step = { batch: 4, inputs: [x], states: [], updates: [], outputs: [{ name: 'y', node: y }] }
  const { outputs } = evaluateGraph(step, { inputs: { x: rows.flat() }, states: {} })
  const wanted = [
    [0.6, 0, 0, 0.4],
    [0.25, 0.25, 0.25, 0.25],
    [0, 1.1 / 3, 1.1 / 3, 0.8 / 3],
    [0.75, 0.25, 0, 0],
  ]
  for (const [index, value] of wanted.flat().entries()) expect(outputs['y']![index]).toBeCloseTo(value, 9)
})

test('activations and their fused forms stay finite far out', () => {
  const graph = createGraph(1)
  const x = graph.input('x', [5])
  // Exponential itself grows without bound; all others stay finite.
  for (const name of Object.keys(activationTable).filter(name => name !== 'exponential')) {
    const y = activationFormula(graph, name as keyof typeof activationTable, x)
    const step = { batch: 1, inputs: [x], states: [], updates: [], outputs: [{ name: 'y', node: y }] }
    const { outputs } = evaluateGraph(step, { inputs: { x: [-1e4, -800, 0, 800, 1e4] }, states: {} })
    expect(outputs['y']!.every(Number.isFinite), name).toBe(true)
  }
})
