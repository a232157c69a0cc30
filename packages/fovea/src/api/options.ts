/** What the methods of a classifier take. Words and defaults are Keras's, in camelCase. */
import { bytes } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import type { JsonRecord } from '../base/json.ts'
import {
  boolean,
  custom,
  dictionary,
  type Fields,
  functionOf,
  isPlainRecord,
  list,
  number,
  oneOf,
  optional,
  parse,
  record,
  type Schema,
  text,
  that,
  union,
  whole,
} from '../base/schema.ts'
import { kindOf } from '../base/show.ts'
import type { TestViews } from '../base/test-views.ts'
import { distillationFields, loopFields } from '../base/training-numbers.ts'
import type { Dataset, Split } from '../data/dataset.ts'
import { isPictureSource, type PictureSource } from '../data/picture-source.ts'
import type { ArrayLikeInput } from '../engine/arrays.ts'
import { askingFields, passFields } from '../engine/pass.ts'
import type { Inputs, Targets } from '../engine/rows.ts'
import type { ClassWeight, SampleWeight } from '../engine/sample-weights.ts'
import { type Mixing, mixingsOf } from '../objectives/mixing.ts'
import type { Objectives } from '../objectives/output-objectives.ts'
import type { OptimizerName } from '../optimizer/factories.ts'
import type { Optimizer } from '../optimizer/optimizer.ts'
import type { Device, Numerics } from '../runtime/device.ts'
import type { Callback } from '../train/callbacks/callback.ts'
import type { TrainListener } from '../train/events.ts'
import { type RateRange, rateRangeFields } from '../train/rate-range.ts'
import { type DatasetValidation, datasetValidation } from '../train/validation.ts'

/** What `compile` takes. */
export interface CompileOptions extends Objectives {
  /** By name, by factory (`rmsprop({learningRate: 0.0005})`), or `{type, config}`. */
  readonly optimizer:
    | OptimizerName
    | Optimizer
    | (string & {})
    | { readonly type: string; readonly config?: JsonRecord | undefined }
  /**
   * Mixes the pictures of each batch in training: `mixup({alpha: 0.2})`, `cutMix()`, or a list, of which each step takes one. Metrics of
   * training then compare with the first label of a picture. A step of a single row is not mixed.
   */
  readonly mixing?: Mixing | readonly Mixing[] | undefined
  /**
   * The model learns what a teacher says too; `fit` is given its answers. The loss is (1 − share) · loss(labels) + share · T² · KL(teacher ‖
   * model), both softened by the temperature T (Hinton, Vinyals and Dean 2015). By default T is 4 and the share 0.5.
   */
  readonly distillation?: { readonly temperature?: number | undefined; readonly share?: number | undefined } | undefined
  /** WebAssembly by default. */
  readonly device?: Device | undefined
  /** Compute threads; one for each core by default. */
  readonly threads?: number | undefined
  /** `reproducible` (default): the same bits everywhere. */
  readonly numerics?: Numerics | undefined
}

/** Samples with their labels, for validation; also a part of a data set. */
export type LabelledSamples =
  | readonly [x: Inputs, y: Targets, sampleWeight?: SampleWeight | undefined]
  | LabelledPictures
  | { readonly x: Inputs; readonly y: Targets; readonly sampleWeight?: SampleWeight | undefined }

/** What `fit` takes. */
export interface FitOptions {
  /** Rows of a step; 32 by default. */
  readonly batchSize?: number | undefined
  /** 1 by default. The last one, counted from 1. */
  readonly epochs?: number | undefined
  /** Epochs done already; 0 by default. */
  readonly initialEpoch?: number | undefined
  /** True by default: another order every epoch. */
  readonly shuffle?: boolean | undefined
  /** Leaves out the last, smaller batch of an epoch; false by default. */
  readonly dropRemainder?: boolean | undefined
  /** Of order, dropout, augmentation and, if nothing used them before, of the first weights. The model's own by default. */
  readonly seed?: number | undefined
  readonly validationData?: LabelledSamples | undefined
  /** Keras's: this fraction of the samples, the last ones, is held out. */
  readonly validationSplit?: number | undefined
  /** For data sets: `{count: 5000}` (the first), `{fraction: 0.1, kind: 'stratified', seed}`, or `'test'`. */
  readonly validation?: DatasetValidation | undefined
  readonly sampleWeight?: SampleWeight | undefined
  readonly classWeight?: ClassWeight | undefined
  /**
   * Of a model compiled with `distillation`: what its teacher says, a row of probabilities for each sample that is given, as `predict` of a
   * classifier or an ensemble gives them.
   */
  readonly teacher?: ArrayLikeInput | undefined
  /**
   * Sends every sample through the frozen first layers once and trains on what they give, kept in memory (at most 1 GiB). Augmentation
   * among the frozen layers then does nothing. False by default.
   */
  readonly cacheFeatures?: boolean | undefined
  readonly callbacks?: readonly Callback[] | undefined
  /** Listeners of the event stream. */
  readonly onEvent?: TrainListener | undefined
  /** 0: silent, 1 (default): a bar (lines where there is no terminal), 2: one line per epoch. */
  readonly verbose?: 0 | 1 | 2 | undefined
  /** Aborting ends training after the current step; what is done is kept and returned. */
  readonly signal?: AbortSignal | undefined
  /** Writes everything needed to go on to this file, after every epoch, every few minutes within one, and when aborted; the one before is kept beside it. */
  readonly checkpoint?: string | undefined
  /** Minutes after which the checkpoint is written within an epoch; 5 by default. */
  readonly saveEvery?: number | undefined
  /** Goes on where the checkpoint cannot be written, and says so; an error by default. */
  readonly keepTraining?: boolean | undefined
  /** Goes on from such a file (its path or its bytes), with the same seed and batch size; from the one before where it is damaged, and says so. */
  readonly resumeFrom?: string | Uint8Array | undefined
}

/** What `predict` takes. */
export interface PassOptions {
  /** Rows of a step; 32 by default. It has no influence on the result. */
  readonly batchSize?: number | undefined
  /** Aborting rejects with the signal's reason: a part is no result. */
  readonly signal?: AbortSignal | undefined
  /**
   * Test-time augmentation: the mean over views of every picture. `mirror`: itself and its mirror image, twice the work; `shifts`: itself
   * and moved by a pixel up-left and down-right, three times; `mirror+shifts`: these and their mirror images, six times.
   */
  readonly views?: TestViews | undefined
}

/** What `evaluate` takes. */
export interface EvaluateOptions extends PassOptions {
  readonly sampleWeight?: SampleWeight | undefined
}

/** What `trainOnBatch` and `gradients` take. */
export interface StepOptions {
  readonly sampleWeight?: SampleWeight | undefined
  readonly classWeight?: ClassWeight | undefined
}

/** What `findLearningRate` takes. */
export interface FindLearningRateOptions extends RateRange, StepOptions {
  /** Rows of a step; 32 by default. The rate belongs to it. */
  readonly batchSize?: number | undefined
  /** Of order, dropout and augmentation. The model's own by default. */
  readonly seed?: number | undefined
  /** Aborting rejects with the signal's reason: a part is no result. */
  readonly signal?: AbortSignal | undefined
}

/** What of a data set training needs. */
export type TrainingData = Pick<Dataset, 'name' | 'shape' | 'classNames' | 'preprocess' | 'train' | 'test'>

/** Labelled pictures, in memory or read from a source: a part of a data set. */
export type LabelledPictures = Pick<Split, 'images' | 'labels'> | PictureSource

export function isLabelledPictures(value: unknown): value is LabelledPictures {
  return (
    isPictureSource(value) || (typeof value === 'object' && value !== null && 'images' in value && 'labels' in value)
  )
}

export function isDataset(value: unknown): value is TrainingData {
  return typeof value === 'object' && value !== null && 'train' in value && ('test' in value || 'classNames' in value)
}

const anything: Schema<unknown> = that('', () => true)
const isListOrRecord = (value: unknown): boolean => Array.isArray(value) || isPlainRecord(value)
/** Weights have many forms; what is none of them is refused with the samples at hand. */
const weighting = { sampleWeight: optional(anything), classWeight: optional(anything) }

/** The options of every method; what only the model can judge (losses, labels, validation samples) is checked against it later. */
const schemas = {
  compile: fieldsOf<CompileOptions>({
    optimizer: optional(anything),
    loss: optional(anything),
    metrics: optional(that("a list, like ['accuracy'], or a record of lists by output name", isListOrRecord)),
    weightedMetrics: optional(that("a list, like ['accuracy'], or a record of lists by output name", isListOrRecord)),
    lossWeights: optional(union(list(number(), 'numbers'), dictionary(number(), 'numbers by output name'))),
    distillation: optional(record(distillationFields)),
    mixing: optional(custom('mixup(…), cutMix(…), or a list of them', value => mixingsOf(value as Mixing))),
    device: optional(that('a device, like wasmDevice()', value => typeof Object(value).compile === 'function')),
    threads: optional(whole(1, 256)),
    numerics: optional(oneOf(['reproducible', 'fast'])),
  }),
  fit: fieldsOf<FitOptions>({
    ...passFields,
    ...weighting,
    teacher: optional(anything),
    epochs: optional(loopFields.epochs),
    initialEpoch: optional(loopFields.initialEpoch),
    shuffle: optional(boolean),
    dropRemainder: optional(boolean),
    seed: optional(loopFields.seed),
    validationData: optional(anything),
    validationSplit: optional(number({ least: 0, below: 1 })),
    validation: optional(datasetValidation),
    cacheFeatures: optional(boolean),
    callbacks: optional(anything),
    onEvent: optional(functionOf('an event')),
    verbose: optional(that('0, 1 or 2', value => value === 0 || value === 1 || value === 2)),
    checkpoint: optional(text),
    saveEvery: optional(number({ above: 0 })),
    keepTraining: optional(boolean),
    resumeFrom: optional(union(text, { ...bytes, expected: 'the bytes of a checkpoint' })),
  }),
  evaluate: fieldsOf<EvaluateOptions>({ ...askingFields, sampleWeight: weighting.sampleWeight }),
  predict: fieldsOf<PassOptions>(askingFields),
  trainOnBatch: fieldsOf<StepOptions>(weighting),
  findLearningRate: fieldsOf<FindLearningRateOptions>({
    ...passFields,
    ...weighting,
    ...rateRangeFields,
    seed: optional(loopFields.seed),
  }),
  gradients: fieldsOf<StepOptions>(weighting),
}

/** The fields of an options type, complete by its type. */
function fieldsOf<Options>(fields: Readonly<Record<keyof Options, Schema<unknown>>>): Fields {
  return fields
}

/** Throws UserError for options that a method does not have and for values out of range; without types, a misspelt one would silently do nothing. */
export function checkOptions(method: keyof typeof schemas, options: unknown): void {
  if (Array.isArray(options) || ArrayBuffer.isView(options)) {
    throw new UserError({
      what: `The options of ${method} are not a record`,
      expected: `{${Object.keys(schemas[method]).join(', ')}}`,
      received: kindOf(options),
      ...(method !== 'compile' && {
        fix: 'samples and labels come first, the options last; a data set has its own labels',
      }),
    })
  }
  parse(
    record(schemas[method], method === 'fit' ? {} : { verbose: 'leave it out: nothing is printed' }),
    options,
    method,
  )
}
