import { describe, expect, it } from 'vitest'
import { optimizerFromConfig, sgd } from './factories.ts'
import { runOptimizer } from './optimizer.testing.ts'
import { polynomialRamp } from './schedules.ts'

/** Of one weight from 1: the weight and its slow one after each step. */
const stepped = (options: Parameters<typeof sgd>[0], gradients: number[]) =>
  runOptimizer(
    sgd({ learningRate: 1, ...options }),
    { w: [1] },
    gradients.map(g => ({ w: [g] })),
  ).map(states => [states['w']![0]!, states['w@slow']![0]!])

describe('lookahead', () => {
  it('moves the slow weights every k updates and begins the fast ones again there', () => {
    // fast 0.9, 0.6: slow 1 + 0.5 (0.6 − 1) = 0.8; fast 0.7, 0.4: slow 0.8 + 0.5 (0.4 − 0.8) = 0.6.
    const states = stepped({ lookaheadSteps: 2 }, [0.1, 0.3, 0.1, 0.3])
    const expected = [
      [0.9, 1],
      [0.8, 0.8],
      [0.7, 0.8],
      [0.6, 0.6],
    ]
    for (const [step, pair] of expected.entries()) {
      for (const [index, value] of pair.entries()) expect(states[step]![index]).toBeCloseTo(value, 12)
    }
  })

  it('takes a schedule of the steps done as its rate', () => {
    const steps = 4
    const lookaheadRate = polynomialRamp({ initialLearningRate: 1, endLearningRate: 0.5, rampSteps: steps, power: 3 })
    const rates = [2, 4].map(step => 1 - 0.5 * (step / steps) ** 3)
    const states = stepped({ lookaheadSteps: 2, lookaheadRate }, [0.1, 0.3, 0.1, 0.3])
    const first = 1 + rates[0]! * (0.6 - 1)
    expect(states[1]![1]).toBeCloseTo(first, 12)
    expect(states[3]![0]).toBeCloseTo(first + rates[1]! * -0.4, 12)
    const { type, config } = sgd({ lookaheadSteps: 2, lookaheadRate })
    expect(optimizerFromConfig(type, JSON.parse(JSON.stringify(config))).scalars(4, 1)).toMatchObject({
      lookaheadRate: rates[1],
      lookaheadMoves: 1,
    })
  })

  it('counts updates where gradients are accumulated', () => {
    const states = stepped({ lookaheadSteps: 2, gradientAccumulationSteps: 2 }, [0.1, 0.1, 0.3, 0.3, 0.1])
    expect(states.map(([fast]) => Number(fast!.toFixed(9)))).toEqual([1, 0.9, 0.9, 0.8, 0.8])
  })

  it('is not for weights that have a moving average', () => {
    expect(() => sgd({ useEma: true, lookaheadSteps: 5 })).toThrow('averages the weights in two ways')
    expect(() => sgd({ lookaheadSteps: 5, lookaheadRate: 0 })).toThrow(/"lookaheadRate"/)
  })
})
