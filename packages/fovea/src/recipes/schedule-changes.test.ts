import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../base/json.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import type { Schedule } from '../optimizer/schedules.ts'
import { tinyRecipe } from '../train/tiny-recipe.testing.ts'
import type { RecipeConfig } from './recipe.ts'
import { recipeFromJson } from './recipe-json.ts'
import { changedRecipe } from './recipe-parts.ts'
import { overSteps, stretched } from './schedule-changes.ts'

const oneCycle = { type: 'OneCycle', config: { maxLearningRate: 0.01, totalSteps: 100, warmupFraction: 0.2 } }
const cosine = { type: 'CosineDecay', config: { initialLearningRate: 0.001, decaySteps: 80, warmupTarget: 0.1 } }
const scheduled = (learningRate: JsonRecord): RecipeConfig =>
  tinyRecipe({ epochs: 10, batchSize: 8, optimizer: { type: 'SGD', config: { learningRate, momentum: 0.9 } } })
const rates = ({ optimizer }: RecipeConfig) => {
  const { learningRate } = optimizerFromConfig(optimizer.type, optimizer.config)
  return (step: number) => (learningRate as Schedule).at(step)
}

describe('a changed recipe with a schedule', () => {
  it('goes over all steps there are where it does not say how many', () => {
    const { totalSteps, ...endless } = oneCycle.config
    const open = scheduled({ ...oneCycle, config: endless })
    const over = (steps: number) => rates({ ...open, optimizer: overSteps(open.optimizer, steps) })
    expect(overSteps(open.optimizer, totalSteps)).toEqual(scheduled(oneCycle).optimizer)
    for (const step of [0, 7, 20, 64, 100]) expect(over(300)(3 * step)).toBeCloseTo(over(100)(step), 15)
    // A cosine has its end after the warm-up.
    const warm = scheduled({
      type: 'CosineDecay',
      config: { initialLearningRate: 0, warmupTarget: 1, warmupSteps: 10 },
    })
    const rate = rates({ ...warm, optimizer: overSteps(warm.optimizer, 50) })
    expect([rate(10), rate(30), rate(50)].map(value => value.toFixed(12))).toEqual(
      ['1', '0.5', '0'].map(value => Number(value).toFixed(12)),
    )
  })

  it("lets Lookahead's rate go over the same steps", () => {
    const config = { initialLearningRate: 1, endLearningRate: 0.5, power: 3 }
    const open = scheduled(oneCycle).optimizer
    const lookahead = { lookaheadSteps: 5, lookaheadRate: { type: 'PolynomialRamp', config } }
    const optimizer = { ...open, config: { ...open.config, ...lookahead } }
    const rateAfter = (steps: number) => {
      const { type, config } = overSteps(optimizer, steps)
      return optimizerFromConfig(type, config).scalars(50, 1)['lookaheadRate']
    }
    expect(rateAfter(50)).toBe(0.5)
    expect(rateAfter(100)).toBeCloseTo(1 - 0.5 / 8, 12)
    expect(stretched(overSteps(optimizer, 50), 2).config['lookaheadRate']).toEqual(lookahead.lookaheadRate)
  })

  it('keeps the steps that it names', () => {
    const { optimizer } = scheduled(oneCycle)
    expect(overSteps(optimizer, 7)).toBe(optimizer)
    expect(changedRecipe(scheduled(oneCycle), { epochs: 30 })).toEqual({ ...scheduled(oneCycle), epochs: 30 })
    const constant = tinyRecipe().optimizer
    expect(overSteps(constant, 7)).toBe(constant)
  })

  it('has all its rates raised by --learning-rate, the highest to that number', () => {
    const own = rates(scheduled(oneCycle))
    const raised = rates(changedRecipe(scheduled(oneCycle), { learningRate: 0.03 }))
    for (const step of [0, 11, 90]) expect(raised(step) / own(step)).toBeCloseTo(3, 12)
    expect(raised(20)).toBe(0.03)
    const warm = changedRecipe(scheduled(cosine), { learningRate: 0.2 }).optimizer.config['learningRate']
    expect(warm).toMatchObject({ config: { initialLearningRate: 0.002, warmupTarget: 0.2, decaySteps: 80 } })
  })

  it("is known by one spelling of the schedule's options", () => {
    const snake = { class_name: 'CosineDecay', config: { initial_learning_rate: 0.1, decay_steps: 80 } }
    const read = recipeFromJson(scheduled(snake))
    expect(read.optimizer.config['learningRate']).toMatchObject({
      config: { initialLearningRate: 0.1, decaySteps: 80 },
    })
    expect(rates(changedRecipe(read, { learningRate: 0.2 }))(40)).toBeCloseTo(0.1, 12)
  })
})
