/** The networks of the zoo, every layer alone and every activation, written as ONNX and read by Fovea again. */
import { expect, test } from 'vitest'
import { differences } from './read-back.testing.ts'
import { activations, layersAlone, networks, windows } from './written-models.testing.ts'

/** Their z-scores come back as factors and offsets. */
const rescaled = ['cifar10-cnn-optimized', 'cifar10-fast', 'cifar10-94']

test('answers are the same bits', async () => {
  expect(
    await differences(
      networks(name => !rescaled.includes(name)),
      0,
    ),
  ).toEqual([])
})

test('z-scores are read as rescaling', async () => {
  expect(
    await differences(
      networks(name => rescaled.includes(name)),
      1e-6,
    ),
  ).toEqual([])
})

test('every layer alone, every activation, windows of all sizes', async () => {
  expect(await differences([...layersAlone(), ...activations(), ...windows()], 1e-6)).toEqual([])
})
