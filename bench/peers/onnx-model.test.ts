import { expect, test } from 'vitest'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import { message } from '../../packages/fovea/src/store/protobuf.ts'
import { allBenchRecipes } from '../recipes.ts'
import { workloadOf } from '../training.ts'
import { moved, onnxModel } from './onnx-model.ts'

test('fields are written as Protocol Buffers want them', () => {
  const inner = message([[1, 'int', 300]])
  expect([...inner]).toEqual([8, 0xac, 2])
  expect([...message([[2, 'bytes', inner]])]).toEqual([18, 3, 8, 0xac, 2])
  expect([...message([[4, 'text', 'Relu']])]).toEqual([34, 4, 0x52, 0x65, 0x6c, 0x75])
  expect([...message([[2, 'float', 1]])]).toEqual([21, 0, 0, 0x80, 0x3f])
})

test('axes are exchanged', () => {
  expect([...moved(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], [1, 0])]).toEqual([1, 4, 2, 5, 3, 6])
})

/** Measured in training, beside PyTorch. */
const torchAlone = ['resnet20', 'airbench', 'airbench-512']

test('every recipe that is asked has an ONNX form, with all its weights', () => {
  for (const name of allBenchRecipes.filter(name => !torchAlone.includes(name))) {
    const { model } = workloadOf(name)
    const weights = initialWeights(model, 1)
    const bytes = Object.values(weights).reduce((sum, { byteLength }) => sum + byteLength, 0)
    const { length } = onnxModel(model, weights)
    expect(length, name).toBeGreaterThan(bytes)
    expect(length, name).toBeLessThan(bytes + 300 * model.layers.length + 1000)
  }
})
