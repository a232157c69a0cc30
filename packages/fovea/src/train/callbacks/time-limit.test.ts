import { describe, expect, it } from 'vitest'
import { sgd } from '../../optimizer/factories.ts'
import { oneCycle } from '../../optimizer/schedules.ts'
import { fit } from '../fit.ts'
import { tinyLearner, tinyRows } from '../tiny.testing.ts'
import { timeLimit } from './time-limit.ts'

/** A training of 40 epochs, and the seconds that each of them takes. */
async function trained(secondsOf: (epoch: number) => number, limit: number, rateOf?: (epoch: number) => number) {
  let time = 0
  const clock = { now: () => time, yieldToEvents: async () => {} }
  const learner = tinyLearner(
    rateOf
      ? { optimizer: sgd({ learningRate: 0.1 }) }
      : { optimizer: sgd({ learningRate: oneCycle({ maxLearningRate: 1, totalSteps: 40 * 4 }) }) },
  )
  const rates: number[] = []
  const texts: string[] = []
  const history = await fit(learner, tinyRows(learner), {
    ...{ epochs: 40, batchSize: 4, seed: 1 },
    callbacks: [
      {
        onEpochEnd(epoch) {
          time += 1000 * secondsOf(epoch)
        },
      },
      timeLimit({ seconds: limit, clock, rateOf }),
    ],
    listeners: [
      event => {
        if (event.type === 'epoch-end') rates.push(event.learningRate)
        if (event.type === 'message') texts.push(event.text)
      },
    ],
  })
  const weights = await learner.weights()
  await learner.dispose()
  return { history, rates, texts, seconds: time / 1000, weights }
}

describe('timeLimit', () => {
  it('does nothing where the epochs take as long as they were planned to', async () => {
    const [planned, timed] = [await trained(() => 1, 1e9), await trained(() => 1, 40)]
    expect(timed.history.epochs).toHaveLength(40)
    expect(timed.weights).toEqual(planned.weights)
    expect(timed.texts).toEqual([])
  })

  it('brings the rate to its end in time where the machine becomes three times slower', async () => {
    const planned = await trained(() => 1, 1e9)
    const slowed = await trained(epoch => (epoch < 10 ? 1 : 3), 40)
    // 10 epochs at a second, then 10 that stand for 30.
    expect(slowed.history.epochs.length).toBeGreaterThan(17)
    expect(slowed.history.epochs.length).toBeLessThan(23)
    expect(Math.abs(slowed.seconds - 40)).toBeLessThan(4)
    expect(slowed.rates.slice(0, 10)).toEqual(planned.rates.slice(0, 10))
    expect(slowed.rates.at(-1)).toBeLessThan(0.05)
    expect(slowed.history.because).toBe('the time is over')
    expect(slowed.texts).toEqual([expect.stringContaining('take longer than planned')])
  })

  it('passes over epochs of a rate that is said epoch by epoch', async () => {
    const { rates, history } = await trained(
      () => 2,
      40,
      epoch => 1 / (1 + epoch),
    )
    expect(history.epochs.length).toBeLessThan(23)
    expect(rates.at(-1)).toBeLessThan(1 / 36)
  })
})
