import { describe, expect, it } from 'vitest'
import type { Dataset } from '../data/dataset.ts'
import { randomFlip } from '../layers/augmentation.ts'
import { dense } from '../layers/dense.ts'
import type { Layer } from '../layers/layer.ts'
import { normalization, rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { modelToConfig } from '../model/config.ts'
import { sequential } from '../model/sequential.ts'
import { parameterCounts } from '../model/weights.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import { specOf } from '../preprocess/spec.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { decodeCheckpoint } from '../store/checkpoint.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { decodeModelFile } from '../store/model-file.ts'
import { readRunLines } from '../store/run-file.ts'
import { decodeSafetensors, encodeSafetensors } from '../store/safetensors.ts'
import { batchesOf } from './batches.ts'
import type { TrainEvent } from './events.ts'
import { checkRecipe } from './recipes/check-recipe.ts'
import { makeRecipe } from './recipes/common.ts'
import type { RecipeConfig } from './recipes/recipe.ts'
import { callbacksOf, rateOf } from './recipes/recipe-callbacks.ts'
import { recipeFromJson } from './recipes/recipe-json.ts'
import { buildModel, byteMoments, changedRecipe } from './recipes/recipe-parts.ts'
import { recipe, recipes } from './recipes/recipes.ts'
import { type RunRecipeOptions, readReport, runRecipe } from './run-recipe.ts'
import { decodeSamples } from './samples.ts'
import { decodeTestFile, encodeTestFile } from './test-file.ts'
import { steppedClock } from './tiny.testing.ts'

/** 2×2 pictures of two classes: the brighter half is above or below. */
function tinyDataset(train = 40, test = 12): Dataset {
  const split = (count: number, from: number) => {
    const labels = Uint8Array.from({ length: count }, (_, index) => ((index + from) * 7) % 2)
    const pixel = (index: number): number => {
      const bright = labels[Math.floor(index / 4)]! === Math.floor((index % 4) / 2)
      return (bright ? 150 : 40) + ((index * 29 + from) % 60)
    }
    return { images: Uint8Array.from({ length: count * 4 }, (_, index) => pixel(index)), labels, count }
  }
  return {
    name: 'tiny',
    shape: [2, 2, 1],
    classNames: ['above', 'below'],
    train: split(train, 0),
    test: split(test, 1000),
  }
}

const tinyModel = (first: Layer = rescaling({ scale: 1 / 255, inputShape: [2, 2, 1] })) =>
  JSON.parse(JSON.stringify(modelToConfig(sequential([first, flatten(), dense({ units: 2, activation: 'softmax' })]))))

const tinyRecipe = (changes: Partial<RecipeConfig> = {}): RecipeConfig => ({
  ...makeRecipe({
    name: 'tiny-mlp',
    title: 'tiny',
    dataset: 'tiny',
    model: tinyModel(),
    preprocess: specOf({ name: 'tiny', shape: [2, 2, 1] }),
    validation: { kind: 'first', count: 8 },
    optimizer: { type: 'SGD', config: { learningRate: 0.5, momentum: 0.9 } },
    batchSize: 8,
    epochs: 3,
    test: 'best',
  }),
  ...changes,
})

const base = () => ({ device: referenceDevice({ round: Math.fround }), clock: steppedClock(100) })

describe('recipes', () => {
  it.each(recipes.map(recipe => [recipe.name, recipe] as const))('%s can be built, from its JSON too', (_, recipe) => {
    const read = recipeFromJson(JSON.parse(JSON.stringify(recipe)))
    expect(read).toEqual(recipe)
    const [height, width, channels] = recipe.preprocess.shape
    const one = { images: new Uint8Array(height * width * channels).fill(9), labels: Uint8Array.of(3), count: 1 }
    const names = Array.from({ length: 10 }, (_, index) => String(index))
    const dataset = { name: recipe.dataset, shape: recipe.preprocess.shape, classNames: names, train: one, test: one }
    const model = buildModel(recipe, dataset)
    if (recipe.published?.params !== undefined) expect(parameterCounts(model).total).toBe(recipe.published.params)
    expect(optimizerFromConfig(recipe.optimizer.type, recipe.optimizer.config).type).toBe(recipe.optimizer.type)
    callbacksOf(recipe)
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
      /no field "epoch"[\s\S]*did you mean "epochs"[\s\S]*"validation" cannot[\s\S]*"optimizer" cannot[\s\S]*"adam"[\s\S]*"batchSize" cannot[\s\S]*lacks "test"/,
    )
    expect(() => recipeFromJson({ ...json, validation: { kind: 'none' } })).toThrow(/no best epoch/)
    expect(() => recipeFromJson([])).toThrow(/no recipe/)
  })

  it('are checked before there are data, every problem at once', () => {
    for (const recipe of recipes) checkRecipe(recipe)
    const wrong = tinyRecipe({
      optimizer: { type: 'Sdg', config: {} },
      loss: 'meanSquarredError',
      metrics: ['acuracy'],
    })
    expect(() => checkRecipe(wrong)).toThrow(/Sdg[\s\S]*meanSquarredError/)
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

  it('standardize by one mean and deviation of all training bytes', () => {
    const bytes = Uint8Array.of(0, 10, 20, 30)
    expect(byteMoments(bytes)).toEqual({ mean: 15, variance: 125 })
    const model = tinyModel(normalization({ mean: 0, variance: 1, epsilon: 1e-7, inputShape: [2, 2, 1] }))
    const dataset = tinyDataset()
    const built = buildModel(tinyRecipe({ standardize: true, model }), dataset)
    expect(built.layers[0]!.layer.config).toEqual({
      ...byteMoments(dataset.train.images),
      invert: false,
      epsilon: 1e-7,
    })
    expect(() => buildModel(tinyRecipe({ standardize: true }), dataset)).toThrow(/no Normalization layer/)
  })
})

describe('the test file', () => {
  it('keeps the first eight pictures of every pair of true and predicted class', () => {
    const images = Uint8Array.from({ length: 30 }, (_, index) => index)
    const labels = Uint8Array.from({ length: 30 }, (_, index) => Number(index >= 20))
    // Class 1 is predicted for every third sample, a tie (class 0) for sample 0.
    const predictions = Float32Array.from({ length: 60 }, (_, at) =>
      at < 2 ? 0.5 : Number((at >> 1) % 3 === 0) ^ (at & 1) ^ 1,
    )
    const bytes = encodeTestFile(predictions, { images, labels, count: 30 }, [1, 1, 1])
    const { tensors } = decodeSafetensors(bytes)
    const kept = [...tensors[2]!.data]
    expect(kept).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
    expect([...tensors[3]!.data]).toEqual(kept)
  })

  it('keeps the mistakes of which the model was most sure, the worst first', () => {
    const images = Uint8Array.from({ length: 40 }, (_, index) => index)
    // Class 1 is predicted throughout, with 0.51, 0.52 … ; every fourth sample is one. Sample 38 is as sure as 39.
    const sure = (index: number): number => (index === 38 ? 0.9 : 0.51 + index / 100)
    const predictions = Float32Array.from({ length: 40 }, (_, index) => sure(index))
    const labels = Uint8Array.from({ length: 40 }, (_, index) => Number(index % 4 === 0))
    const file = decodeTestFile(encodeTestFile(predictions, { images, labels, count: 40 }, [1, 1, 1]), 'test')
    const wrong = Array.from({ length: 40 }, (_, index) => 39 - index).filter(index => index % 4 !== 0)
    expect(Array.from(file.mistakeIndices)).toEqual([38, 39, ...wrong.slice(2, 25)])
    expect([...file.mistakePictures]).toEqual(Array.from(file.mistakeIndices))
  })

  it('keeps large pictures scaled down', () => {
    const images = Uint8Array.from({ length: 2 * 128 * 96 * 3 }, (_, at) => 20 + 100 * Math.floor(at / (128 * 96 * 3)))
    const predictions = Float32Array.of(0.2, 0.8, 0.3, 0.7)
    const file = decodeTestFile(
      encodeTestFile(predictions, { images, labels: Uint8Array.of(0, 1), count: 2 }, [128, 96, 3]),
      'test',
    )
    expect(file.pictureShape).toEqual([64, 48, 3])
    expect(file.pictures.length).toBe(2 * 64 * 48 * 3)
    expect([...file.mistakePictures.subarray(0, 3), file.pictures.at(-1)]).toEqual([20, 20, 20, 120])
  })

  it('of an older version has no mistakes apart', () => {
    const older = encodeSafetensors({
      metadata: {},
      tensors: [
        { name: 'predictions', shape: [1, 2], data: Float32Array.of(0.2, 0.8) },
        { name: 'labels', shape: [1], data: Uint8Array.of(0) },
        { name: 'pictureIndices', shape: [1], data: Int32Array.of(0) },
        { name: 'pictures', shape: [1, 1, 1, 1], data: Uint8Array.of(7) },
      ],
    })
    expect(decodeTestFile(older, 'test')).toMatchObject({
      count: 1,
      mistakeIndices: [],
      mistakePictures: new Uint8Array(),
    })
  })
})

describe('runRecipe', () => {
  async function ran(changes: Partial<RecipeConfig> = {}, options: Partial<RunRecipeOptions> = {}) {
    const files = memoryFiles()
    const result = await runRecipe(tinyRecipe(changes), tinyDataset(), {
      ...base(),
      files,
      runDir: 'runs/a',
      ...options,
    })
    const read = (name: string) => files.read(`runs/a/${name}`)
    return { ...result, files, read }
  }

  it('learns, tests with the best weights and writes a run directory', async () => {
    const { report, read, model, files } = await ran()
    expect(report.test!.accuracy).toBe(1)
    expect(report).toMatchObject({ recipe: 'tiny-mlp', dataset: 'tiny', seed: 1, threads: 1, epochs: 3, params: 10 })
    expect(report.history.map(epoch => epoch.epoch)).toEqual([1, 2, 3])
    const lowest = Math.min(...report.history.map(epoch => epoch.valLoss!))
    expect(report.best).toEqual({ epoch: report.history.findIndex(e => e.valLoss === lowest) + 1, valLoss: lowest })
    expect(report.weightsSha256).toMatch(/^[0-9a-f]{64}$/)
    expect(await files.list('runs/a')).toEqual([
      'best.safetensors',
      'last.ckpt',
      'result.json',
      'run.jsonl',
      'samples.safetensors',
      'test-predictions.safetensors',
    ])
    expect(await readReport(files, 'runs/a')).toEqual(report)
    const saved = decodeModelFile(await read('best.safetensors'))
    expect(saved).toEqual(model)
    expect(saved.classNames).toEqual(['above', 'below'])
    expect(saved.recipe?.['name']).toBe('tiny-mlp')
    const { tensors } = decodeSafetensors(await read('test-predictions.safetensors'))
    expect(tensors.map(tensor => [tensor.name, tensor.shape])).toEqual([
      ['predictions', [12, 2]],
      ['labels', [12]],
      ['pictureIndices', [12]],
      ['pictures', [12, 2, 2, 1]],
      ['mistakeIndices', [0]],
      ['mistakePictures', [0, 2, 2, 1]],
    ])
    expect(tensors[3]!.data).toEqual(tinyDataset().test.images)
    const types = readRunLines(new TextDecoder().decode(await read('run.jsonl'))).map(record => record.type)
    expect(types[0]).toBe('run')
    expect(types.filter(type => type === 'epoch-end').length).toBe(3)
    expect(types.at(-1)).toBe('train-end')
  })

  it('ends its story with the units of the tested weights, which changes no weight', async () => {
    const layers = [dense({ units: 6, activation: 'relu' }), dense({ units: 2, activation: 'softmax' })]
    const hidden = sequential([flatten({ inputShape: [2, 2, 1] }), ...layers])
    const recipe = tinyRecipe({ model: JSON.parse(JSON.stringify(modelToConfig(hidden))) })
    const { report, read } = await ran(recipe)
    const last = readRunLines(new TextDecoder().decode(await read('run.jsonl'))).at(-1)
    expect(last).toMatchObject({ type: 'units', pictures: 8 })
    expect(last!['layers']).toMatchObject([{ layer: 'dense', activation: 'relu', units: 6, saturated: 0 }])
    const unwritten = await runRecipe(recipe, tinyDataset(), base())
    expect(unwritten.report.weightsSha256).toBe(report.weightsSha256)
  })

  it('keeps pictures of the data from the beginning, also of the augmentation, without changing the training', async () => {
    const head = randomFlip({ mode: 'horizontal', inputShape: [2, 2, 1] })
    const controller = new AbortController()
    const stop = (event: TrainEvent) => void (event.type === 'train-begin' && controller.abort())
    const interrupted = await ran({ model: tinyModel(head) }, { signal: controller.signal, listeners: [stop] })
    const samples = decodeSamples(await interrupted.read('samples.safetensors'), 'samples')
    expect(samples.first.length).toBe(36)
    expect(Array.from(samples.firstLabels).slice(0, 4)).toEqual([0, 1, 0, 1])
    expect(Array.from(samples.drawnIndices).length).toBe(12)
    const [a, b, c, d] = samples.first[0]!.data
    const seen = new Set(samples.variants.map(({ data }) => [...data].join()))
    expect(seen).toEqual(new Set([`${a},${b},${c},${d}`, `${b},${a},${d},${c}`]))
    const kept = await ran({ model: tinyModel(head) })
    const without = await runRecipe(tinyRecipe({ model: tinyModel(head) }), tinyDataset(), base())
    expect(kept.report.weightsSha256).toBe(without.report.weightsSha256)
  })

  it('tells what the data are and what the model is', async () => {
    const texts: string[] = []
    await ran({}, { listeners: [event => void (event.type === 'message' && texts.push(event.text))] })
    const text = texts.join('\n')
    expect(text).toContain('32 train, 8 validation, 12 test; 2 classes: above, below')
    expect(text).toContain('first labels: 0 1 0 1')
    expect(text).toContain('  1 (below) → 0 1')
    expect(text).toContain('Total params: 10')
    expect(text).toContain('val_loss improved from inf to')
  })

  it('gives the same weights for the same seed', async () => {
    const [one, two, other] = [await ran(), await ran(), await ran({}, { seed: 2 })]
    expect(two.report.weightsSha256).toBe(one.report.weightsSha256)
    expect(other.report.weightsSha256).not.toBe(one.report.weightsSha256)
  })

  it('tests the last weights where the recipe says so, also without validation', async () => {
    const { report, files } = await ran({ test: 'last', validation: { kind: 'none' } })
    expect(report.history[0]!.valLoss).toBeNull()
    expect(report.best!.epoch).toBe(3)
    expect(await files.exists('runs/a/model.safetensors')).toBe(true)
    expect(await files.exists('runs/a/best.safetensors')).toBe(false)
  })

  it.each([
    ['within an epoch', 6, (event: TrainEvent) => event.type === 'batch-end' && event.step === 6],
    ['before the test', 12, (event: TrainEvent) => event.type === 'train-end'],
  ])('goes on after an interruption %s as if there was none', async (_, step, isTime) => {
    const whole = await ran()
    const controller = new AbortController()
    const listeners = [(event: TrainEvent) => void (isTime(event) && controller.abort())]
    const first = await ran({}, { signal: controller.signal, listeners })
    expect(first.endReason).toBe('aborted')
    expect(first.report.test).toBeNull()
    expect(decodeCheckpoint(await first.read('last.ckpt')).progress.step).toBe(step)
    expect(await readReport(first.files, 'runs/a')).toBeUndefined()
    const second = await runRecipe(tinyRecipe(), tinyDataset(), {
      ...base(),
      files: first.files,
      runDir: 'runs/a',
      resume: true,
    })
    expect(second.report.weightsSha256).toBe(whole.report.weightsSha256)
    expect(second.report.test).toEqual(whole.report.test)
    expect(second.report.history.map(e => e.valLoss)).toEqual(whole.report.history.map(e => e.valLoss))
  })

  it.each([
    ['the rate given from there on', [], 0.01],
    ['a schedule in proportion', [{ afterEpoch: 0, learningRate: 0.25 }], 0.005],
  ])('goes on with %s', async (_, learningRateByEpoch, expected) => {
    const controller = new AbortController()
    const stop = (event: TrainEvent) => void (event.type === 'batch-end' && event.step === 6 && controller.abort())
    const first = await ran({ learningRateByEpoch }, { signal: controller.signal, listeners: [stop] })
    const rates: number[] = []
    const note = (event: TrainEvent) => void (event.type === 'epoch-begin' && rates.push(event.learningRate))
    await runRecipe(tinyRecipe({ learningRateByEpoch }), tinyDataset(), {
      ...base(),
      files: first.files,
      runDir: 'runs/a',
      resume: true,
      learningRate: 0.01,
      listeners: [note],
    })
    expect(rates).toEqual([expected, expected])
  })

  it('takes only so many training samples, and leaves nothing without a run directory', async () => {
    const samples: number[] = []
    const { report } = await runRecipe(tinyRecipe(), tinyDataset(), {
      ...base(),
      limit: 10,
      epochs: 1,
      listeners: [event => void (event.type === 'train-begin' && samples.push(event.samples, event.validationSamples))],
    })
    expect(samples).toEqual([10, 8])
    expect(report.epochs).toBe(1)
    expect(report.runDir).toBeNull()
  })

  it('refuses what does not fit together', async () => {
    await expect(ran({ model: 'mnist-mlp' })).rejects.toThrow(/\(28, 28, 1\)[\s\S]*\(2, 2, 1\)/)
    await expect(ran({ callbacks: [{ type: 'EarlyStoping', config: {} }] })).rejects.toThrow(
      /EarlyStopping|earlyStopping/,
    )
    await expect(ran({}, { limit: 0 })).rejects.toThrow(/limit cannot be used/)
    await expect(ran({ optimizer: { type: 'SGD', config: { learningRate: Number.NaN } } })).rejects.toThrow(
      /learningRate/,
    )
  })
})
