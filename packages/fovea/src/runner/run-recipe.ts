/**
 * A recipe from data to result: shapes and first labels, model and summary, training with its callbacks, the best weights loaded
 * again, the test, and a run directory that holds all of it.
 *
 *     run.jsonl          every event, one a line        last.ckpt                     to go on from
 *     best.safetensors   the model of the best epoch    test-predictions.safetensors  probabilities, labels, pictures
 *     model.safetensors  the last model (recipes that test that)     result.json      the numbers of the result
 *     report.html        what the command line draws of all that  comparison.html  the same beside other runs
 *     samples.safetensors   pictures of the data, kept from the beginning
 */

import { InternalError, UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import type { JsonRecord } from '../base/json.ts'
import {
  abortSignal,
  boolean,
  functionOf,
  list,
  number,
  oneOf,
  optional,
  parse,
  record,
  text,
  that,
  whole,
} from '../base/schema.ts'
import { loopFields } from '../base/training-numbers.ts'
import { type Dataset, withSources } from '../data/dataset.ts'
import { perClass } from '../data/describe.ts'
import { bytesHeld } from '../data/memory-source.ts'
import type { PictureSource } from '../data/picture-source.ts'
import { modelToConfig } from '../network/config.ts'
import { summary } from '../network/summary.ts'
import { initialWeights, parameterCounts } from '../network/weights.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import { prepareDataset } from '../preprocess/input.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { recipeFromJson } from '../recipes/recipe-json.ts'
import {
  buildModel,
  byteMoments,
  changedRecipe,
  describeData,
  type RecipeChanges,
  recipeData,
  recipeToJson,
} from '../recipes/recipe-parts.ts'
import { bestEpoch, epochReports, otherMetrics, type TrainReport } from '../run/report.ts'
import { runFile } from '../run/run-file.ts'
import { runFiles } from '../run/run-files.ts'
import { runLog } from '../run/run-log.ts'
import { encodeSamples } from '../run/samples.ts'
import { encodeTestFile } from '../run/test-file.ts'
import type { Device, Numerics } from '../runtime/device.ts'
import { decodeCheckpoint, encodeCheckpoint } from '../store/checkpoint.ts'
import { memoryFiles } from '../store/memory-files.ts'
import { decodeModelFile, encodeModelFile, type ModelFile } from '../store/model-file.ts'
import { weightsSha256 } from '../store/weights-hash.ts'
import type { History } from '../train/callbacks/history.ts'
import { modelCheckpoint } from '../train/callbacks/model-checkpoint.ts'
import { terminateOnNaN } from '../train/callbacks/terminate-on-nan.ts'
import { evaluate } from '../train/evaluate.ts'
import type { EndReason, TrainListener } from '../train/events.ts'
import { fit as train } from '../train/fit.ts'
import { checkResume, withLearningRate } from '../train/resumption.ts'
import { trainingRows } from '../train/rows.ts'
import { type Clock, createTrainer, type Trainer } from '../train/trainer.ts'
import { callbacksOf, learningRateOf } from './recipe-callbacks.ts'
import { countUnits } from './run-units.ts'

export interface RunRecipeOptions extends RecipeChanges {
  readonly device: Device
  readonly clock: Clock
  /** Where to write; nothing is left behind without. */
  readonly files?: Files
  /** New, or without files of another run; else with `resume`. */
  readonly runDir?: string
  readonly threads?: number
  readonly numerics?: Numerics
  /** Training samples to take. */
  readonly limit?: number
  readonly listeners?: readonly TrainListener[]
  /** Aborting ends after the current step; what is there is saved, the test is left out. */
  readonly signal?: AbortSignal
  /** Goes on from the run directory's last.ckpt, at its learning rate unless another is given. */
  readonly resume?: boolean
}

export interface RecipeRun {
  readonly report: TrainReport
  readonly endReason: EndReason
  readonly history: History
  /** The model as it was tested (or as it stood when training was interrupted). */
  readonly model: ModelFile
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const optionFields = {
  device: that('a device, like wasmDevice()', isObject),
  clock: that('what tells the time', isObject),
  files: optional(that('files, like nodeFiles', isObject)),
  runDir: optional(text),
  threads: optional(whole(1, 256)),
  numerics: optional(oneOf(['reproducible', 'fast'])),
  limit: optional(whole(1)),
  listeners: optional(list(functionOf('an event'), 'functions of an event')),
  signal: optional(abortSignal),
  resume: optional(boolean),
  epochs: optional(loopFields.epochs),
  batchSize: optional(loopFields.batchSize),
  seed: optional(loopFields.seed),
  learningRate: optional(number({ least: 0 })),
}

/** Throws UserError when recipe, data set and options do not go together. */
export async function runRecipe(given: RecipeConfig, loaded: Dataset, options: RunRecipeOptions): Promise<RecipeRun> {
  parse(record(optionFields), options, 'runRecipe')
  recipeFromJson(given)
  const recipe = changedRecipe(given, options)
  const dataset = prepareDataset(withSources(loaded), recipe.preprocess)
  const { device, clock, signal } = options
  const writes = options.files !== undefined && options.runDir !== undefined
  const files = writes ? options.files : memoryFiles()
  const folder = writes ? options.runDir : 'run'
  const pathOf = (name: keyof typeof runFiles): string => files.join(folder, runFiles[name])

  const data = recipeData(recipe, dataset, options.limit)
  const model = buildModel(recipe, dataset, recipe.standardize ? await byteMoments(dataset.train) : undefined)
  const callbacks = callbacksOf(recipe)
  const checkpoint = options.resume
    ? decodeCheckpoint(await files.read(pathOf('checkpoint')), pathOf('checkpoint'))
    : undefined
  // Before a line is added: a run that is asked for what cannot be stays as it is.
  if (checkpoint) checkResume(checkpoint, recipe)
  const resume =
    checkpoint && options.learningRate !== undefined
      ? withLearningRate(checkpoint, learningRateOf(recipe, checkpoint.progress.epoch))
      : checkpoint
  if (!checkpoint) await checkUnused(files, folder)

  const log = runFile(files, pathOf('events'))
  const listeners = [runLog(log), ...(options.listeners ?? [])]
  await log.add({
    type: 'run',
    recipe: recipeToJson(recipe),
    limit: options.limit ?? null,
    resumed: !!checkpoint,
    perClass: perClass(data.train),
  } as never)
  for (const text of [...describeData(recipe, dataset, data), ...summary(model).split('\n')]) {
    for (const listener of listeners) await listener({ type: 'message', level: 'info', text })
  }
  if (writes) await files.write(pathOf('samples'), await encodeSamples(dataset, model, recipe.seed))

  const about = {
    model: modelToConfig(model) as unknown as JsonRecord,
    preprocess: recipe.preprocess as unknown as JsonRecord,
    classNames: dataset.classNames,
    recipe: recipeToJson(recipe),
  }
  const trainer = createTrainer({
    model,
    setup: {
      optimizer: optimizerFromConfig(recipe.optimizer.type, recipe.optimizer.config),
      loss: recipe.loss,
      metrics: recipe.metrics,
    },
    device,
    clock,
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(options.numerics !== undefined && { numerics: options.numerics }),
    weights: initialWeights(model, recipe.seed),
  })
  try {
    const rowsOf = (part: PictureSource) => trainingRows(model, trainer.targets, part, part.labels)
    if (recipe.test === 'best') callbacks.push(modelCheckpoint({ filepath: pathOf('best') }))
    // No recipe comes back from a loss that is no number.
    callbacks.push(terminateOnNaN())
    const history = await train(trainer, rowsOf(data.train), {
      epochs: recipe.epochs,
      batchSize: recipe.batchSize,
      shuffle: recipe.shuffle,
      dropRemainder: recipe.dropRemainder,
      seed: recipe.seed,
      ...(data.validation && { validation: rowsOf(data.validation) }),
      callbacks,
      listeners,
      ...(signal && { signal }),
      files,
      about,
      saveCheckpoint: checkpoint => files.write(pathOf('checkpoint'), encodeCheckpoint(checkpoint)),
      ...(resume && { resume }),
    })
    checkSound(recipe, history)
    const last = await trainer.weights()
    if (recipe.test === 'last') await files.write(pathOf('model'), encodeModelFile({ ...about, weights: last }))
    const tested =
      history.endReason === 'aborted'
        ? { ...about, weights: last }
        : await testedModel(recipe, files, pathOf(recipe.test === 'best' ? 'best' : 'model'), trainer)
    const secondsBefore = (checkpoint?.progress.history ?? []).reduce((sum, epoch) => sum + epoch['seconds']!, 0)
    const info = trainer.info
    if (!info) throw new InternalError('train', 'the program is gone after training')
    const pass = signal ? { signal } : {}
    const tests = history.endReason !== 'aborted' && data.test
    const measured = tests ? await evaluate(trainer, rowsOf(tests), pass) : undefined
    const test = measured?.complete ? measured : undefined
    const epochs = epochReports(history)
    const report: TrainReport = {
      recipe: recipe.name,
      dataset: dataset.name,
      seed: recipe.seed,
      threads: info.threads,
      epochs: epochs.length,
      params: parameterCounts(model).total,
      history: epochs,
      best: bestEpoch(epochs),
      test: test ? { loss: test.logs['loss']!, accuracy: test.logs['accuracy']!, ...otherMetrics(test.logs) } : null,
      seconds: history.seconds + secondsBefore,
      compileSeconds: trainer.compileSeconds,
      msPerStep: history.msPerStep,
      peakBytes: info.memoryBytes + bytesHeld(dataset.train) + (dataset.test ? bytesHeld(dataset.test) : 0),
      weightsSha256: weightsSha256(last),
      runDir: writes ? folder : null,
    }
    const ended = test !== undefined || (history.endReason !== 'aborted' && !data.test)
    if (ended && writes) {
      const looked = data.validation ?? data.test ?? data.train
      const units = await countUnits(model, tested.weights, looked, device).catch(leftOut)
      if (units) await log.add(units)
    }
    if (test && data.test) {
      const predictions = test.predictions[model.outputs[0]!.name]!
      await files.write(pathOf('predictions'), await encodeTestFile(predictions, data.test))
    }
    if (ended) {
      await files.write(pathOf('result'), new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`))
    }
    return { report, endReason: ended ? history.endReason : 'aborted', history, model: tested }
  } finally {
    await trainer.dispose()
  }
}

/** Throws UserError for a folder with files of another run: they would be lost. A page of comparison is written again at any time. */
async function checkUnused(files: Files, folder: string): Promise<void> {
  const kept: readonly string[] = Object.values(runFiles)
  const found = (await files.list(folder)).filter(name => kept.includes(name) && name !== runFiles.comparison)
  if (found.length === 0) return
  throw new UserError({
    what: `${folder} holds a run already: it would be lost`,
    received: found.join(', '),
    fix: `name a new runDir${found.includes(runFiles.checkpoint) ? ', or go on with that run (resume: true)' : ''}`,
  })
}

/** The test is done: what only describes the run may be missing where there is no memory for one more program. */
function leftOut(error: unknown): undefined {
  if (!(error instanceof UserError)) throw error
}

/** A broken-down training is an error, unless an epoch before it left weights to test. */
function checkSound({ name, test, optimizer }: RecipeConfig, { because, epochs }: History): void {
  if (because === undefined) return
  if (test === 'best' ? epochs.some(({ logs }) => Number.isFinite(logs['val_loss'])) : isSound(epochs)) return
  const rate = optimizer.config['learningRate']
  throw new UserError({
    what: `Training of ${name} broke down: ${because}`,
    expected: 'a loss that is a finite number',
    fix: `lower the learning rate${typeof rate === 'number' ? `, now ${rate}` : ''}`,
  })
}

function isSound(epochs: History['epochs']): boolean {
  return epochs.every(({ logs }) => Number.isFinite(logs['loss']))
}

/** Loads the weights the recipe tests. Without any finite validation loss there is no best epoch. */
async function testedModel(recipe: RecipeConfig, files: Files, path: string, trainer: Trainer): Promise<ModelFile> {
  if (!(await files.exists(path))) {
    throw new UserError({
      what: `Training of ${recipe.name} found no best epoch: no validation loss was a finite number`,
      fix: 'lower the learning rate',
    })
  }
  const file = decodeModelFile(await files.read(path), path)
  await trainer.setWeights(file.weights, path)
  return file
}
