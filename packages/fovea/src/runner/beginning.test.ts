/** Recipes that begin with a trained model: what is carried, frozen, trained, and that the run repeats. */
import { describe, expect, it } from 'vitest'
import type { JsonRecord } from '../base/json.ts'
import { dense } from '../layers/dense.ts'
import { batchNormalization } from '../layers/normalization.ts'
import { rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { modelFromConfig, modelToConfig } from '../network/config.ts'
import { sequential } from '../network/sequential.ts'
import type { Freeze } from '../network/transfer.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { recipeFromJson } from '../recipes/recipe-json.ts'
import { transferRecipe } from '../recipes/transfer-recipe.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { encodeModelFile } from '../store/model-encoder.ts'
import { decodeModelFile } from '../store/model-file.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import { steppedClock } from '../train/tiny.testing.ts'
import { tinyDataset, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import { checkRecipe } from './check-recipe.ts'
import type { RunRecipeOptions } from './recipe-job.ts'
import { runRecipe } from './run-recipe.ts'

const path = 'old/best.safetensors'
const net = sequential([
  rescaling({ scale: 1 / 255, inputShape: [2, 2, 1] }),
  flatten(),
  dense({ units: 4, activation: 'tanh' }),
  batchNormalization(),
  dense({ units: 2, activation: 'softmax' }),
])

async function begun(freeze?: Freeze, pictures = 1600) {
  const files = memoryFiles()
  const base = { device: referenceDevice({ round: Math.fround }), clock: steppedClock(100), files }
  const model = modelToConfig(net) as unknown as JsonRecord
  await runRecipe(tinyRecipe({ model }), tinyDataset(), { ...base, out: 'old' })
  const old = decodeModelFile(await files.read(path))
  const { preprocess } = tinyRecipe()
  const trained = { path, model: modelFromConfig(old.model), preprocess, weightsSha256: weightsSha256(old.weights) }
  const recipe = transferRecipe(tinyRecipe(), trained, { pictures, freeze })
  const run = (options: Partial<RunRecipeOptions> = {}, given: RecipeConfig = recipe) =>
    runRecipe(given, tinyDataset(), { ...base, ...options })
  const weight = (weights: typeof old.weights, name: string) => weights.find(each => each.name === name)!.data
  return { files, old, recipe, run, weight }
}

describe('a recipe that begins with a trained model', () => {
  it('trains the head alone first, then all but the statistics of batches at a lower rate', async () => {
    const { files, old, recipe, run, weight } = await begun()
    checkRecipe(recipe, tinyDataset())
    const { model, report } = await run({ out: 'new' })
    expect(report.history).toHaveLength(recipe.epochs)
    expect(report.history[0]!.learningRate).toBeLessThan(recipe.from!.headLearningRate)
    expect(weight(model.weights, 'dense/kernel')).not.toEqual(weight(old.weights, 'dense/kernel'))
    expect(weight(model.weights, 'batch_normalization/movingMean')).toEqual(
      weight(old.weights, 'batch_normalization/movingMean'),
    )
    const told = new TextDecoder().decode(await files.read('new/run.jsonl'))
    expect(told).toContain(`The head alone, ${recipe.from!.headEpochs} epochs on features computed once`)
    expect(report.seconds).toBeGreaterThan(report.history.reduce((sum, { seconds }) => sum + seconds, 0))
  })

  it('repeats from its own JSON, bit for bit', async () => {
    const { recipe, run } = await begun()
    const again = recipeFromJson(JSON.parse(JSON.stringify(recipe)))
    expect(again).toEqual(recipe)
    expect((await run({}, again)).report.weightsSha256).toBe((await run()).report.weightsSha256)
  })

  it('with all but the head frozen runs its epochs on kept features', async () => {
    const { old, recipe, run, weight } = await begun('all-but-head')
    expect(recipe.from).toMatchObject({ headEpochs: 0, cacheFeatures: true })
    const kept = await run()
    expect(weight(kept.model.weights, 'dense/kernel')).toEqual(weight(old.weights, 'dense/kernel'))
    const whole = await run({}, { ...recipe, from: { ...recipe.from!, cacheFeatures: false } })
    expect(kept.report.weightsSha256).toBe(whole.report.weightsSha256)
    expect(kept.report.test).toEqual(whole.report.test)
  })

  it('goes on with the head of classes it knows', async () => {
    const { recipe, run, old, weight } = await begun('all-but-head')
    const given = {
      ...recipe,
      epochs: 1,
      optimizer: { type: 'SGD', config: { learningRate: 0 } },
      learningRateByEpoch: [],
    }
    const kept = await run({}, { ...given, from: { ...recipe.from!, keepClasses: true } })
    expect(weight(kept.model.weights, 'head/kernel')).toEqual(weight(old.weights, 'dense_1/kernel'))
    expect(weight((await run({}, given)).model.weights, 'head/kernel')).not.toEqual(
      weight(old.weights, 'dense_1/kernel'),
    )
  })

  it('reports a run without a test part', async () => {
    const { recipe } = await begun('all-but-head')
    const { test: _, ...dataset } = tinyDataset()
    const { files } = await begun()
    const base = { device: referenceDevice({ round: Math.fround }), clock: steppedClock(100), files }
    const { report } = await runRecipe(recipe, dataset, base)
    expect(report).toMatchObject({ test: null, threads: 1 })
  })

  it('with none frozen trains everything at once', async () => {
    const { old, recipe, run, weight } = await begun('none')
    expect(recipe.from).toMatchObject({ headEpochs: 0, cacheFeatures: false })
    const { model } = await run()
    const name = 'batch_normalization/movingMean'
    expect(weight(model.weights, name)).not.toEqual(weight(old.weights, name))
  })

  it('interrupted at the head, begins there again', async () => {
    const { recipe, run } = await begun()
    await run({ out: 'cut', signal: AbortSignal.abort() })
    const resumed = await run({ resume: 'cut' })
    expect(resumed.report.weightsSha256).toBe((await run()).report.weightsSha256)
    expect(resumed.report.epochs).toBe(recipe.epochs)
  })

  it('goes on after an epoch without the model it began with', async () => {
    const { files, run } = await begun()
    const whole = await run({ out: 'whole' })
    const signal = new AbortController()
    const onEvent = (event: { readonly type: string }): void => {
      if (event.type === 'epoch-end') signal.abort()
    }
    await run({ out: 'cut', signal: signal.signal, onEvent })
    await files.remove(path)
    expect((await run({ resume: 'cut' })).report.weightsSha256).toBe(whole.report.weightsSha256)
  })

  it('refuses another model under the same path, and one that has nothing of the network', async () => {
    const { files, old, recipe, run } = await begun()
    const [first, ...others] = old.weights
    const changed = { ...old, weights: [{ ...first!, data: first!.data.map(value => value + 1) }, ...others] }
    await files.write(path, encodeModelFile(changed))
    await expect(run()).rejects.toThrow(/another model than the one this recipe begins with/)
    const renamed = old.weights.map(weight => ({ ...weight, name: `other/${weight.name}` }))
    await files.write(path, encodeModelFile({ weights: renamed }))
    const from = { ...recipe.from!, weightsSha256: weightsSha256(renamed) }
    await expect(run({}, { ...recipe, from })).rejects.toThrow(/has no weight of this network/)
    await files.remove(path)
    await expect(run()).rejects.toThrow(/best\.safetensors/)
    await expect(run({ files: undefined })).rejects.toThrow(/no files here/)
  })
})

describe('transferRecipe', () => {
  it('trains few pictures for more epochs, and keeps what the data need', async () => {
    const [few, many] = [(await begun(undefined, 60)).recipe, (await begun(undefined, 50_000)).recipe]
    expect(few.epochs).toBeGreaterThan(many.epochs)
    expect(many.from!.headEpochs).toBe(2)
    expect(few).toMatchObject({ dataset: 'tiny', validation: { kind: 'first', count: 8 }, name: 'tiny-mlp-transfer' })
  })

  it('refuses a model that takes no pictures', () => {
    const flat = sequential([dense({ units: 3, inputShape: [4] }), dense({ units: 2, activation: 'softmax' })])
    const trained = { path: 'flat', model: flat, preprocess: tinyRecipe().preprocess, weightsSha256: '' }
    expect(() => transferRecipe(tinyRecipe(), trained, { pictures: 10 })).toThrow(/height × width × 1 or 3/)
  })
})
