import { describe, expect, it } from 'vitest'
import { nameOfDataset } from '../base/dataset-choice.ts'
import type { JsonRecord } from '../base/json.ts'
import { memorySource } from '../data/memory-source.ts'
import { batchesOf } from '../engine/batches.ts'
import { normalization } from '../layers/rescaling.ts'
import { modelFromConfig } from '../network/config.ts'
import { parameterCounts } from '../network/weights.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import { checkRecipe } from '../runner/check-recipe.ts'
import { callbacksOf, rateOf } from '../runner/recipe-callbacks.ts'
import { tinyDataset, tinyModel, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import { recipeFromJson } from './recipe-json.ts'
import { buildModel, byteMoments, changedRecipe } from './recipe-parts.ts'
import { recipe, recipes } from './recipes.ts'
import { overSteps } from './schedule-changes.ts'

describe('recipes', () => {
  it.each(recipes.map(recipe => [recipe.name, recipe] as const))('%s can be built, from its JSON too', (_, recipe) => {
    const read = recipeFromJson(JSON.parse(JSON.stringify(recipe)))
    expect(read).toEqual(recipe)
    const names = Array.from({ length: 10 }, (_, index) => String(index))
    const dataset = { name: nameOfDataset(recipe.dataset), shape: recipe.preprocess.shape, classNames: names }
    const model = buildModel(recipe, dataset, recipe.standardize ? { mean: 9, variance: 4 } : undefined)
    if (recipe.published?.params !== undefined) expect(parameterCounts(model).total).toBe(recipe.published.params)
    const { type, config } = overSteps(recipe.optimizer, 100)
    expect(optimizerFromConfig(type, config).type).toBe(recipe.optimizer.type)
    callbacksOf(recipe)
  })

  it('are refused with an option in two spellings, and know each option by one name', () => {
    const written = recipe('mnist-mlp')
    const withOptimizer = (config: JsonRecord) => ({ ...written, optimizer: { type: 'Adam', config } })
    expect(() => recipeFromJson(withOptimizer({ learningRate: 0.001, learning_rate: 0.1 }))).toThrow(
      'Optimizer Adam is given learningRate in more than one spelling.\n  expected: learningRate\n  received: learningRate 0.001, learning_rate 0.1\n  fix: Leave learning_rate out.',
    )
    expect(recipeFromJson(withOptimizer({ learning_rate: 0.1 })).optimizer.config).toEqual({ learningRate: 0.1 })
  })

  it('say how an option is written that stands in the wrong place', () => {
    const written = recipe('mnist-mlp')
    const refusals = [
      [{ optimizer: { type: 'Adam', learningRate: 0.1 } }, '{ "type": "Adam", "config": { "learningRate": 0.1 } }'],
      [{ optimizer: 'adam' }, 'write { "type": "adam", "config": {} }'],
      [{ metrics: ['accuracy', { type: 'F1Score', average: 'macro' }] }, '"config": { "average": "macro" }'],
      [{ learningRate: 0.1 }, 'put it into the config of optimizer'],
    ] as const
    for (const [change, said] of refusals) expect(() => recipeFromJson({ ...written, ...change })).toThrow(said)
  })

  it('say which layer is wrongly written, counted from 1', () => {
    const model = tinyModel() as unknown as { layers: JsonRecord[] }
    const layers = [...model.layers, { type: 'Dropout', rate: 0.5 }]
    expect(() => modelFromConfig({ ...model, layers })).toThrow(
      `Layer ${layers.length} (Dropout): put rate into config.`,
    )
  })

  it('say so where validation is the test set', () => {
    for (const { validation, selectedOnTestSet } of recipes) expect(selectedOnTestSet).toBe(validation.kind === 'test')
  })

  it('have the published schedule: epochs count from 0, the change comes after the epoch named', () => {
    const { learningRateByEpoch } = recipe('cifar10-cnn-optimized')
    expect(
      [0, 50, 51, 100, 101, 135, 136, 175, 176, 249].map(epoch => rateOf(learningRateByEpoch, 0.001, epoch)),
    ).toEqual([0.001, 0.001, 0.0007, 0.0007, 0.0005, 0.0005, 0.0003, 0.0003, 0.0001, 0.0001])
  })

  it('have the published number of steps', () => {
    const stepsOf = (name: string, count: number): number => {
      const { batchSize, dropRemainder } = recipe(name)
      return batchesOf(count, batchSize, dropRemainder)
    }
    expect(stepsOf('cifar10-cnn-optimized', 45_000)).toBe(703)
    expect(stepsOf('cifar10-cnn', 45_000)).toBe(1407)
  })

  it('are found by name, or by the nearest', () => {
    expect(() => recipe('mnist-cn')).toThrow(/did you mean "mnist-cnn"/)
  })

  it('change with the options, schedules in proportion', () => {
    const changed = changedRecipe(recipe('cifar10-cnn-optimized'), { learningRate: 0.002, epochs: 3, seed: 9 })
    expect(changed.optimizer.config).toEqual({ learningRate: 0.002, decay: 1e-6 })
    expect(changed.learningRateByEpoch[0]!.learningRate).toBeCloseTo(0.0014, 12)
    expect([changed.epochs, changed.seed, changed.batchSize]).toEqual([3, 9, 64])
  })

  it('in JSON are checked, every problem at once', () => {
    const { title: _, ...json } = tinyRecipe()
    expect(recipeFromJson(json).title).toBe('tiny-mlp')
    const broken = {
      ...json,
      epoch: 3,
      batchSize: 0,
      optimizer: 'adam',
      validation: { kind: 'first' },
      test: undefined,
    }
    expect(() => recipeFromJson(broken)).toThrow(
      /no field "epoch"[\s\S]*did you mean "epochs"[\s\S]*"validation"[\s\S]*needs the field "count"[\s\S]*"optimizer"[\s\S]*"adam"[\s\S]*"batchSize"[\s\S]*needs the field "test"/,
    )
    expect(() => recipeFromJson({ ...json, validation: { kind: 'none' } })).toThrow(/no best epoch/)
    expect(() => recipeFromJson([])).toThrow(/recipe takes a record/)
    const metrics = ['accuracy', 'precision', { type: 'F1Score', config: { average: 'macro' } }]
    expect(recipeFromJson({ ...json, metrics }).metrics).toEqual(metrics)
    expect(() => recipeFromJson({ ...json, metrics: ['precision'] })).toThrow(/'accuracy' among them/)
    expect(() => recipeFromJson({ ...json, metrics: ['accuracy', { class: 'AUC' }] })).toThrow(/"class"/)
  })

  it('are checked before there are data, every problem at once', () => {
    for (const recipe of recipes) checkRecipe(recipe)
    const wrong = tinyRecipe({
      optimizer: { type: 'Sdg', config: {} },
      loss: 'meanSquarredError',
      metrics: ['acuracy'],
    })
    expect(() => checkRecipe(wrong)).toThrow(/Sdg[\s\S]*meanSquarredError/)
    const asking = (type: string, config: JsonRecord = {}) => tinyRecipe({ metrics: ['accuracy', { type, config }] })
    checkRecipe({ ...asking('F1Score'), callbacks: [{ type: 'EarlyStopping', config: { monitor: 'val_f1_score' } }] })
    expect(() => checkRecipe(asking('F1Scor'))).toThrow(/Did you mean 'f1Score'/)
    expect(() => checkRecipe(asking('Precision', { classId: 2 }))).toThrow(/classId from 0 to 1/)
    const smoothed = (config: JsonRecord) => tinyRecipe({ loss: { type: 'CategoricalCrossentropy', config } })
    checkRecipe(recipeFromJson(JSON.parse(JSON.stringify(smoothed({ label_smoothing: 0.1 })))))
    expect(() => checkRecipe(smoothed({ labelSmothing: 0.1 }))).toThrow(/labelSmothing[\s\S]*labelSmoothing/)
    const factors = (rateFactors: JsonRecord) => tinyRecipe({ optimizer: { type: 'SGD', config: { rateFactors } } })
    checkRecipe(recipeFromJson(JSON.parse(JSON.stringify(factors({ bias: 64 })))))
    expect(() => checkRecipe(factors({ biases: 64 }))).toThrow(/no such weight[\s\S]*Did you mean 'bias'/)
    const mixing = [
      { type: 'Mixup', config: { alpha: 0.4 } },
      { type: 'CutMix', config: {} },
    ]
    for (const some of [mixing, mixing[0]!]) {
      const read = recipeFromJson(JSON.parse(JSON.stringify(tinyRecipe({ mixing: some }))))
      expect(read.mixing).toEqual(some)
      checkRecipe(read)
    }
    expect(() => checkRecipe(tinyRecipe({ mixing: { type: 'Mixp', config: {} } }))).toThrow(/Did you mean 'mixup'/)
    expect(() => recipeFromJson({ ...tinyRecipe(), mixing: [] })).toThrow(/"mixing"/)
    const watching = tinyRecipe({
      validation: { kind: 'none' },
      callbacks: [{ type: 'EarlyStopping', config: { monitor: 'val_loss' } }],
    })
    expect(() => checkRecipe(watching)).toThrow(/watches "val_loss"/)
    const scheduled = tinyRecipe({
      optimizer: {
        type: 'SGD',
        config: {
          learningRate: {
            type: 'ExponentialDecay',
            config: { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.5 },
          },
        },
      },
      learningRateByEpoch: [{ afterEpoch: 1, learningRate: 0.1 }],
    })
    expect(() => checkRecipe(scheduled)).toThrow(/the optimizer has a schedule/)
  })

  it('standardize by one mean and deviation of all training bytes', async () => {
    const images = Uint8Array.of(0, 10, 20, 30)
    const pictures = memorySource({ images, labels: Uint8Array.of(0, 0), shape: [1, 1, 2], classNames: ['any'] })
    const moments = await byteMoments(pictures)
    expect(moments).toEqual({ mean: 15, variance: 125 })
    const model = tinyModel(normalization({ mean: 0, variance: 1, epsilon: 1e-7, inputShape: [2, 2, 1] }))
    const dataset = tinyDataset()
    const built = buildModel(tinyRecipe({ standardize: true, model }), dataset, moments)
    expect(built.layers[0]!.layer.config).toEqual({
      ...moments,
      invert: false,
      epsilon: 1e-7,
    })
    expect(() => buildModel(tinyRecipe({ standardize: true }), dataset, moments)).toThrow(/no Normalization layer/)
  })
})
