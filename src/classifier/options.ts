/** What the methods of a classifier take. Words and defaults are Keras's, in camelCase. */
import { kindOf, nearest, UserError } from '../base/errors.ts'
import type { JsonRecord } from '../base/json.ts'
import type { Dataset, Split } from '../data/dataset.ts'
import type { OptimizerName } from '../optimizer/factories.ts'
import type { Optimizer } from '../optimizer/optimizer.ts'
import type { Objectives } from '../optimizer/plan-outputs.ts'
import type { Device, Numerics } from '../runtime/device.ts'
import type { Callback } from '../train/callbacks/callback.ts'
import type { TrainListener } from '../train/events.ts'
import type { Inputs, Targets } from '../train/rows.ts'
import type { ClassWeight, SampleWeight } from '../train/sample-weights.ts'
import type { DatasetValidation } from '../train/validation.ts'

export interface CompileOptions extends Objectives {
  /** By name, by factory (`rmsprop({learningRate: 0.0005})`), or `{type, config}`. */
  readonly optimizer:
    | OptimizerName
    | Optimizer
    | (string & {})
    | { readonly type: string; readonly config?: JsonRecord }
  /** WebAssembly by default. */
  readonly device?: Device
  /** Compute threads; one for each core by default. */
  readonly threads?: number
  /** `reproducible` (default): the same bits everywhere. */
  readonly numerics?: Numerics
}

/** Samples with their labels, for validation; also a part of a data set. */
export type LabelledSamples =
  | readonly [x: Inputs, y: Targets, sampleWeight?: SampleWeight]
  | LabelledPictures
  | { readonly x: Inputs; readonly y: Targets; readonly sampleWeight?: SampleWeight }

export interface FitOptions {
  /** Rows of a step; 32 by default. */
  readonly batchSize?: number
  /** 1 by default. The last one, counted from 1. */
  readonly epochs?: number
  /** Epochs done already; 0 by default. */
  readonly initialEpoch?: number
  /** True by default: another order every epoch. */
  readonly shuffle?: boolean
  /** Leaves out the last, smaller batch of an epoch; false by default. */
  readonly dropRemainder?: boolean
  /** Of order, dropout, augmentation and, if nothing used them before, of the first weights. The model's own by default. */
  readonly seed?: number
  readonly validationData?: LabelledSamples
  /** Keras's: this fraction of the samples, the last ones, is held out. */
  readonly validationSplit?: number
  /** For data sets: `{count: 5000}` (the first), `{fraction: 0.1, kind: 'stratified', seed}`, or `'test'`. */
  readonly validation?: DatasetValidation
  readonly sampleWeight?: SampleWeight
  readonly classWeight?: ClassWeight
  readonly callbacks?: readonly Callback[]
  /** Listeners of the event stream. */
  readonly onEvent?: TrainListener
  /** 0: silent, 1 (default): a bar (lines where there is no terminal), 2: one line per epoch. */
  readonly verbose?: 0 | 1 | 2
  /** Aborting ends training after the current step; what is done is kept and returned. */
  readonly signal?: AbortSignal
  /** Writes everything needed to go on to this file, after every epoch and when aborted. */
  readonly checkpoint?: string
  /** Goes on from such a file (its path or its bytes), with the same seed and batch size. */
  readonly resumeFrom?: string | Uint8Array
}

export interface PassOptions {
  /** Rows of a step; 32 by default. It has no influence on the result. */
  readonly batchSize?: number
  /** Aborting rejects with the signal's reason: a part is no result. */
  readonly signal?: AbortSignal
}

export interface EvaluateOptions extends PassOptions {
  readonly sampleWeight?: SampleWeight
}

export interface StepOptions {
  readonly sampleWeight?: SampleWeight
  readonly classWeight?: ClassWeight
}

/** What of a data set training needs. */
export type TrainingData = Pick<Dataset, 'name' | 'shape' | 'classNames' | 'train' | 'test'>

/** Labelled pictures: a part of a data set. */
export type LabelledPictures = Pick<Split, 'images' | 'labels'>

export function isLabelledPictures(value: unknown): value is LabelledPictures {
  return typeof value === 'object' && value !== null && 'images' in value && 'labels' in value
}

export function isDataset(value: unknown): value is TrainingData {
  return typeof value === 'object' && value !== null && 'train' in value && 'test' in value
}

const optionNames = {
  compile: names<CompileOptions>({
    ...{ optimizer: 1, loss: 1, metrics: 1, lossWeights: 1, device: 1, threads: 1, numerics: 1 },
  }),
  fit: names<FitOptions>({
    ...{ batchSize: 1, epochs: 1, initialEpoch: 1, shuffle: 1, seed: 1, validationData: 1, validationSplit: 1 },
    ...{ validation: 1, sampleWeight: 1, classWeight: 1, callbacks: 1, onEvent: 1, verbose: 1, signal: 1 },
    ...{ checkpoint: 1, resumeFrom: 1, dropRemainder: 1 },
  }),
  evaluate: names<EvaluateOptions>({ batchSize: 1, signal: 1, sampleWeight: 1 }),
  predict: names<PassOptions>({ batchSize: 1, signal: 1 }),
  trainOnBatch: names<StepOptions>({ sampleWeight: 1, classWeight: 1 }),
  gradients: names<StepOptions>({ sampleWeight: 1, classWeight: 1 }),
}

/** The keys of an options type, complete by its type. */
function names<Options>(keys: Record<keyof Options, 1>): string[] {
  return Object.keys(keys)
}

/** What types would have caught; of the options that nothing else checks. */
const kinds: Readonly<Record<string, { readonly expected: string; readonly fits: (value: unknown) => boolean }>> = {
  verbose: { expected: '0, 1 or 2', fits: value => value === 0 || value === 1 || value === 2 },
  shuffle: { expected: 'true or false', fits: value => typeof value === 'boolean' },
  dropRemainder: { expected: 'true or false', fits: value => typeof value === 'boolean' },
  signal: { expected: 'the signal of an AbortController', fits: value => typeof Object(value).aborted === 'boolean' },
  onEvent: { expected: 'a function of an event', fits: value => typeof value === 'function' },
  numerics: { expected: '"reproducible" or "fast"', fits: value => value === 'reproducible' || value === 'fast' },
  device: { expected: 'a device, like wasmDevice()', fits: value => typeof Object(value).compile === 'function' },
}

/**
 * Throws UserError for options that a method does not have and for values of the wrong kind; without types, a misspelt one would
 * silently do nothing.
 */
export function checkOptions(method: keyof typeof optionNames, options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options) || ArrayBuffer.isView(options)) {
    throw new UserError({
      what: `The options of ${method} are no record`,
      expected: `{${optionNames[method].join(', ')}}`,
      received: kindOf(options),
      ...(method !== 'compile' && {
        fix: 'samples and labels come first, the options last; a data set has its own labels',
      }),
    })
  }
  const known = optionNames[method]
  const problems = Object.entries(options).flatMap(([name, value]) => {
    const kind = kinds[name]
    if (known.includes(name)) {
      if (value === undefined || !kind || kind.fits(value)) return []
      return { what: `${method} cannot use this ${name}`, expected: kind.expected, received: say(value) }
    }
    const close = nearest(name, known)
    const fix = name === 'verbose' ? 'leave it out: nothing is printed' : close && `did you mean "${close}"?`
    return { what: `${method} has no option "${name}"`, expected: known.join(', '), ...(fix && { fix }) }
  })
  if (problems.length > 0) throw new UserError(problems)
}

const say = (value: unknown): string => (typeof value === 'object' ? kindOf(value) : JSON.stringify(value)) ?? 'none'
