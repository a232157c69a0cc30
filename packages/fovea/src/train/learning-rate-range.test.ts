import { expect, test } from 'vitest'
import { trainingRows } from '../engine/labelled-rows.ts'
import { dense } from '../layers/dense.ts'
import { sequential } from '../network/sequential.ts'
import { initialWeights } from '../network/weights.ts'
import { adam, sgd } from '../optimizer/factories.ts'
import { cosineDecay } from '../optimizer/schedules.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { fit } from './fit.ts'
import { createLearner } from './learner.ts'
import { readingOf, testLearningRates } from './learning-rate-range.ts'
import { classes, points, steppedClock, tinyLearner, tinyRows } from './tiny.testing.ts'

const options = { from: 1e-4, to: 1000, steps: 60, batchSize: 4, seed: 1 }

test('the rate rises exponentially, and the losses are those of a training at these rates', async () => {
  const learner = tinyLearner({ optimizer: sgd({ learningRate: 0.1 }) })
  const rows = tinyRows(learner)
  const { points } = await testLearningRates(learner, rows, { ...options, from: 1e-3, to: 1, steps: 10 })
  expect(points.map(({ rate }) => rate)[0]).toBe(1e-3)
  expect(points.at(-1)!.rate).toBeCloseTo(1, 9)
  for (const [index, { rate }] of points.entries()) expect(rate).toBeCloseTo(10 ** (-3 + index / 3), 9)
  // The first epoch of three whole batches, each at its own rate.
  const other = tinyLearner({ optimizer: sgd({ learningRate: 0.1 }) })
  const losses: number[] = []
  await fit(other, rows, {
    ...{ epochs: 1, batchSize: 4, seed: 1, dropRemainder: true },
    callbacks: [
      {
        onBatchEnd(batch, logs, training) {
          losses.push(logs['loss']!)
          training.learningRate = points[batch + 1]!.rate
        },
        onTrainBegin(training) {
          training.learningRate = points[0]!.rate
        },
      },
    ],
  })
  expect(points.slice(0, 3).map(({ loss }) => loss)).toEqual(losses)
  await Promise.all([learner.dispose(), other.dispose()])
})

test('it ends where the loss explodes, and suggests a fifth of the rate at the lowest loss', async () => {
  // Of a line through points, whose squared error no activation holds back.
  const model = sequential([dense({ units: 1, inputShape: [2] })])
  const learner = createLearner({
    ...{ model, setup: { optimizer: sgd(), loss: 'meanSquaredError', metrics: [] } },
    ...{ device: referenceDevice(), clock: steppedClock(), weights: initialWeights(model, 1) },
  })
  const rows = trainingRows(model, learner.targets, points, classes)
  const found = await testLearningRates(learner, rows, { ...options, steps: 120 })
  expect(found.ended).toBe('exploded')
  expect(found.points.length).toBeLessThan(120)
  expect(found.lowest.smoothed).toBe(Math.min(...found.points.map(({ smoothed }) => smoothed)))
  expect(found.suggestion).toBe(Number((found.lowest.rate / 5).toPrecision(2)))
  expect(found.steepest.rate).toBeLessThanOrEqual(found.lowest.rate)
  await learner.dispose()
})

test('the learner is left as it was, optimizer, steps and schedule too', async () => {
  const schedule = cosineDecay({ initialLearningRate: 0.1, decaySteps: 20 })
  const learner = tinyLearner({ optimizer: adam({ learningRate: schedule }), dropout: true })
  const rows = tinyRows(learner)
  await fit(learner, rows, { epochs: 1, batchSize: 4 })
  const before = { weights: await learner.weights(), slots: await learner.slots(), step: learner.engine.step }
  const first = await testLearningRates(learner, rows, options)
  expect({ weights: await learner.weights(), slots: await learner.slots(), step: learner.engine.step }).toEqual(before)
  expect(await testLearningRates(learner, rows, options)).toEqual(first)
  await learner.dispose()
})

test('what cannot be is refused: a range without extent, an aborted signal, no loss at all', async () => {
  const learner = tinyLearner()
  const rows = tinyRows(learner)
  const run = (more: object) => testLearningRates(learner, rows, { ...options, ...more })
  await expect(run({ from: 1, to: 1 })).rejects.toThrow(/above the first/)
  await expect(run({ to: Number.NaN })).rejects.toThrow(/"to"/)
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  await expect(run({ signal: controller.signal })).rejects.toThrow('enough')
  expect(() => readingOf([{ rate: 1, loss: Number.NaN, smoothed: Number.NaN }])).toThrow(/no number/)
  await learner.dispose()
})
