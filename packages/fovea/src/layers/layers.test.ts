/** Every layer keeps what layers must keep; bad input is told. */
import { describe, expect, test } from 'vitest'
import { UserError } from '../base/errors.ts'
import { softmax } from './activation-layers.ts'
import { checkLayer } from './check-layer.testing.ts'
import { conv2d } from './conv.ts'
import { conv2dTranspose } from './conv-transpose.ts'
import { dense } from './dense.ts'
import { groupNormalization } from './group-normalization.ts'
import { layerSuite } from './layer-suite.testing.ts'
import { add } from './merging.ts'
import { dropout } from './noise.ts'
import { maxPooling2d } from './pooling.ts'
import { reshape } from './rearranging.ts'
import { layerFactories, layerFromConfig } from './registry.ts'
import { rescaling } from './rescaling.ts'
import type { CallableLayer } from './tensor.ts'

test.each(layerSuite.map(([layer, shapes, check], index) => [`${layer.type} ${index}`, layer, shapes, check] as const))(
  '%s keeps what every layer must keep',
  (_, layer, shapes, check) => checkLayer(layer, shapes, check),
)

test.each(layerSuite.map(([layer, shapes], index) => [`${layer.type} ${index}`, layer, shapes] as const))(
  '%s can be called',
  (_, layer, shapes) => {
    const values = shapes.map(shape => ({ kind: 'tensor', shape }) as const)
    const called = (layer as CallableLayer)(values)
    expect(called).toMatchObject({ kind: 'tensor', shape: layer.outputShape(shapes) })
    expect(called.call?.layer).toBe(layer)
    expect({ ...layer }).toMatchObject({ type: layer.type, name: layer.name, config: layer.config })
  },
)

test('every layer is in the suite', () => {
  const tried = new Set(layerSuite.map(([layer]) => layer.type))
  expect(Object.keys(layerFactories).filter(type => !tried.has(type))).toEqual([])
})

describe('bad input', () => {
  test('all problems of the options are told at once, with the nearest name', () => {
    const make = () => conv2d({ filters: 0, kernelsize: 3, padding: 'full', activation: 'rellu' } as never)
    expect(make).toThrow(UserError)
    expect(make).toThrow(/did you mean "kernelSize"/)
    expect(make).toThrow(/"filters"[\s\S]*positive whole number[\s\S]*received: 0/)
    expect(make).toThrow(/needs the option "kernelSize"/)
    expect(make).toThrow(/"valid", "same"[\s\S]*"full"/)
    expect(make).toThrow(/did you mean "relu"/)
  })

  test.each([
    ['a vector for a convolution', () => conv2d({ filters: 2, kernelSize: 3 }).outputShape([[6]]), /pictures, 3 axes/],
    [
      'a picture without channels',
      () => maxPooling2d().outputShape([[28, 28]]),
      /reshape\(\{targetShape: \[28, 28, 1\]\}\)/,
    ],
    ['a window larger than the picture', () => maxPooling2d({ poolSize: 5 }).outputShape([[4, 9, 1]]), /height ≥ 5/],
    [
      'channels that do not divide',
      () => conv2d({ filters: 4, kernelSize: 1, groups: 2 }).weights([[3, 3, 3]]),
      /multiple of groups/,
    ],
    ['shapes that do not add', () => add().outputShape([[2], [3]]), /do not fit together/],
    [
      'a scale for each of other channels',
      () => rescaling({ scale: [1, 2] }).outputShape([[4, 4, 3]]),
      /scale needs one number/,
    ],
    [
      'groups that do not divide',
      () => groupNormalization().outputShape([[4, 4, 24]]),
      /multiple of 32, or groups: -1/,
    ],
    [
      'an output padding as large as the stride',
      () => conv2dTranspose({ filters: 1, kernelSize: 3, strides: [2, 1], outputPadding: 1 }),
      /outputPadding must be less than the strides/,
    ],
    [
      'a transposed convolution that leaves nothing',
      () => conv2dTranspose({ filters: 1, kernelSize: 2, padding: 'same', outputPadding: 0 }).outputShape([[1, 4, 1]]),
      /nothing would be left/,
    ],
    ['one input to a sum', () => add().outputShape([[2]]), /two or more/],
    ['a reshape of another size', () => reshape({ targetShape: [7] }).outputShape([[6]]), /6 elements/],
    ['an axis that is not there', () => softmax({ axis: 3 }).outputShape([[4, 4]]), /no such axis/],
    ['an unknown layer', () => layerFromConfig({ type: 'Conv2d', config: {} }), /did you mean "Conv2D"/],
    ['a layer of the user’s own', () => layerFromConfig({ type: 'Brightness', config: {} }), /build the model in code/],
    ['a rate of 1', () => dropout({ rate: 1 }), /at least 0 and below 1/],
    [
      'an unknown initializer',
      () => dense({ units: 1, kernelInitializer: 'heNorm' as never }),
      /did you mean "HeNormal"/,
    ],
  ])('%s gives a UserError', (_, act, message) => {
    expect(act).toThrow(UserError)
    expect(act).toThrow(message)
  })
})
