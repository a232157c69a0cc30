/** The options of `fit` as the training loop takes them: rows, validation rows, listeners, checkpoint. */
import { UserError } from '../base/errors.ts'
import { kindOf, show } from '../base/show.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { trainingRows, withClassWeight } from '../engine/labelled-rows.ts'
import type { Inputs, Targets } from '../engine/rows.ts'
import { type SampleWeight, weightsAt } from '../engine/sample-weights.ts'
import { decodeCheckpoint } from '../store/checkpoint.ts'
import { type FoundCheckpoint, findCheckpoint, writeCheckpoint } from '../store/checkpoint-files.ts'
import { checkCallbacks } from '../train/callbacks/callback.ts'
import { progressBar } from '../train/callbacks/progress-bar.ts'
import type { TrainListener } from '../train/events.ts'
import type { LoopOptions } from '../train/fit-options.ts'
import type { Learner } from '../train/learner.ts'
import { type DatasetPart, datasetParts, splitLast } from '../train/validation.ts'
import { type FitOptions, isDataset, isLabelledPictures, type LabelledPictures, type TrainingData } from './options.ts'
import { labelledSamples } from './picture-samples.ts'
import { filesOf, type Platform } from './platform.ts'
import { withTeacher } from './teacher-answers.ts'

export interface FitJob {
  readonly rows: FeedRows
  readonly options: LoopOptions
}

export async function fitJob(
  learner: Learner,
  platform: Platform,
  first: Inputs | TrainingData | LabelledPictures,
  labels: Targets,
  options: FitOptions & { readonly seed: number; readonly printed: ReadonlySet<string> },
): Promise<FitJob> {
  checkValidation(options, first)
  checkCallbacks(options.callbacks)
  const { train, validation } = fitSamples(learner, first, labels, options)
  const { signal, checkpoint, resumeFrom } = options
  const found = resumeFrom === undefined ? undefined : await readCheckpoint(platform, resumeFrom)
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
      listeners: listeners(platform, options, options.printed),
      ...(signal && { signal }),
      ...(platform.files && { files: platform.files }),
      ...(checkpoint !== undefined && {
        saveCheckpoint: state => writeCheckpoint(filesOf(platform, checkpoint), checkpoint, state),
      }),
      ...(options.saveEvery !== undefined && { saveEvery: options.saveEvery }),
      ...(options.keepTraining && { keepTraining: true }),
      ...(found && { resume: found.checkpoint, notes: found.notes }),
    },
  }
}

/**
 * Samples to train on and samples held out. Weights of samples go with them wherever they go; weights of classes are for training
 * alone (Keras's rules), so that the validation loss is the one `evaluate` gives.
 */
export function fitSamples(
  learner: Learner,
  first: Inputs | TrainingData | LabelledPictures,
  labels: Targets,
  {
    sampleWeight,
    classWeight,
    teacher,
    validation: rule,
    validationData,
    validationSplit,
  }: Pick<FitOptions, 'sampleWeight' | 'classWeight' | 'teacher' | 'validation' | 'validationData' | 'validationSplit'>,
): { readonly train: FeedRows; readonly validation?: FeedRows | undefined } {
  const { model, targets } = learner
  const rowsOf = (x: Inputs, y: Targets, weights: SampleWeight | undefined): FeedRows =>
    trainingRows(model, targets, x, y, weights === undefined ? {} : { sampleWeight: weights })
  const pictures = (part: LabelledPictures, weights?: SampleWeight): FeedRows => labelledSamples(learner, part, weights)
  const forTraining = (rows: FeedRows): FeedRows =>
    classWeight === undefined ? rows : withClassWeight(model, rows, classWeight)
  const taught = (rows: FeedRows, indices?: Int32Array): FeedRows => withTeacher(learner, rows, teacher, indices)

  const parts = isDataset(first) ? datasetParts(first, rule) : undefined
  if (isDataset(first) && parts?.validation) {
    const weightsOf = ({ indices }: DatasetPart): SampleWeight | undefined =>
      indices && weightsAt(sampleWeight, model.outputs, first.train.count, indices)
    const { train, validation } = parts
    return {
      train: taught(forTraining(pictures(train.split, train.indices ? weightsOf(train) : sampleWeight)), train.indices),
      validation: pictures(validation.split, weightsOf(validation)),
    }
  }
  const all = parts
    ? pictures(parts.train.split, sampleWeight)
    : isLabelledPictures(first)
      ? pictures(first, sampleWeight)
      : rowsOf(first as Inputs, labels, sampleWeight)
  if (validationSplit) {
    const { train, validation } = splitLast(taught(all), validationSplit)
    return { train: forTraining(train), validation }
  }
  const train = taught(forTraining(all))
  if (validationData === undefined) return { train }
  if (isLabelledPictures(validationData)) return { train, validation: pictures(validationData) }
  const [x, y, weights] =
    'x' in validationData ? [validationData.x, validationData.y, validationData.sampleWeight] : validationData
  return { train, validation: rowsOf(x, y, weights) }
}

/** What `compile` has printed is told to listeners, but not printed again. */
function listeners(platform: Platform, options: FitOptions, printed: ReadonlySet<string>): TrainListener[] {
  const showLearningRate = options.callbacks?.some(callback => callback.setsLearningRate) ?? false
  const bar = progressBar(platform.output, {
    verbose: options.verbose ?? 1,
    now: platform.clock.now,
    ...(showLearningRate && { showLearningRate }),
  })
  const prints: TrainListener = event => (event.type === 'message' && printed.has(event.text) ? undefined : bar(event))
  return options.onEvent ? [prints, options.onEvent] : [prints]
}

async function readCheckpoint(platform: Platform, source: string | Uint8Array): Promise<FoundCheckpoint> {
  if (typeof source !== 'string') return { checkpoint: decodeCheckpoint(source, 'the checkpoint'), notes: [] }
  const files = filesOf(platform, source)
  const found = await findCheckpoint(files, source)
  return found ?? { checkpoint: decodeCheckpoint(await files.read(source), source), notes: [] }
}

/** Holds out the same share of every class, whatever the order of the samples. */
const byClass =
  "hold out before: const {train, validation} = splitValidation(pictures, {fraction: 0.2, kind: 'stratified'}), then fit(train, {validationData: validation})"

function checkValidation(options: FitOptions, first: Inputs | TrainingData | LabelledPictures): void {
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
    !(Array.isArray(data) && (data.length === 2 || data.length === 3)) &&
    !('x' in Object(data))
  ) {
    throw new UserError({
      what: 'validationData holds no samples with labels',
      expected: '[x, y], [x, y, sampleWeight], {x, y, sampleWeight} or a part of a data set',
      received: Array.isArray(data) ? `a list of ${data.length}` : kindOf(data),
    })
  }
  if (!isDataset(first) && options.validation !== undefined) {
    const ofPictures = isLabelledPictures(first)
    throw new UserError({
      what: `\`validation\` is for data sets, and these samples are ${ofPictures ? 'pictures of one part' : 'arrays'}`,
      expected: 'validationData or validationSplit',
      received: show(options.validation),
      ...(ofPictures && { fix: byClass }),
    })
  }
}
