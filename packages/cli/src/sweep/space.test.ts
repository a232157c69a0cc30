import { recipe } from 'fovea/internal/recipes/recipes'
import { describe, expect, test } from 'vitest'
import { type Dimension, placeIn } from './dimension.ts'
import { dimensionOf, pointsIn, valuesOf } from './space.ts'

const cnn = recipe('cifar10-cnn')
const read = (word: string) => dimensionOf(word, cnn)

describe('a word of --vary', () => {
  test('is a range, walked through by its logarithm where it is wide and positive', () => {
    const range = { name: 'learningRate', kind: 'range', from: 1e-4, to: 1e-2, scale: 'log', whole: false }
    expect(read('learningRate=1e-4..1e-2')).toEqual(range)
    expect(read('momentum=lin:0..1')).toMatchObject({ name: 'momentum', scale: 'linear' })
    expect(read('momentum=0..0.9')).toMatchObject({ scale: 'linear' })
    expect(read('learningRate=lin:1e-4..1e-2')).toMatchObject({ scale: 'linear' })
    expect(read('batchSize=16..64')).toMatchObject({ scale: 'linear', whole: true })
    expect(read('batchSize=log:16..64')).toMatchObject({ scale: 'log', whole: true })
  })

  test('is a list of choices: numbers, words, switches', () => {
    expect(read('dropout=0,0.2,0.4')).toEqual({ name: 'dropout', kind: 'choices', values: [0, 0.2, 0.4] })
    expect(read('activation=relu,tanh')).toEqual({ name: 'activation', kind: 'choices', values: ['relu', 'tanh'] })
    expect(read('centered=true,false')).toMatchObject({ values: [true, false] })
    expect(read('labelSmoothing=0.1')).toMatchObject({ values: [0.1] })
  })

  test('takes the names of other spellings, and answers one that is unknown with the nearest', () => {
    expect(read('learning-rate=0.1,0.2').name).toBe('learningRate')
    expect(read('lr=0.1,0.2').name).toBe('learningRate')
    expect(read('batch_size=16,32').name).toBe('batchSize')
    expect(() => read('learningrat=0.1,0.2')).toThrow(/Did you mean 'learningRate'/)
    expect(() => dimensionOf('dropout=0,0.5', recipe('fashion-lenet'))).toThrow(/no option of fashion-lenet to vary/)
  })

  test.each([
    'learningRate',
    'learningRate=',
    '=1,2',
    'momentum=1..0',
    'momentum=0..',
    'momentum=a..b',
    'momentum=1,1',
  ])('%s is refused', word => {
    expect(() => read(word)).toThrow(/cannot be varied/)
  })
  test.each(['momentum=log:0..1', 'batchSize=1.5..8', 'momentum=0..1..2', 'momentum=0,,1', 'a=b=c'])('%s too', word => {
    expect(() => read(word)).toThrow(/cannot be varied/)
  })
})

describe('the values of trials', () => {
  const all = (dimensions: readonly Dimension[], trials: number, seed = 1) =>
    Array.from({ length: trials }, (_, trial) => valuesOf(dimensions, seed, trial, trials))

  test('of choices are every combination once', () => {
    const dimensions = [read('dropout=0,0.2,0.4'), read('activation=relu,tanh')]
    expect(pointsIn(dimensions)).toBe(6)
    expect(new Set(all(dimensions, 6).map(values => JSON.stringify(values))).size).toBe(6)
    expect(all(dimensions, 6, 2)).not.toEqual(all(dimensions, 6))
  })

  test('see all of every option, however few there are', () => {
    const dimensions = [read('learningRate=1e-4..1e-2'), read('dropout=0,0.2,0.4'), read('batchSize=8..64')]
    const values = all(dimensions, 9)
    expect(values).toEqual(all(dimensions, 9))
    const layers = values.map(each => Math.floor(placeIn(dimensions[0]!, each['learningRate']!) * 9 + 1e-9))
    expect(layers.sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    for (const value of [0, 0.2, 0.4]) expect(values.filter(each => each['dropout'] === value)).toHaveLength(3)
    for (const { batchSize, learningRate } of values as { batchSize: number; learningRate: number }[]) {
      expect(Number.isSafeInteger(batchSize) && batchSize >= 8 && batchSize <= 64).toBe(true)
      expect(learningRate).toBe(Number(learningRate.toPrecision(3)))
      expect(learningRate >= 1e-4 && learningRate <= 1e-2).toBe(true)
    }
  })
})
