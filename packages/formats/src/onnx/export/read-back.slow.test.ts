/** The networks of the zoo, written as ONNX and read by Fovea again. */
import { expect, test } from 'vitest'
import { differences } from './read-back.testing.ts'
import { networks } from './written-models.testing.ts'

/** Its z-scores come back as factors and offsets. */
const rescaled = 'cifar10-cnn-optimized'

test('answers are the same bits', async () => {
  expect(
    await differences(
      networks().filter(({ name }) => name !== rescaled),
      0,
    ),
  ).toEqual([])
})

test('z-scores are read as rescaling', async () => {
  expect(
    await differences(
      networks().filter(({ name }) => name === rescaled),
      1e-6,
    ),
  ).toEqual([])
})
