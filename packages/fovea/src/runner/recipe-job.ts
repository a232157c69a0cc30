/**
 * What running a recipe takes. In: a recipe, a data set, options, checked. Out: the job: the recipe with its changes, the data prepared for
 * it, a new model; and the learner that does it.
 */
import type { Files } from '../base/host.ts'
import type { JsonRecord } from '../base/json.ts'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import {
  abortSignal,
  boolean,
  functionOf,
  number,
  oneOf,
  optional,
  parse,
  record,
  text,
  that,
  whole,
} from '../base/schema.ts'
import { sameShape } from '../base/shape.ts'
import { loopFields } from '../base/training-numbers.ts'
import { type Dataset, withSources } from '../data/dataset.ts'
import type { PictureSource } from '../data/picture-source.ts'
import { batchesOf } from '../engine/batches.ts'
import type { Clock } from '../engine/steps.ts'
import { modelToConfig } from '../network/config.ts'
import type { Model } from '../network/model.ts'
import { lossOf } from '../objectives/losses.ts'
import { mixingOf } from '../objectives/mixing.ts'
import { optimizerFromConfig } from '../optimizer/factories.ts'
import { checkRateFactors } from '../optimizer/rate-factors.ts'
import { prepareDataset } from '../preprocess/prepared-pictures.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { recipeFromJson } from '../recipes/recipe-json.ts'
import {
  buildModel,
  byteMoments,
  changedRecipe,
  type RecipeChanges,
  recipeData,
  recipeToJson,
} from '../recipes/recipe-parts.ts'
import { overSteps } from '../recipes/schedule-changes.ts'
import type { Device, Numerics } from '../runtime/device.ts'
import type { ModelFile } from '../store/model-file.ts'
import type { TrainListener } from '../train/events.ts'
import { createLearner, type Learner } from '../train/learner.ts'
import { earlierModels } from './picture-sizes.ts'
import { teacherProbabilities } from './teachers.ts'
import { checkMinutes } from './timed-recipe.ts'

export interface RunRecipeOptions extends RecipeChanges {
  readonly device: Device
  readonly clock: Clock
  /** Where to write; nothing is left behind without. */
  readonly files?: Files | undefined
  /** The run directory, where it writes: new, or without files of another run. */
  readonly out?: string | undefined
  readonly threads?: number | undefined
  readonly numerics?: Numerics | undefined
  /** Training samples to take. */
  readonly limit?: number | undefined
  /** Listener of the event stream. */
  readonly onEvent?: TrainListener | undefined
  /** Aborting ends after the current step; what is there is saved, the test is left out. */
  readonly signal?: AbortSignal | undefined
  /** Trains for about so many minutes: as many epochs as fit, the learning rate annealed to the end of them. Not with epochs or resume. */
  readonly minutes?: number | undefined
  /** Minutes after which a checkpoint is saved within an epoch; 5 by default. */
  readonly saveEvery?: number | undefined
  /** Goes on where files cannot be written any more, and tries again later; `unsaved` of the run says what is missing in the end. */
  readonly keepTraining?: boolean | undefined
  /** The directory of an interrupted run to go on with, from its last.ckpt, at its learning rate unless another is given. */
  readonly resume?: string | undefined
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const optionFields = {
  device: that('a device, like wasmDevice()', isObject),
  clock: that('what tells the time', isObject),
  files: optional(that('files, like nodeFiles', isObject)),
  out: optional(text),
  threads: optional(whole(1, 256)),
  numerics: optional(oneOf(['reproducible', 'fast'])),
  limit: optional(whole(1)),
  onEvent: optional(functionOf('an event')),
  signal: optional(abortSignal),
  resume: optional(
    that<string>('the directory of the run to go on with', value => typeof value === 'string' && value !== ''),
  ),
  epochs: optional(loopFields.epochs),
  batchSize: optional(loopFields.batchSize),
  seed: optional(loopFields.seed),
  learningRate: optional(number({ least: 0 })),
  minutes: optional(number({ above: 0 })),
  saveEvery: optional(number({ above: 0 })),
  keepTraining: optional(boolean),
}

/** What these options were called. */
const formerNames = { runDir: 'it is called out', listeners: 'it is called onEvent, and is one function' }

/** What is to be done: the recipe with its changes, the data prepared for it, a new model. */
export interface RecipeJob {
  readonly recipe: RecipeConfig
  readonly dataset: Dataset<PictureSource>
  readonly data: ReturnType<typeof recipeData>
  readonly model: Model
  readonly limit: number | undefined
  /** What the recipe's teachers say of the training pictures, on average. */
  readonly taught: Float32Array | undefined
  /** What model files of this run say besides the weights. */
  readonly about: Omit<ModelFile, 'weights'>
}

/** Throws UserError when recipe, data set and options do not go together. */
export async function recipeJob(given: RecipeConfig, loaded: Dataset, options: RunRecipeOptions): Promise<RecipeJob> {
  parse(record(optionFields, formerNames), options, 'runRecipe')
  checkMinutes(options)
  recipeFromJson(given)
  const recipe = changedRecipe(given, options)
  const dataset = prepareDataset(withSources(loaded), recipe.preprocess)
  const data = recipeData(recipe, dataset, options.limit)
  const model = buildModel(recipe, dataset, recipe.standardize ? await byteMoments(dataset.train) : undefined)
  const about = {
    model: modelToConfig(model) as unknown as JsonRecord,
    preprocess: (madeBy(loaded.train, recipe.preprocess) ?? recipe.preprocess) as unknown as JsonRecord,
    classNames: dataset.classNames,
    recipe: recipeToJson(recipe),
  }
  const taught = await taughtBy(recipe, loaded, dataset.classNames, options)
  return { recipe, dataset, data, model, limit: options.limit, taught, about }
}

/** Every teacher sees the training pictures by its own preprocessing; they are the same ones, since they are parted by seed. */
function taughtBy(
  recipe: RecipeConfig,
  loaded: Dataset,
  classNames: readonly string[],
  { device, clock, threads, numerics, files, signal, limit }: RunRecipeOptions,
): Promise<Float32Array | undefined> {
  const place = { device, clock, ...(threads && { threads }), ...(numerics && { numerics }), files, signal }
  const picturesFor = (preprocess = recipe.preprocess): PictureSource =>
    recipeData(recipe, prepareDataset(withSources(loaded), preprocess), limit).train
  return teacherProbabilities(recipe, classNames, picturesFor, place)
}

/** The job with another recipe for the same network and data. */
export const withRecipe = (job: RecipeJob, recipe: RecipeConfig): RecipeJob => ({
  ...job,
  recipe,
  about: { ...job.about, recipe: recipeToJson(recipe) },
})

/** The specification that pictures of this shape were made with, where their source says it: it is what training sees. */
function madeBy(part: Dataset['train'], { shape }: PreprocessSpec): PreprocessSpec | undefined {
  const made = 'read' in part ? part.preprocess : undefined
  return made && sameShape(made.shape, shape) ? made : undefined
}

export function learnerOf(
  { recipe, model, data }: RecipeJob,
  { device, clock, threads, numerics }: RunRecipeOptions,
  weights: Readonly<Record<string, ArrayLike<number>>>,
): Learner {
  const batches = batchesOf(data.train.count, recipe.batchSize, recipe.dropRemainder)
  const { type, config } = overSteps(recipe.optimizer, recipe.epochs * batches)
  const optimizer = optimizerFromConfig(type, config)
  checkRateFactors(optimizer, model.weights)
  return createLearner({
    model,
    earlier: earlierModels(recipe, model, batches),
    setup: {
      optimizer,
      loss: lossOf(recipe.loss),
      metrics: recipe.metrics,
      ...(recipe.mixing && { mixing: mixingOf(recipe.mixing) }),
      teacher: recipe.teacher,
    },
    device,
    clock,
    ...(threads !== undefined && { threads }),
    ...(numerics !== undefined && { numerics }),
    weights,
  })
}
