import { describe, expect, it } from 'vitest'
import type { Split } from '../data/dataset.ts'
import { generatedSource } from '../data/generated-source.ts'
import { memorySource } from '../data/memory-source.ts'
import type { PictureSource } from '../data/picture-source.ts'
import { randomFlip } from '../layers/augmentation.ts'
import { dense } from '../layers/dense.ts'
import { normalization, rescaling } from '../layers/rescaling.ts'
import { flatten } from '../layers/shaping.ts'
import { modelToConfig } from '../network/config.ts'
import { sequential } from '../network/sequential.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { readReport } from '../run/report-json.ts'
import { readRunLines } from '../run/run-file.ts'
import { decodeSamples } from '../run/samples.ts'
import { referenceDevice } from '../runtime/reference.ts'
import { decodeCheckpoint } from '../store/checkpoint.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { decodeModelFile } from '../store/model-file.ts'
import { decodeSafetensors } from '../store/tensor-file.ts'
import type { TrainEvent } from '../train/events.ts'
import { steppedClock } from '../train/tiny.testing.ts'
import { tinyDataset, tinyModel, tinyRecipe } from '../train/tiny-recipe.testing.ts'
import type { RunRecipeOptions } from './recipe-job.ts'
import { type RecipeRun, runRecipe } from './run-recipe.ts'

const base = () => ({ device: referenceDevice({ round: Math.fround }), clock: steppedClock(100) })

describe('runRecipe', () => {
  async function ran(changes: Partial<RecipeConfig> = {}, options: Partial<RunRecipeOptions> = {}) {
    const files = memoryFiles()
    const result = await runRecipe(tinyRecipe(changes), tinyDataset(), {
      ...base(),
      files,
      out: 'runs/a',
      ...options,
    })
    const read = (name: string) => files.read(`runs/a/${name}`)
    return { ...result, files, read }
  }

  it('weighs classes in training alone, and changes nothing where they are alike', async () => {
    const hash = async (changes: Partial<RecipeConfig>, limit: number) =>
      (await ran(changes, { limit })).report.weightsSha256
    const balanced = { classWeights: 'balanced' } as const
    expect(await hash(balanced, 16)).toBe(await hash({}, 16))
    expect(await hash(balanced, 5)).not.toBe(await hash({}, 5))
    // No step moves anything: what validation measures is of the same weights.
    const still = { optimizer: { type: 'SGD', config: { learningRate: 0 } } }
    const [weighted, plain] = [await ran({ ...still, ...balanced }, { limit: 5 }), await ran(still, { limit: 5 })]
    expect(weighted.report.history[0]!.valLoss).toBe(plain.report.history[0]!.valLoss)
    expect(weighted.report.history[0]!.loss).not.toBe(plain.report.history[0]!.loss)
    expect(weighted.model.recipe?.['classWeights']).toBe('balanced')
    expect(plain.model.recipe).not.toHaveProperty('classWeights')
  })

  it("trains by the options of the recipe's loss", async () => {
    const loss = { type: 'CategoricalCrossentropy', config: { labelSmoothing: 0.4 } }
    const still = { optimizer: { type: 'SGD', config: { learningRate: 0 } } }
    const [smoothed, plain] = [await ran({ ...still, loss }), await ran(still)]
    const losses = [smoothed, plain].map(({ report }) => report.test!.loss)
    expect(losses[0]).not.toBe(losses[1])
    const none = { type: 'categorical_crossentropy', config: {} }
    expect((await ran({ loss: none })).report.weightsSha256).toBe((await ran()).report.weightsSha256)
  })

  it('saves how its pictures were made where their source says it', async () => {
    const { name, train, test, ...about } = tinyDataset()
    const preprocess = { shape: [2, 2, 1], channels: 'grey', resize: 'stretch' } as const
    const source = memorySource({ ...about, ...train, preprocess })
    expect(tinyRecipe().preprocess.resize).not.toBe('stretch')
    const { model } = await runRecipe(tinyRecipe(), { name, ...about, train: source, test }, base())
    expect(model.preprocess).toEqual(preprocess)
  })

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
      'last-before.ckpt',
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

  it('logs, watches, tests and reports metrics beside accuracy', async () => {
    const metrics = ['accuracy', 'precision', { type: 'F1Score', config: { average: 'macro', name: 'macro' } }, 'auc']
    const early = { type: 'EarlyStopping', config: { monitor: 'val_precision', patience: 5 } }
    const { report, files, history } = await ran({ metrics, callbacks: [early] })
    const names = ['precision', 'macro', 'auc']
    expect(Object.keys(report.test!.metrics!)).toEqual(names)
    expect(report.test!.metrics!['macro']).toBeCloseTo(1, 12)
    expect(Object.keys(report.history[0]!.metrics!)).toEqual([...names, ...names.map(name => `val_${name}`)])
    expect(report.history.map(({ metrics }) => metrics!['val_auc'])).toEqual(history.history['val_auc'])
    expect(await readReport(files, 'runs/a')).toEqual(report)
    const plain = await ran()
    expect(plain.report.test).not.toHaveProperty('metrics')
    expect(plain.report.history[0]).not.toHaveProperty('metrics')
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
    const interrupted = await ran({ model: tinyModel(head) }, { signal: controller.signal, onEvent: stop })
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
    await ran({}, { onEvent: event => void (event.type === 'message' && texts.push(event.text)) })
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
    const onEvent = (event: TrainEvent) => void (isTime(event) && controller.abort())
    const first = await ran({}, { signal: controller.signal, onEvent })
    expect(first.endReason).toBe('aborted')
    expect(first.report.test).toBeNull()
    expect(decodeCheckpoint(await first.read('last.ckpt')).progress.step).toBe(step)
    expect(await readReport(first.files, 'runs/a')).toBeUndefined()
    const second = await runRecipe(tinyRecipe(), tinyDataset(), {
      ...base(),
      files: first.files,
      resume: 'runs/a',
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
    const first = await ran({ learningRateByEpoch }, { signal: controller.signal, onEvent: stop })
    const rates: number[] = []
    const note = (event: TrainEvent) => void (event.type === 'epoch-begin' && rates.push(event.learningRate))
    await runRecipe(tinyRecipe({ learningRateByEpoch }), tinyDataset(), {
      ...base(),
      files: first.files,
      resume: 'runs/a',
      learningRate: 0.01,
      onEvent: note,
    })
    expect(rates).toEqual([expected, expected])
  })

  it('goes on along a schedule over the whole training, which is longer with more epochs or starts higher', async () => {
    const learningRate = { type: 'OneCycle', config: { maxLearningRate: 0.5, warmupFraction: 0.25 } }
    const optimizer = { type: 'SGD', config: { learningRate, momentum: 0.9 } }
    const straight = await ran({ optimizer })
    const goesOn = async (options: Partial<RunRecipeOptions>) => {
      const controller = new AbortController()
      const stop = (event: TrainEvent) => void (event.type === 'batch-end' && event.step === 6 && controller.abort())
      const { files } = await ran({ optimizer }, { signal: controller.signal, onEvent: stop })
      const resumed = { ...base(), files, resume: 'runs/a', ...options }
      return (await runRecipe(tinyRecipe({ optimizer }), tinyDataset(), resumed)).report
    }
    expect((await goesOn({})).weightsSha256).toBe(straight.report.weightsSha256)
    const rates = async (options: Partial<RunRecipeOptions>) =>
      (await goesOn(options)).history.slice(1).map(epoch => epoch.learningRate)
    const [own, longer, higher] = [await rates({}), await rates({ epochs: 6 }), await rates({ learningRate: 1 })]
    expect(own.at(-1)).toBeLessThan(0.03)
    expect(longer).toHaveLength(5)
    expect(longer[1]).toBeGreaterThan(own[1]!)
    expect(higher).toEqual(own.map(rate => 2 * rate))
  })

  it('leaves a run as it is that cannot go on with other numbers', async () => {
    const { files, read } = await ran()
    const story = await read('run.jsonl')
    const resumed = { ...base(), files, resume: 'runs/a', epochs: 5 }
    const other = runRecipe(tinyRecipe({ batchSize: 4 }), tinyDataset(), { ...resumed, seed: 3 })
    await expect(other).rejects.toThrow(/another seed than it began with[\s\S]*another batchSize than it began with/)
    expect(await read('run.jsonl')).toEqual(story)
    expect((await runRecipe(tinyRecipe(), tinyDataset(), resumed)).report.epochs).toBe(5)
  })

  it('refuses a run directory that holds another run, and leaves it as it is', async () => {
    const { files, read } = await ran()
    const names = await files.list('runs/a')
    for (const name of names) {
      const own = memoryFiles()
      const bytes = await read(name)
      await own.write(`runs/a/${name}`, bytes)
      const again = runRecipe(tinyRecipe(), tinyDataset(), { ...base(), files: own, out: 'runs/a' })
      await expect(again).rejects.toThrow(/runs\/a holds a run already: it would be lost/)
      expect(await own.list('runs/a')).toEqual([name])
      expect(await own.read(`runs/a/${name}`)).toEqual(bytes)
    }
  })

  it('is told where to write and where to go on by one name each', async () => {
    const { files } = await ran()
    const asked = (options: object) => runRecipe(tinyRecipe(), tinyDataset(), { ...base(), files, ...options })
    await expect(asked({ runDir: 'b' })).rejects.toThrow(/"runDir"[\s\S]*it is called out/)
    await expect(asked({ listeners: [] })).rejects.toThrow(/"listeners"[\s\S]*it is called onEvent/)
    await expect(asked({ resume: true })).rejects.toThrow(/"resume"[\s\S]*the directory of the run to go on with/)
    await expect(asked({ out: 'b', resume: 'runs/a' })).rejects.toThrow(/exclude each other/)
    await expect(runRecipe(tinyRecipe(), tinyDataset(), { ...base(), resume: 'runs/a' })).rejects.toThrow(/no files/)
  })

  it('reads a test loss that was no number, which JSON cannot hold, as NaN', async () => {
    const { files, report } = await ran()
    const told = { ...report, test: { loss: null, accuracy: 0.5 } }
    await files.write('runs/a/result.json', new TextEncoder().encode(JSON.stringify(told)))
    expect((await readReport(files, 'runs/a'))!.test!.loss).toBeNaN()
  })

  it('takes only so many training samples, and leaves nothing without a run directory', async () => {
    const samples: number[] = []
    const { report } = await runRecipe(tinyRecipe(), tinyDataset(), {
      ...base(),
      limit: 10,
      epochs: 1,
      onEvent: event => void (event.type === 'train-begin' && samples.push(event.samples, event.validationSamples)),
    })
    expect(samples).toEqual([10, 8])
    expect(report.epochs).toBe(1)
    expect(report.runDir).toBeNull()
  })

  describe('reads pictures that are not in memory', () => {
    /** The pictures of a split, each read later. */
    const later = ({ images, labels }: Split): PictureSource => {
      const { shape, classNames } = tinyDataset()
      return generatedSource({ shape, classNames, labels, picture: async at => images.subarray(at * 4, at * 4 + 4) })
    }
    const { train, test, ...about } = tinyDataset()
    const withoutTimes = ({ report }: RecipeRun) => ({ ...report, peakBytes: 0, compileSeconds: 0 })
    const standardizing = tinyRecipe({
      standardize: true,
      model: tinyModel(normalization({ mean: 0, variance: 1, epsilon: 1e-7, inputShape: [2, 2, 1] })),
      validation: { kind: 'stratified', count: 8 },
    })
    const smaller = tinyRecipe({
      model: tinyModel(rescaling({ scale: 1 / 255, inputShape: [4, 4, 1] })),
      preprocess: { shape: [4, 4, 1], channels: 'grey', resize: 'stretch' },
    })

    it.each([
      ['as they are', tinyRecipe()],
      ['standardized', standardizing],
      ['prepared as they are read', smaller],
    ])('%s, with the same bits and files', async (_, recipe) => {
      const [files, other] = [memoryFiles(), memoryFiles()]
      const expected = await runRecipe(recipe, tinyDataset(), { ...base(), files, out: 'a', limit: 20 })
      const dataset = { ...about, train: later(train), test: later(test) }
      const found = await runRecipe(recipe, dataset, { ...base(), files: other, out: 'a', limit: 20 })
      expect(withoutTimes(found)).toEqual(withoutTimes(expected))
      expect(found.report.peakBytes).toBeLessThan(expected.report.peakBytes)
      for (const name of ['samples', 'test-predictions', 'best']) {
        const path = `a/${name}.safetensors`
        expect(await other.read(path), name).toEqual(await files.read(path))
      }
    })

    it('and passes on what goes wrong with them, having left nothing but its beginning', async () => {
      const files = memoryFiles()
      const dataset = { ...about, train: { ...later(train), read: () => Promise.reject(new Error('unplugged')) } }
      const run = runRecipe(tinyRecipe(), dataset, { ...base(), files, out: 'a' })
      await expect(run).rejects.toThrow('unplugged')
      expect(await files.list('a')).toEqual(['run.jsonl'])
    })
  })

  describe('without a test part', () => {
    const { test: _, ...untested } = tinyDataset()

    it('trains to the end, has a result, and tells no test', async () => {
      const files = memoryFiles()
      const { report, endReason } = await runRecipe(tinyRecipe(), untested, { ...base(), files, out: 'runs/a' })
      expect([endReason, report.test, report.epochs]).toEqual(['completed', null, 3])
      expect(await files.list('runs/a')).toEqual([
        'best.safetensors',
        'last-before.ckpt',
        'last.ckpt',
        'result.json',
        'run.jsonl',
        'samples.safetensors',
      ])
      expect(await readReport(files, 'runs/a')).toEqual(report)
      const samples = decodeSamples(await files.read('runs/a/samples.safetensors'), 'samples')
      expect([samples.first.length, samples.drawn.length, samples.testCount]).toEqual([36, 0, 0])
      const told = new TextDecoder().decode(await files.read('runs/a/run.jsonl'))
      expect(told).toContain('no test part')
    })

    it('has no validation on it', async () => {
      const onTest = tinyRecipe({ validation: { kind: 'test' } })
      await expect(runRecipe(onTest, untested, base())).rejects.toThrow(/tiny has no test part[\s\S]*splitValidation/)
    })

    it('is interrupted as any other', async () => {
      const stop = new AbortController()
      const onEvent = ({ type }: TrainEvent) => void (type === 'epoch-begin' && stop.abort())
      const run = await runRecipe(tinyRecipe(), untested, { ...base(), onEvent, signal: stop.signal })
      expect([run.endReason, run.report.test]).toEqual(['aborted', null])
    })
  })

  it('refuses what does not fit together', async () => {
    await expect(ran({ model: 'mnist-mlp' })).rejects.toThrow(/\(28, 28, 1\)[\s\S]*\(2, 2, 1\)/)
    await expect(ran({ callbacks: [{ type: 'EarlyStoping', config: {} }] })).rejects.toThrow(
      /EarlyStopping|earlyStopping/,
    )
    await expect(ran({}, { limit: 0 })).rejects.toThrow(/"limit" of runRecipe cannot be used/)
    await expect(ran({ optimizer: { type: 'SGD', config: { learningRate: Number.NaN } } })).rejects.toThrow(
      /learningRate/,
    )
  })
})
