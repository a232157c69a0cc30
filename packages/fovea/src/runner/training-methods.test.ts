/** Training methods as a recipe names them, from its JSON to the model that is tested. */
import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../base/json.ts'
import { conv2d } from '../layers/conv.ts'
import { dense } from '../layers/dense.ts'
import { globalAveragePooling2d } from '../layers/pooling.ts'
import { rescaling } from '../layers/rescaling.ts'
import { modelToConfig } from '../network/config.ts'
import { sequential } from '../network/sequential.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { recipeFromJson } from '../recipes/recipe-json.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { steppedClock } from '../train/tiny.testing.ts'
import { tinyDataset, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import { checkRecipe } from './check-recipe.ts'
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

  it('trains its first epochs on smaller pictures', async () => {
    const model = modelToConfig(
      sequential([
        rescaling({ scale: 1 / 255, inputShape: [2, 2, 1] }),
        conv2d({ filters: 3, kernelSize: 1 }),
        globalAveragePooling2d(),
        dense({ units: 2, activation: 'softmax' }),
      ]),
    ) as unknown as JsonRecord
    const sizes = [{ untilEpoch: 2, size: [1, 1] as const }]
    const [resized, plain] = [await ran({ model, sizes }), await ran({ model })]
    expect(resized.model.recipe?.['sizes']).toEqual(sizes)
    expect(resized.report.weightsSha256).not.toBe(plain.report.weightsSha256)
    expect(resized.model.model).toEqual(plain.model.model)
    const read = recipeFromJson(JSON.parse(JSON.stringify(tinyRecipe({ model, sizes }))))
    checkRecipe(read)
    expect((await ran(read)).report.weightsSha256).toBe(resized.report.weightsSha256)
  })

  it('refuses sizes that do not suit its network or one another', async () => {
    const sizes = [{ untilEpoch: 2, size: [1, 1] as const }]
    await expect(ran({ sizes })).rejects.toThrow('cannot be trained on pictures of 1 × 1')
    expect(() => checkRecipe(tinyRecipe({ sizes }))).toThrow('its first weights are not of pictures')
    const given = (wrong: unknown) => () => recipeFromJson({ ...tinyRecipe(), sizes: wrong })
    expect(given([...sizes, ...sizes])).toThrow(/each until a later epoch/)
    expect(given([{ untilEpoch: 2, size: [1] }])).toThrow(/height and width/)
    expect(given([{ until: 2, size: [1, 1] }])).toThrow(/untilEpoch/)
  })
})
