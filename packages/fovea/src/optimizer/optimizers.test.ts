import { describe, expect, it } from 'vitest'
import { keyOf, uniform } from '../base/random.ts'
import { adam, adamw, lion, muon, optimizer, optimizerFromConfig, rmsprop, sgd } from './factories.ts'
import { runOptimizer as run } from './optimizer.testing.ts'
import { learningRateAt, type Optimizer } from './optimizer.ts'
import { exponentialDecay } from './schedules.ts'

/** w after each step from [1], with these gradients. */
const weights = (chosen: Optimizer, gradients: number[]): number[] =>
  run(
    chosen,
    { w: [1] },
    gradients.map(g => ({ w: [g] })),
  ).map(states => states['w']![0]!)

function expectClose(actual: readonly number[], expected: readonly number[], digits = 12) {
  expect(actual).toHaveLength(expected.length)
  for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, digits)
}

describe('formulas, written out', () => {
  it('sgd, momentum, Nesterov', () => {
    expectClose(weights(sgd({ learningRate: 0.1 }), [2, 1]), [0.8, 0.7])
    // m = −0.2; m = −0.18 − 0.1
    expectClose(weights(sgd({ learningRate: 0.1, momentum: 0.9 }), [2, 1]), [0.8, 0.52])
    // w += 0.9 m − 0.1 g
    expectClose(weights(sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }), [2, 1]), [
      1 - 0.18 - 0.2,
      1 - 0.38 - 0.252 - 0.1,
    ])
  })

  it('rmsprop, centered with momentum', () => {
    const v = 0.1 * 4
    expectClose(weights(rmsprop(), [2]), [1 - (0.001 * 2) / Math.sqrt(v + 1e-7)])
    const centred = (0.001 * 2) / Math.sqrt(v - 0.2 * 0.2 + 1e-7)
    expectClose(weights(rmsprop({ centered: true, momentum: 0.5 }), [2]), [1 - centred])
  })

  it('adam', () => {
    let [m, v, w] = [0, 0, 1]
    const expected = [2, -1, 0.5].map((g, index) => {
      const t = index + 1
      m = 0.9 * m + 0.1 * g
      v = 0.999 * v + 0.001 * g * g
      w -= (0.001 * (Math.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)) * m) / (Math.sqrt(v) + 1e-7)
      return w
    })
    expectClose(weights(adam(), [2, -1, 0.5]), expected)
  })

  it('adamw decays the weights before the step', () => {
    const [plain] = weights(adam({ learningRate: 0.1 }), [2])
    const [decayed] = weights(adamw({ learningRate: 0.1, weightDecay: 0.5 }), [2])
    expect(decayed).toBeCloseTo(plain! - 0.05, 12)
  })

  it('lion takes the sign', () => {
    expectClose(weights(lion({ learningRate: 0.1 }), [2, -100]), [0.9, 1])
  })

  it("keras's old decay divides by 1 + decay · steps done", () => {
    expectClose(weights(sgd({ learningRate: 1, decay: 1 }), [1, 1, 1]), [0, -0.5, -0.5 - 1 / 3])
  })

  it('a schedule is asked with the number of steps done', () => {
    const learningRate = exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 })
    expectClose(weights(sgd({ learningRate }), [1, 1, 1]), [0, -0.5, -0.75])
  })
})

describe('around the rule', () => {
  const gradients = { a: [3, 4], b: [0, 12] }
  const stepped = (chosen: Optimizer) => run(chosen, { a: [0, 0], b: [0, 0] }, [gradients])[0]!

  it('clips each tensor, all together, or each element', () => {
    const each = stepped(sgd({ learningRate: 1, clipnorm: 1 }))
    expectClose([...each['a']!, ...each['b']!], [-0.6, -0.8, 0, -1])
    const all = stepped(sgd({ learningRate: 1, globalClipnorm: 6.5 }))
    expectClose([...all['a']!, ...all['b']!], [-1.5, -2, 0, -6])
    const loose = stepped(sgd({ learningRate: 1, globalClipnorm: 100 }))
    expectClose([...loose['a']!, ...loose['b']!], [-3, -4, 0, -12])
    const element = stepped(sgd({ learningRate: 1, clipvalue: 3.5 }))
    expectClose([...element['a']!, ...element['b']!], [-3, -3.5, 0, -3.5])
  })

  it('accumulates gradients and then applies their mean once', () => {
    const chosen = adam({ learningRate: 0.1, gradientAccumulationSteps: 2 })
    const accumulated = weights(chosen, [1, 3, 5, 7])
    const plain = weights(adam({ learningRate: 0.1 }), [2, 6])
    expectClose(accumulated, [1, plain[0]!, plain[0]!, plain[1]!])
  })

  it('keeps a moving average that overwrites the weights now and then', () => {
    const chosen = sgd({ learningRate: 1, useEma: true, emaMomentum: 0.9, emaOverwriteFrequency: 3 })
    expectClose(weights(chosen, [1, 1, 1]), [0, -1, -0.29])
  })

  it('undoes a loss scale', () => {
    expectClose(weights(sgd({ learningRate: 1, lossScaleFactor: 1024 }), [1024]), [0])
  })
})

describe('muon', () => {
  it('moves a matrix by a nearly orthogonal step of known size, and vectors by adam', () => {
    const [rows, columns] = [6, 4]
    const gradient = Array.from({ length: rows * columns }, (_, index) => uniform(keyOf(5), index) - 0.5)
    const zeros = new Array<number>(rows * columns).fill(0)
    const chosen = muon({ learningRate: 1, rmsRate: null, weightDecay: null })
    const step = run(chosen, { w: zeros }, [{ w: gradient }], [rows, columns])[0]!['w']!
    // Wᵀ W of an orthogonal step is the identity; five iterations bring singular values within 0.68 … 1.15 or so.
    for (let i = 0; i < columns; i++) {
      let square = 0
      for (let row = 0; row < rows; row++) square += step[row * columns + i]! ** 2
      expect(Math.sqrt(square)).toBeGreaterThan(0.6)
      expect(Math.sqrt(square)).toBeLessThan(1.3)
    }
    expect(chosen.slots([3]).map(slot => slot.name)).toEqual(['momentum', 'velocity'])
    expect(chosen.slots([3, 3, 4, 8]).map(slot => slot.name)).toEqual(['momentum'])
    expectClose(weights(muon({ weightDecay: null }), [2, 1]), weights(adam(), [2, 1]))
    const without = muon({ excludeLayers: ['out'] })
    expect(without.slots([3, 4], 'out/kernel').map(slot => slot.name)).toEqual(['momentum', 'velocity'])
    expect(without.slots([3, 4], 'dense/kernel').map(slot => slot.name)).toEqual(['momentum'])
  })

  it('scales with the larger side, and turns kernels of convolutions as matrices', () => {
    const shape = [2, 2, 3, 5]
    const gradient = Array.from({ length: 60 }, (_, index) => uniform(keyOf(6), index) - 0.5)
    const zeros = new Array<number>(60).fill(0)
    const common = { learningRate: 1, weightDecay: null }
    const bare = run(muon({ ...common, rmsRate: null }), { w: zeros }, [{ w: gradient }], shape)[0]!['w']!
    const scaled = run(muon(common), { w: zeros }, [{ w: gradient }], shape)[0]!['w']!
    const flat = run(muon({ ...common, rmsRate: null }), { w: zeros }, [{ w: gradient }], [12, 5])[0]!['w']!
    expectClose(bare, flat)
    expectClose(
      scaled,
      bare.map(x => x * 0.2 * Math.sqrt(12)),
    )
  })
})

describe('choosing', () => {
  it('by name, class name and configuration, schedules included', () => {
    expect(optimizer('rmsprop').config['learningRate']).toBe(0.001)
    const chosen = optimizerFromConfig('SGD', {
      learning_rate: {
        class_name: 'ExponentialDecay',
        config: { initial_learning_rate: 1, decay_steps: 2, decay_rate: 0.25 },
      },
      momentum: 0.5,
    })
    expect(learningRateAt(chosen, 2)).toBe(0.5)
    const again = optimizerFromConfig(chosen.type, JSON.parse(JSON.stringify(chosen.config)))
    expect(again.config).toEqual(chosen.config)
    expect(learningRateAt(again, 4)).toBe(learningRateAt(chosen, 4))
  })

  it('says what cannot be', () => {
    expect(() => adam({ learningRate: -1, beta1: 2 })).toThrow(/"learningRate"[\s\S]*-1[\s\S]*"beta1"[\s\S]*below 1/)
    expect(() => sgd({ clipnorm: 1, clipvalue: 1 })).toThrow('clips in several ways')
    expect(() => optimizerFromConfig('Adam', { beta3: 1 })).toThrow('did you mean "beta1"?')
    expect(() => optimizerFromConfig('Adam', { beta_1: 0.8, beta1: 0.9 })).toThrow('beta1 in more than one spelling')
    expect(() => rmsprop({ rho: Number.NaN })).toThrow(/"rho"[\s\S]*NaN/)
  })
})
