import { describe, expect, it } from 'vitest'
import { adam, adamw, nadam, optimizerFromConfig, sgd } from './factories.ts'
import { runOptimizer } from './optimizer.testing.ts'
import { learningRateAt, type Optimizer } from './optimizer.ts'
import { checkRateFactors, rateFactorOf, trainedWeights } from './rate-factors.ts'

const weights = ['a/kernel', 'a/bias', 'b/bias'].map(name => ({ name, trainable: true }))

/** Both weights after each step, from [1]. */
const stepped = (chosen: Optimizer, gradients: number[]) =>
  runOptimizer(
    chosen,
    { 'a/kernel': [1], 'a/bias': [1] },
    gradients.map(g => ({ 'a/kernel': [g], 'a/bias': [g] })),
  )

describe('factors of the learning rate', () => {
  it('count by whole name first, then by its last part', () => {
    const { config } = sgd({ rateFactors: { bias: 64, 'b/bias': 2 } })
    expect(weights.map(({ name }) => rateFactorOf(config, name))).toEqual([1, 64, 2])
    expect(trainedWeights(weights, sgd({ rateFactors: { bias: 0, 'b/bias': 1 } })).map(({ name }) => name)).toEqual([
      'a/kernel',
      'b/bias',
    ])
  })

  it('are a rate of the weight alone: the same steps as with that rate, and the decay of the base rate', () => {
    for (const make of [sgd, adam, nadam, adamw]) {
      const last = stepped(make({ learningRate: 0.01, weightDecay: null, rateFactors: { bias: 8 } }), [1, -2, 0.5]).at(
        -1,
      )!
      const plain = stepped(make({ learningRate: 0.01, weightDecay: null }), [1, -2, 0.5]).at(-1)!
      const fast = stepped(make({ learningRate: 0.08, weightDecay: null }), [1, -2, 0.5]).at(-1)!
      expect(last['a/kernel']).toEqual(plain['a/kernel'])
      expect(last['a/bias']![0]).toBeCloseTo(fast['a/bias']![0]!, 12)
    }
    // 1 − 1 · 0.1 · 0.5 − 0.1 · 8 · 2
    const [decayed] = stepped(sgd({ learningRate: 0.1, weightDecay: 0.5, rateFactors: { bias: 8 } }), [2])
    expect(decayed!['a/bias']![0]).toBeCloseTo(1 - 0.05 - 1.6, 12)
  })

  it('come back from the configuration', () => {
    const chosen = adam({ rateFactors: { bias: 64 } })
    const again = optimizerFromConfig(chosen.type, JSON.parse(JSON.stringify(chosen.config)))
    expect(again.scalars(3, 0.1)).toEqual(chosen.scalars(3, 0.1))
    expect(again.scalars(3, learningRateAt(again, 3))['stepSize*64']).toBeGreaterThan(0)
  })

  it('refuse names that no weight has, and factors that are none', () => {
    const check = (rateFactors: Record<string, number>) => () => checkRateFactors(sgd({ rateFactors }), weights)
    expect(check({ bias: 2, 'b/bias': 0 })).not.toThrow()
    expect(check({ biass: 2, 'c/kernel': 1 })).toThrow(/'biass'[\s\S]*Did you mean 'bias'[\s\S]*'c\/kernel'/)
    expect(() => sgd({ rateFactors: { bias: -1 } })).toThrow(/"rateFactors.bias"[\s\S]*-1/)
  })
})
