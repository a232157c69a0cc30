import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../base/json.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import type { Schedule } from '../optimizer/schedules.ts'
import { tinyRecipe } from '../train/tiny-recipe.testing.ts'
import type { RecipeConfig } from './recipe.ts'
import { recipeFromJson } from './recipe-json.ts'
import { changedRecipe } from './recipe-parts.ts'

const oneCycle = { type: 'OneCycle', config: { maxLearningRate: 0.01, totalSteps: 100, warmupFraction: 0.2 } }
const cosine = { type: 'CosineDecay', config: { initialLearningRate: 0.001, decaySteps: 80, warmupTarget: 0.1 } }
const scheduled = (learningRate: JsonRecord): RecipeConfig =>
  tinyRecipe({ epochs: 10, batchSize: 8, optimizer: { type: 'SGD', config: { learningRate, momentum: 0.9 } } })
const rates = ({ optimizer }: RecipeConfig) => {
  const { learningRate } = optimizerFromConfig(optimizer.type, optimizer.config)
  return (step: number) => (learningRate as Schedule).at(step)
}

describe('a changed recipe with a schedule', () => {
  it('is stretched over more epochs and smaller batches', () => {
    const [own, longer] = [rates(scheduled(oneCycle)), rates(changedRecipe(scheduled(oneCycle), { epochs: 30 }))]
    for (const step of [0, 7, 20, 64, 100]) expect(longer(3 * step)).toBeCloseTo(own(step), 15)
    const smaller = rates(changedRecipe(scheduled(oneCycle), { batchSize: 4 }))
    expect(smaller(200)).toBe(own(100))
  })

  it('keeps its bits with other numbers', () => {
    const same = changedRecipe(scheduled(oneCycle), { seed: 9, epochs: 10, batchSize: 8 })
    expect(same).toEqual({ ...scheduled(oneCycle), seed: 9 })
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
    expect(rates(changedRecipe(read, { epochs: 20 }))(160)).toBe(0)
    expect(rates(changedRecipe(read, { epochs: 20 }))(80)).toBeCloseTo(0.05, 12)
  })
})
