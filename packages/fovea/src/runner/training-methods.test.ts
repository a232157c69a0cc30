/** Training methods as a recipe names them, from its JSON to the model that is tested. */
import { describe, expect, it } from 'vitest'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { steppedClock } from '../train/tiny.testing.ts'
import { tinyDataset, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import type { RunRecipeOptions } from './recipe-job.ts'
import { runRecipe } from './run-recipe.ts'

const ran = (changes: Partial<RecipeConfig> = {}, options: Partial<RunRecipeOptions> = {}) =>
  runRecipe(tinyRecipe(changes), tinyDataset(), {
    device: referenceDevice({ round: Math.fround }),
    clock: steppedClock(100),
    files: memoryFiles(),
    out: 'runs/a',
    ...options,
  })

describe('a recipe', () => {
  it('mixes pictures in training alone, and keeps the mixing with the model', async () => {
    const still = { optimizer: { type: 'SGD', config: { learningRate: 0 } } }
    const mixing = { type: 'Mixup', config: { alpha: 1 } }
    const [mixed, plain] = [await ran({ ...still, mixing }), await ran(still)]
    expect(mixed.report.history[0]!.valLoss).toBe(plain.report.history[0]!.valLoss)
    expect(mixed.report.history[0]!.loss).not.toBe(plain.report.history[0]!.loss)
    expect(mixed.model.recipe?.['mixing']).toEqual(mixing)
    expect(plain.model.recipe).not.toHaveProperty('mixing')
  })

  it('tests the mean of the last epochs, and refuses to test those of the best one', async () => {
    const callbacks = [{ type: 'StochasticWeightAveraging', config: { startEpoch: 1 } }]
    const [mean, plain] = [await ran({ callbacks, test: 'last' }), await ran({ test: 'last' })]
    expect(mean.report.history.map(({ loss }) => loss)).toEqual(plain.report.history.map(({ loss }) => loss))
    expect(mean.report.weightsSha256).not.toBe(plain.report.weightsSha256)
    await expect(ran({ callbacks })).rejects.toThrow(/ends with a mean of weights[\s\S]*test to 'last'/)
  })
})
