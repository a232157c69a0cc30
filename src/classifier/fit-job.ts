/** The options of `fit` as the training loop takes them: rows, validation rows, listeners, checkpoint. */
import { UserError } from '../base/errors.ts'
import { kindOf, show } from '../base/show.ts'
import { decodeCheckpoint, encodeCheckpoint } from '../store/checkpoint.ts'
import { checkCallbacks } from '../train/callbacks/callback.ts'
import { progressBar } from '../train/callbacks/progress-bar.ts'
import type { TrainListener } from '../train/events.ts'
import type { FitOptions as LoopOptions } from '../train/fit-options.ts'
import { type Inputs, type Rows, type Targets, trainingRows } from '../train/rows.ts'
import type { Trainer } from '../train/trainer.ts'
import { datasetParts, splitLast } from '../train/validation.ts'
import { type FitOptions, isDataset, isLabelledPictures, type LabelledPictures, type TrainingData } from './options.ts'
import { filesOf, type Platform } from './platform.ts'

export interface FitJob {
  readonly rows: Rows
  readonly options: LoopOptions
}

export async function fitJob(
  trainer: Trainer,
  platform: Platform,
  first: Inputs | TrainingData | LabelledPictures,
  labels: Targets,
  options: FitOptions & { readonly seed: number },
): Promise<FitJob> {
  checkValidation(options, isDataset(first))
  checkCallbacks(options.callbacks)
  const { train, validation } = samples(trainer, first, labels, options)
  const { signal, checkpoint, resumeFrom } = options
  return {
    rows: train,
    options: {
      epochs: options.epochs ?? 1,
      seed: options.seed,
      ...(options.initialEpoch !== undefined && { initialEpoch: options.initialEpoch }),
      ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
      ...(options.shuffle !== undefined && { shuffle: options.shuffle }),
      ...(options.dropRemainder !== undefined && { dropRemainder: options.dropRemainder }),
      ...(validation && { validation }),
      callbacks: options.callbacks ?? [],
      listeners: listeners(platform, options),
      ...(signal && { signal }),
      ...(platform.files && { files: platform.files }),
      ...(checkpoint !== undefined && {
        saveCheckpoint: state => filesOf(platform, checkpoint).write(checkpoint, encodeCheckpoint(state)),
      }),
      ...(resumeFrom !== undefined && { resume: await readCheckpoint(platform, resumeFrom) }),
    },
  }
}

function samples(
  trainer: Trainer,
  first: Inputs | TrainingData | LabelledPictures,
  labels: Targets,
  options: FitOptions,
): { readonly train: Rows; readonly validation?: Rows } {
  const rowsOf = (x: Inputs, y: Targets, weighting: Parameters<typeof trainingRows>[4] = {}): Rows =>
    trainingRows(trainer.model, trainer.targets, x, y, weighting)
  const parts = isDataset(first)
    ? datasetParts(first, options.validation)
    : isLabelledPictures(first)
      ? { train: first }
      : undefined
  const all = parts ? rowsOf(parts.train.images, parts.train.labels, options) : rowsOf(first as Inputs, labels, options)
  const { validationData: given, validationSplit } = options
  if (isLabelledPictures(given)) return { train: all, validation: rowsOf(given.images, given.labels) }
  if (given && 'x' in given) {
    const { sampleWeight } = given
    return { train: all, validation: rowsOf(given.x, given.y, sampleWeight === undefined ? {} : { sampleWeight }) }
  }
  if (given) return { train: all, validation: rowsOf(given[0], given[1]) }
  if (validationSplit) return splitLast(all, validationSplit)
  return parts && 'validation' in parts && parts.validation
    ? { train: all, validation: rowsOf(parts.validation.images, parts.validation.labels) }
    : { train: all }
}

function listeners(platform: Platform, options: FitOptions): TrainListener[] {
  const showLearningRate = options.callbacks?.some(callback => callback.setsLearningRate) ?? false
  const bar = progressBar(platform.output, {
    verbose: options.verbose ?? 1,
    now: platform.clock.now,
    ...(showLearningRate && { showLearningRate }),
  })
  return options.onEvent ? [bar, options.onEvent] : [bar]
}

async function readCheckpoint(platform: Platform, source: string | Uint8Array) {
  return typeof source === 'string'
    ? decodeCheckpoint(await filesOf(platform, source).read(source), source)
    : decodeCheckpoint(source, 'the checkpoint')
}

function checkValidation(options: FitOptions, isData: boolean): void {
  const given = (['validationData', 'validationSplit', 'validation'] as const).filter(
    name => options[name] !== undefined && options[name] !== 'none' && options[name] !== 0,
  )
  if (given.length > 1) {
    throw new UserError({
      what: 'Validation samples are given in several ways',
      expected: 'one of validationData, validationSplit, validation',
      received: given.join(', '),
    })
  }
  const { validationData: data } = options
  if (
    data !== undefined &&
    !isLabelledPictures(data) &&
    !(Array.isArray(data) && data.length === 2) &&
    !('x' in Object(data))
  ) {
    throw new UserError({
      what: 'validationData holds no samples with labels',
      expected: '[x, y], {x, y, sampleWeight} or a part of a data set',
      received: Array.isArray(data) ? `a list of ${data.length}` : kindOf(data),
    })
  }
  if (!isData && options.validation !== undefined) {
    throw new UserError({
      what: '`validation` is for data sets',
      expected: 'validationData or validationSplit with arrays',
      received: show(options.validation),
    })
  }
}
