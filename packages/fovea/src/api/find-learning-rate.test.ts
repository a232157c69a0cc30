import { expect, test } from 'vitest'
import { memorySource } from '../data/memory-source.ts'
import { dense } from '../layers/dense.ts'
import { flatten } from '../layers/shaping.ts'
import { classes, points } from '../train/tiny.testing.ts'
import { compiled, place, quiet, tiny } from './tiny-classifier.testing.ts'

test('a compiled model finds a rate and trains on as if it had not', async () => {
  const [asked, other] = [tiny().model, tiny().model]
  const found = await asked.findLearningRate(points, classes, { from: 1e-3, to: 1e5, steps: 80, batchSize: 4 })
  expect(found.points[0]!.rate).toBe(1e-3)
  expect(found.suggestion).toBeGreaterThan(1e-3)
  await asked.fit(points, classes, { epochs: 2, ...quiet })
  await other.fit(points, classes, { epochs: 2, ...quiet })
  expect(await asked.getWeights()).toEqual(await other.getWeights())
})

test('pictures have their own labels; class weights count', async () => {
  const images = Uint8Array.from({ length: 48 }, (_, at) => (Math.floor(at / 4) % 2 === 0 ? 20 : 220))
  const labels = Uint8Array.from({ length: 12 }, (_, at) => at % 2)
  const source = memorySource({ images, labels, shape: [2, 2, 1], classNames: ['dark', 'light'] })
  const model = place().sequential([flatten({ inputShape: [2, 2, 1] }), dense({ units: 2, activation: 'softmax' })])
  model.compile(compiled)
  const plain = await model.findLearningRate(source, { to: 0.1, steps: 12 })
  expect(plain.points).toHaveLength(12)
  const weighted = await model.findLearningRate(source, { to: 0.1, steps: 12, classWeight: { 0: 5 } })
  expect(weighted.points[0]!.loss).not.toBe(plain.points[0]!.loss)
})

test('without compile there is no loss to follow', async () => {
  const model = place().sequential([dense({ units: 2, activation: 'softmax', inputShape: [2] })])
  await expect(model.findLearningRate(points, classes)).rejects.toThrow(/compile/)
})
