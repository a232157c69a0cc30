import { describe, expect, it } from 'vitest'
import { optimizerFromConfig } from './factories.ts'
import {
  byEpoch,
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  inverseTimeDecay,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
  polynomialRamp,
  type Schedule,
  scheduleFromConfig,
} from './schedules.ts'

function expectRates(schedule: Schedule, rates: Readonly<Record<number, number>>) {
  for (const [step, rate] of Object.entries(rates)) expect(schedule.at(Number(step)), step).toBeCloseTo(rate, 12)
}

describe('schedules', () => {
  const base = { initialLearningRate: 0.1, decaySteps: 10 }

  it('exponential, also in stairs', () => {
    expectRates(exponentialDecay({ ...base, decayRate: 0.5 }), { 0: 0.1, 5: 0.1 * Math.sqrt(0.5), 10: 0.05, 20: 0.025 })
    expectRates(exponentialDecay({ ...base, decayRate: 0.5, staircase: true }), { 9: 0.1, 10: 0.05, 19: 0.05 })
  })

  it('piecewise: the value holds up to and including its boundary', () => {
    expectRates(piecewiseConstantDecay({ boundaries: [2, 5], values: [1, 0.5, 0.1] }), {
      0: 1,
      2: 1,
      3: 0.5,
      5: 0.5,
      6: 0.1,
    })
  })

  it('polynomial, also cycling', () => {
    const linear = { ...base, endLearningRate: 0 }
    expectRates(polynomialDecay(linear), { 0: 0.1, 5: 0.05, 10: 0, 15: 0 })
    expectRates(polynomialDecay({ ...linear, cycle: true }), { 0: 0.1, 10: 0, 15: 0.025, 20: 0 })
    expectRates(polynomialDecay({ ...linear, power: 2 }), { 5: 0.025 })
  })

  it('inverse time', () => {
    expectRates(inverseTimeDecay({ ...base, decayRate: 1 }), { 0: 0.1, 10: 0.05, 30: 0.025 })
  })

  it('cosine, with warm-up and restarts', () => {
    expectRates(cosineDecay({ ...base, alpha: 0.2 }), { 0: 0.1, 5: 0.06, 10: 0.02, 99: 0.02 })
    const warm = cosineDecay({ initialLearningRate: 0, decaySteps: 10, warmupTarget: 1, warmupSteps: 4 })
    expectRates(warm, { 0: 0, 1: 0.25, 4: 1, 9: 0.5, 14: 0 })
    const restarts = cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10, mMul: 0.5 })
    expectRates(restarts, { 0: 1, 5: 0.5, 10: 0.5, 20: 0.25, 30: 0.25 })
  })

  it('one cycle rises to the top and falls to almost nothing', () => {
    const cycle = oneCycle({ maxLearningRate: 1, totalSteps: 100, finalDivFactor: 1000 })
    expectRates(cycle, { 0: 0.04, 15: 0.52, 30: 1, 65: 0.5005, 100: 0.001, 200: 0.001 })
  })

  it('one cycle along straight lines', () => {
    const cycle = oneCycle({ maxLearningRate: 1, totalSteps: 100, finalDivFactor: 1000, anneal: 'linear' })
    expectRates(cycle, { 0: 0.04, 15: 0.52, 30: 1, 65: 0.5005, 100: 0.001, 200: 0.001 })
    expectRates(cycle, { 10: 0.04 + 0.96 / 3, 37: 1 - 0.0999 })
    expectRates(oneCycle({ maxLearningRate: 1, totalSteps: 100, divFactor: 1, anneal: 'cosine' }), { 10: 1 })
  })

  it('a ramp of a power', () => {
    const ramp = polynomialRamp({ initialLearningRate: 1, endLearningRate: 0, rampSteps: 10, power: 3 })
    expectRates(ramp, { 0: 1, 5: 0.875, 10: 0, 15: 0 })
  })

  it('by epoch', () => {
    const schedule = byEpoch(epoch => (epoch > 1 ? 0.1 : 1), 10)
    expectRates(schedule, { 0: 1, 19: 1, 20: 0.1 })
  })

  it('come from configurations in either spelling', () => {
    const keras = scheduleFromConfig('ExponentialDecay', {
      initial_learning_rate: 0.1,
      decay_steps: 10,
      decay_rate: 0.5,
      name: 'x',
    })
    expect(scheduleFromConfig(keras.type, keras.config).at(7)).toBe(keras.at(7))
  })

  it('say what is missing or cannot be', () => {
    expect(() => scheduleFromConfig('CosineDecay', { initial_learning_rate: 1 })).toThrow(
      'needs the option "decaySteps"',
    )
    expect(() => exponentialDecay({ initialLearningRate: 1, decaySteps: 0, decayRate: 1 })).toThrow('a number above 0')
    expect(() => piecewiseConstantDecay({ boundaries: [1], values: [1] })).toThrow('do not go together')
    expect(() => optimizerFromConfig('Adam', { learningRate: {} })).toThrow(
      /A schedule is called by its name[\s\S]*cosineDecay/,
    )
    expect(() => scheduleFromConfig('CosinDecay', {})).toThrow("Did you mean 'cosineDecay'?")
  })
})
