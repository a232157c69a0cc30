/** Every layer × padding × stride × activation: gradients equal central differences of the float64 oracle within 1e-6. */
import { expect, test } from 'vitest'
import type { Shape } from '../base/shape.ts'
import { activation } from './activation-layers.ts'
import { type ActivationConfig, activationTable } from './activations.ts'
import { gradientDeviation } from './check-layer.testing.ts'
import { conv2d } from './conv.ts'
import { conv2dTranspose } from './conv-transpose.ts'
import { dense } from './dense.ts'
import { depthwiseConv2d, separableConv2d } from './depthwise.ts'
import type { Layer } from './layer.ts'
import { averagePooling2d, maxPooling2d } from './pooling.ts'

const picture: Shape = [5, 4, 2]
const activations = Object.keys(activationTable) as (keyof typeof activationTable)[]
const paddings = ['valid', 'same'] as const
const strides = [1, 2, [3, 1], [1, 2]] as const

/** The layers whose gradient is further off, with the deviation. */
function off(layers: readonly (readonly [string, Layer])[], shape: Shape): string[] {
  return layers
    .map(([name, layer]) => [name, gradientDeviation(layer, [shape], true, 3)] as const)
    .filter(([, deviation]) => !(deviation <= 1e-6))
    .map(([name, deviation]) => `${name}: ${deviation}`)
}

const families = {
  conv2d: (options: object) => conv2d({ filters: 2, kernelSize: [3, 2], ...options }),
  groupedConv2d: (options: object) => conv2d({ filters: 4, kernelSize: 2, groups: 2, ...options }),
  conv2dTranspose: (options: object) => conv2dTranspose({ filters: 2, kernelSize: [3, 2], ...options }),
  depthwiseConv2d: (options: object) => depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, ...options }),
  separableConv2d: (options: object) => separableConv2d({ filters: 2, kernelSize: [2, 3], ...options }),
}

test.each(Object.entries(families))('%s × padding × stride × activation', (_, make) => {
  const layers = activations.flatMap(name =>
    paddings.flatMap(padding =>
      strides.map(
        stride => [`${name} ${padding} ${stride}`, make({ padding, strides: stride, activation: name })] as const,
      ),
    ),
  )
  expect(off(layers, picture)).toEqual([])
})

test.each(Object.entries(families))('%s with dilation', (_, make) => {
  const layers = paddings.map(padding => [padding, make({ padding, dilationRate: [1, 2] })] as const)
  expect(off(layers, [5, 5, 2])).toEqual([])
})

test.each([
  ['maxPooling2d', maxPooling2d],
  ['averagePooling2d', averagePooling2d],
])('%s × padding × stride', (_, make) => {
  const layers = paddings.flatMap(padding =>
    strides.flatMap(stride =>
      [2, 3, [1, 2] as const].map(
        poolSize => [`${padding} ${stride} ${poolSize}`, make({ padding, strides: stride, poolSize })] as const,
      ),
    ),
  )
  expect(off(layers, picture)).toEqual([])
})

test('dense × activation, vectors and pictures', () => {
  const layers = activations.map(name => [name, dense({ units: 3, activation: name })] as const)
  expect(off(layers, [6])).toEqual([])
  expect(off(layers, [2, 3])).toEqual([])
})

test('activations with their numbers', () => {
  const configs: readonly ActivationConfig[] = [
    ...activations,
    { type: 'relu', negativeSlope: 0.2, maxValue: 0.6, threshold: 0.1 },
    { type: 'relu', negativeSlope: 0.3, maxValue: 0.2 },
    { type: 'relu', maxValue: 0.4 },
    { type: 'hardSigmoid', alpha: 0.2, beta: 0.4 },
    { type: 'gelu', approximate: true },
    { type: 'elu', alpha: 2 },
    { type: 'celu', alpha: 0.5 },
  ]
  const layers = configs.map(config => [JSON.stringify(config), activation({ activation: config })] as const)
  expect(off(layers, picture)).toEqual([])
})
