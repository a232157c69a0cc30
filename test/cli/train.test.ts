/** Training from the command line, and the verbs that take what it leaves: one document each, and run directories. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  CompareDocument,
  ComparedRun,
  ErrorDocument,
  EvaluateDocument,
  ExplainDocument,
  RecipesDocument,
  ShiftTestDocument,
} from '../../packages/cli/src/command/documents.ts'
import type { PicturePrediction, PredictDocument } from '../../packages/cli/src/command/predict-documents.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { rescaling } from '../../packages/fovea/src/layers/rescaling.ts'
import { flatten } from '../../packages/fovea/src/layers/shaping.ts'
import { modelFromConfig, modelToConfig } from '../../packages/fovea/src/network/config.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { initialWeights } from '../../packages/fovea/src/network/weights.ts'
import type { RecipeConfig } from '../../packages/fovea/src/recipes/recipe.ts'
import { recipeFromJson } from '../../packages/fovea/src/recipes/recipe-json.ts'
import { plainModel } from '../../packages/fovea/src/recipes/recipe-parts.ts'
import { recipe, recipes } from '../../packages/fovea/src/recipes/recipes.ts'
import type { EpochReport, TrainReport } from '../../packages/fovea/src/run/report.ts'
import { encodeModelFile } from '../../packages/fovea/src/store/model-encoder.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { drawDigits } from '../digits/draw.testing.ts'
import { callFovea } from './fovea-call.testing.ts'
import { type Call, ensureBuilt, fovea, temporaryFolder } from './fovea-process.testing.ts'
import { tinyRecipe, writeTinyRecipe } from './tiny-recipe.testing.ts'

beforeAll(ensureBuilt, 120_000)

/** The one document on standard output. */
const documentOf = <T>(call: Call): T => JSON.parse(call.stdout) as T

/** The keys of a document, complete by its type. */
const keysOf = <T>(keys: Record<keyof T, true>): string[] => Object.keys(keys).sort()

const short = ['--limit', '96', '--threads', '1']

describe('recipes', () => {
  test('all of them, with their numbers', async () => {
    const { recipes: listed } = documentOf<RecipesDocument>(await callFovea(['recipes', '--json']))
    expect(listed.map(recipe => recipe.name)).toEqual(recipes.map(recipe => recipe.name))
    expect(listed.find(recipe => recipe.name === 'mnist-cnn')).toMatchObject({
      params: 220_234,
      batchSize: 64,
      epochs: 10,
    })
  })

  test.each(recipes)('$name prints as the configuration that train takes', async config => {
    const { model, ...written } = documentOf<RecipeConfig>(await callFovea(['recipes', config.name, '--json']))
    const { model: _, ...rest } = config
    expect(written).toEqual(rest)
    // With its layers, the first that is changed; those that only augment stand in a list of their own.
    const { augmentation: __, ...network } = config
    expect(modelToConfig(modelFromConfig(model))).toEqual(modelToConfig(plainModel(network)))
    expect(recipeFromJson({ ...written, model })).toEqual({ ...config, model })
  })

  test('people read what a recipe does', async () => {
    const { stdout } = await callFovea(['recipes', 'cifar10-cnn-optimized'])
    expect(stdout).toMatch(
      /309,290 parameters[\s\S]*0\.0007 after epoch 50[\s\S]*Next: fovea train cifar10-cnn-optimized/,
    )
  })
})

describe('train', () => {
  test('one document on standard output, progress on standard error, a run directory of its own', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd)
    const call = await fovea(['train', 'tiny.json', ...short, '--seed', '5', '--json'], { cwd })
    expect(call.code).toBe(0)
    const report = documentOf<TrainReport>(call)
    expect(Object.keys(report).sort()).toEqual(
      keysOf<TrainReport>({
        ...{
          recipe: true,
          dataset: true,
          seed: true,
          threads: true,
          epochs: true,
          params: true,
          history: true,
          best: true,
        },
        ...{ test: true, seconds: true, compileSeconds: true, msPerStep: true, peakBytes: true, weightsSha256: true },
        runDir: true,
      }),
    )
    expect(Object.keys(report.history[0]!).sort()).toEqual(
      keysOf<Omit<EpochReport, 'metrics'>>({
        ...{
          epoch: true,
          loss: true,
          accuracy: true,
          valLoss: true,
          valAccuracy: true,
          learningRate: true,
          seconds: true,
        },
      }),
    )
    expect(report).toMatchObject({ recipe: 'tiny', dataset: 'shapes', seed: 5, threads: 1, epochs: 2 })
    expect(report.history.map(epoch => epoch.epoch)).toEqual([1, 2])
    expect(report.weightsSha256).toMatch(/^[0-9a-f]{64}$/)
    expect(report.runDir).toBe(join('runs', 'tiny-5-1'))
    expect(JSON.parse(readFileSync(join(cwd, report.runDir!, 'result.json'), 'utf8'))).toEqual(report)
    expect(call.stderr).toMatch(/96 train, 100 validation, 2000 test[\s\S]*Epoch 2\/2[\s\S]*Next: fovea/)

    const again = documentOf<TrainReport>(
      await callFovea(['train', 'tiny.json', ...short, '--seed', '5', '--json'], { cwd }),
    )
    expect(again.runDir).toBe(join('runs', 'tiny-5-2'))
    expect(again.weightsSha256).toBe(report.weightsSha256)
  })

  test('people see the data before and after, first labels, the summary, each epoch, and the result', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd, { validation: { kind: 'test' }, selectedOnTestSet: true })
    const { stdout, stderr, code } = await fovea(['train', 'tiny.json', ...short, '--epochs', '1', '--out', 'run'], {
      cwd,
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('(12000, 32, 32, 3)')
    expect(stdout).toContain('first labels: 6 2 6 1 7 9 4 8 5 1')
    expect(stdout).toContain('0 0 0 0 0 0 1 0 0 0')
    expect(stdout).toContain('Model: "tiny"')
    expect(stdout).toMatch(/Epoch 1\/1 - .*accuracy: .*loss: .*val_accuracy: .*val_loss: /)
    expect(stdout).toMatch(/val_loss improved from inf to/)
    expect(stdout).toMatch(/Test accuracy \d+\.\d\d %.*\(selected on the test set\)/)
    expect(readdirSync(join(cwd, 'run'))).toEqual(
      expect.arrayContaining(['best.safetensors', 'last.ckpt', 'run.jsonl']),
    )
  })

  test('options change the recipe’s numbers', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd)
    const words = [...short, '--epochs', '1', '--batch-size', '48', '--learning-rate', '0.25', '--json', '--quiet']
    const call = await callFovea(['train', 'tiny.json', ...words], { cwd })
    expect(call.stderr).toBe('')
    const report = documentOf<TrainReport>(call)
    expect(report.history).toMatchObject([{ epoch: 1, learningRate: 0.25 }])
    const log = readFileSync(join(cwd, report.runDir!, 'run.jsonl'), 'utf8')
    expect(log).toMatch(/"type":"train-begin".*"samples":96.*"batchSize":48,"batches":2/)
  })

  test('a folder that holds something is not written over', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd)
    const { code, stderr } = await callFovea(['train', 'tiny.json', '--out', '.'], { cwd })
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') })
  })

  test('a configuration with mistakes names all of them', async () => {
    const cwd = temporaryFolder()
    const { epochs: _, ...config } = tinyRecipe()
    writeFileSync(join(cwd, 'my.json'), JSON.stringify({ ...config, batchSize: 0, epoch: 3 }))
    const { code, stderr } = await callFovea(['train', 'my.json'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(/"epoch"[\s\S]*batchSize/)
  })

  test('an unknown optimizer and loss are told before any data are looked for', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd, { dataset: 'mnist', optimizer: { type: 'Adamm', config: {} }, loss: 'crossentropie' })
    const { code, stderr } = await callFovea(['train', 'tiny.json', '--offline', '--data-dir', cwd], { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(/Adamm[\s\S]*crossentropie/)
    expect(stderr).not.toContain('train-images')
  })
})

describe('what takes a run', () => {
  let cwd: string
  let report: TrainReport

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'fovea-test-'))
    writeTinyRecipe(cwd)
    report = documentOf(await callFovea(['train', 'tiny.json', ...short, '--out', 'run', '--json', '--quiet'], { cwd }))
  }, 120_000)
  afterAll(() => rmSync(cwd, { recursive: true, force: true }))

  test('explain: one document, a folder of pictures, a page, a convolution by hand', async () => {
    writeDigit(join(cwd, 'seen.png'))
    const words = ['explain', 'run', 'seen.png', '--json']
    const folder = documentOf<ExplainDocument>(await callFovea([...words, '--out', 'seen'], { cwd }))
    const { predictions } = documentOf<PredictDocument>(
      await callFovea(['predict', 'run', 'seen.png', '--json', '--threads', '1'], { cwd }),
    )
    expect(folder.class).toBe(predictions[0]!.class)
    expect(folder.probabilities[folder.class]).toBeCloseTo(predictions[0]!.probability, 5)
    expect(folder.occlusion.drops.flat().some(drop => drop !== 0)).toBe(true)
    expect(readdirSync(join(cwd, 'seen')).sort()).toEqual(folder.files.map(file => file.split('/').at(-1)).sort())
    const page = documentOf<ExplainDocument>(await fovea([...words, '--out', 'seen.html'], { cwd }))
    expect(page.files).toEqual(['seen.html'])
    const html = readFileSync(join(cwd, 'seen.html'), 'utf8')
    expect(html).toContain('data:image/png;base64,')
    expect(html).not.toMatch(/https?:|<script[^>]* src/)
    const wrong = await callFovea([...words, '--at', '0,0,0'], { cwd })
    expect(wrong.code).toBe(2)
    expect(documentOf<ErrorDocument>(wrong).error[0]!.what).toMatch(/--at needs --layer/)
  })

  test('shift-test: unshifted is what evaluate measures, and every distance has its accuracy', async () => {
    const run = await callFovea(
      ['shift-test', 'run', '--pixels', '2', '--degrees', '10', '--limit', '64', '--json', '--threads', '1'],
      { cwd },
    )
    const { models } = documentOf<ShiftTestDocument>(run)
    const evaluated = documentOf<EvaluateDocument>(
      await callFovea(['evaluate', 'run', '--limit', '64', '--json', '--threads', '1'], { cwd }),
    )
    expect(models).toHaveLength(1)
    expect(models[0]!.unshifted).toBe(evaluated.accuracy)
    expect(models[0]!.shifts.map(({ pixels }) => pixels)).toEqual([1, 2])
    expect(models[0]!.turns.map(({ degrees }) => degrees)).toEqual([10])
    for (const { accuracy } of [...models[0]!.shifts, ...models[0]!.turns]) expect(accuracy).toBeGreaterThanOrEqual(0)
  })

  test('evaluate measures what train measured', async () => {
    for (const words of [['run'], ['run/best.safetensors', '--dataset', 'shapes', '--threads', '2']]) {
      const document = documentOf<EvaluateDocument>(await callFovea(['evaluate', ...words, '--json'], { cwd }))
      expect(Object.keys(document).sort()).toEqual(
        keysOf<Omit<EvaluateDocument, 'views'>>({
          ...{ model: true, dataset: true, samples: true, loss: true, accuracy: true, metrics: true, seconds: true },
          ...{ classNames: true, confusionMatrix: true },
        }),
      )
      expect(document).toMatchObject({ dataset: 'shapes', samples: 2000, accuracy: report.test!.accuracy })
      expect(document.loss).toBeCloseTo(report.test!.loss, 5)
      const { confusionMatrix: counts, classNames } = document
      expect([counts.length, ...counts.map(row => row.length)]).toEqual(new Array(11).fill(classNames.length))
      expect(counts.map(row => row.reduce((sum, count) => sum + count))).toEqual(new Array(10).fill(200))
      expect(counts.reduce((sum, row, index) => sum + row[index]!, 0) / 2000).toBe(document.accuracy)
    }
    const { stdout } = await fovea(['evaluate', 'run', '--limit', '300'], { cwd })
    expect(stdout).toMatch(
      /on 300 test pictures of shapes: loss .*\n\nConfusion matrix: .*\ntrue +disc +ring .*right\n/,
    )
    expect(stdout).toMatch(/\ncrescent .* %\n[\s\S]*\nMost frequent mistakes: \w+ taken for \w+ \(\d+ times\), /)
  })

  test('predict names the class of any picture, with notes', async () => {
    writeDigit(join(cwd, 'digit.png'))
    const call = await fovea(['predict', 'run', 'digit.png', 'digit.png', '--json'], { cwd })
    const { predictions, model } = documentOf<PredictDocument>(call)
    expect(model).toBe(join('run', 'best.safetensors'))
    expect(predictions.length).toBe(2)
    const [first, second] = predictions as [PicturePrediction, PicturePrediction]
    expect(Object.keys(first).sort()).toEqual(
      keysOf<Omit<PicturePrediction, 'top' | 'each'>>({
        ...{ picture: true, class: true, className: true, probability: true, probabilities: true, notes: true },
      }),
    )
    expect(second).toEqual(first)
    expect(first.probabilities.length).toBe(10)
    expect(first.probabilities.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5)
    expect(first.probability).toBe(Math.max(...first.probabilities))
    const human = await callFovea(['predict', 'run', 'digit.png'], { cwd })
    expect(human.stdout).toContain(`digit.png: ${first.className} `)
  })

  test('the digit recipe turns dark strokes on light paper over, and says so', async () => {
    writeDigitModel(join(cwd, 'model.safetensors'))
    writeDigit(join(cwd, 'digit.png'))
    const notes = async (...words: string[]): Promise<string> => {
      const call = await callFovea(['predict', 'model.safetensors', 'digit.png', '--json', ...words], { cwd })
      return documentOf<PredictDocument>(call).predictions[0]!.notes.join()
    }
    expect(await notes()).toContain('inverted: the border is lighter than the strokes')
    expect(await notes('--no-invert')).not.toContain('inverted')
    expect(await notes('--raw')).not.toContain('inverted')
    const human = await callFovea(['predict', 'model.safetensors', 'digit.png'], { cwd })
    expect(human.stdout).toContain('inverted: the border is lighter than the strokes')
  })

  test('compare reads finished runs and trains the rest', async () => {
    const call = await callFovea(['compare', 'run', 'tiny.json', ...short, '--epochs', '1', '--json'], { cwd })
    expect(call.code).toBe(0)
    const { runs } = documentOf<CompareDocument>(call)
    expect(Object.keys(runs[0]!).sort()).toEqual(
      keysOf<ComparedRun>({
        ...{ recipe: true, dataset: true, params: true, epochs: true, seconds: true, test: true, msPerPicture: true },
        ...{ runDir: true, trained: true, selectedOnTestSet: true },
      }),
    )
    expect(runs).toMatchObject([
      { recipe: 'tiny', runDir: 'run', trained: false, epochs: 2, test: report.test },
      { recipe: 'tiny', runDir: join('runs', 'tiny-1-1'), trained: true, epochs: 1 },
    ])
    const human = await fovea(['compare', 'run', 'runs/tiny-1-1'], { cwd })
    expect(human.stdout).toMatch(/test accuracy {2}ms per picture/)
    expect(human.stdout).toMatch(/accuracy +loss\n[\s\S]*\na run, validation \(solid\)\nb runs.tiny-1-1, validation/)
    expect(human.stdout).not.toContain('Epoch')
  })

  test('a picture that is none and a model that is none are told apart', async () => {
    const picture = await callFovea(['predict', 'run', 'tiny.json'], { cwd })
    expect(picture).toMatchObject({ code: 1, stderr: expect.stringMatching(/tiny\.json[\s\S]*PNG or JPEG/) })
    const model = await callFovea(['predict', 'shapes-cnn', 'digit.png'], { cwd })
    expect(model).toMatchObject({ code: 2, stderr: expect.stringContaining('Train it first') })
  })
})

/** A digit as a user draws it: dark on white, 200 × 200. */
function writeDigit(path: string): void {
  writeFileSync(path, pngBytes(drawDigits()[0]!.picture))
}

/** A model for digits that has learned nothing, with the preprocessing of the MNIST recipes. */
function writeDigitModel(path: string): void {
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
    flatten(),
    dense({ units: 10, activation: 'softmax' }),
  ])
  const weights = initialWeights(model, 1)
  const file = {
    model: JSON.parse(JSON.stringify(modelToConfig(model))),
    preprocess: JSON.parse(JSON.stringify(recipe('mnist-cnn-course').preprocess)),
    classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
    weights: model.weights.map(({ name, shape }) => ({ name, shape, data: weights[name]! })),
  }
  writeFileSync(path, encodeModelFile(file))
}
