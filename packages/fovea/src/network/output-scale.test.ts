/** What a classifier ends in is known by its last activation, whatever moves the numbers afterwards; scores become probabilities. */
import { expect, test } from 'vitest'
import { classProbabilities } from '../base/probabilities.ts'
import { activation, softmax } from '../layers/activation-layers.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import type { Layer } from '../layers/layer.ts'
import { average } from '../layers/merging.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { globalAveragePooling2d } from '../layers/pooling.ts'
import { reshape } from '../layers/rearranging.ts'
import { flatten } from '../layers/shaping.ts'
import { apply } from '../layers/tensor.ts'
import { model as functional, input } from './functional.ts'
import { outputScale } from './output-scale.ts'
import { sequential } from './sequential.ts'

const maps = (last: object = {}): Layer => conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 3], ...last })

test.each([
  ['softmax of a dense layer', 'probabilities', [maps(), flatten(), dense({ units: 3, activation: 'softmax' })]],
  [
    'a softmax layer, then another shape',
    'probabilities',
    [maps(), flatten(), dense({ units: 4 }), softmax(), reshape({ targetShape: [4] })],
  ],
  ['sigmoids', 'probabilities', [maps(), flatten(), dense({ units: 3, activation: 'sigmoid' })]],
  ['means of maps of probabilities', 'probabilities', [maps({ activation: 'sigmoid' }), globalAveragePooling2d()]],
  ['a dense layer', 'scores', [maps(), flatten(), dense({ units: 3 })]],
  ['means of maps', 'scores', [maps(), globalAveragePooling2d()]],
  [
    'batch normalization',
    'scores',
    [maps(), flatten(), dense({ units: 3, activation: 'softmax' }), batchNormalization()],
  ],
  [
    'logarithms of a softmax',
    'logProbabilities',
    [maps(), flatten(), dense({ units: 3 }), activation({ activation: 'logSoftmax' })],
  ],
] as [string, string, Layer[]][])('%s: %s', (_, scale, layers) => {
  expect(outputScale(sequential(layers))).toBe(scale)
})

test('the mean of two branches is what both are', () => {
  const x = input({ shape: [4] })
  const ends = (...activations: ('softmax' | 'linear')[]) => {
    const branches = activations.map(kind => apply(dense({ units: 3, activation: kind }), x))
    return outputScale(functional({ inputs: x, outputs: apply(average(), branches) }))
  }
  expect(ends('softmax', 'softmax')).toBe('probabilities')
  expect(ends('linear', 'linear')).toBe('scores')
})

test('scores and logarithms become probabilities; large scores do not overflow', () => {
  expect(classProbabilities([1000, 1000 + Math.log(3)], 'scores')).toEqual([
    expect.closeTo(0.25, 12),
    expect.closeTo(0.75, 12),
  ])
  expect(classProbabilities([Math.log(0.25), Math.log(0.75)], 'logProbabilities')[1]).toBeCloseTo(0.75, 12)
  expect(classProbabilities([0.2, 0.8])).toEqual([0.2, 0.8])
  expect(classProbabilities([0.2], 'scores')).toEqual([0.8, 0.2])
})
