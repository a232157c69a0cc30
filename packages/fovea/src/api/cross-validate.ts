/**
 * Cross-validation: the samples are divided into folds, and for each of them a fresh model is trained on all the others and measured on it.
 * In: a function that builds a model, samples with labels. Out: the scores of every fold, their mean and how far they differ.
 */
import { checkArguments } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { type NumberList, numberRows } from '../base/number-list.ts'
import { fold, keyOf, permutation } from '../base/random.ts'
import { functionOf, whole } from '../base/schema.ts'
import { type NumericArray, sizeOf } from '../base/shape.ts'
import { kindOf } from '../base/show.ts'
import { loopFields } from '../base/training-numbers.ts'
import { checkedSource } from '../data/checked-source.ts'
import { checkedPart, gather, type Split, splitValue } from '../data/dataset.ts'
import { foldsOf } from '../data/folds.ts'
import { chosenPictures } from '../data/parts-of-source.ts'
import { isPictureSource, type PictureSource } from '../data/picture-source.ts'
import { type ArrayLikeInput, labelColumn, type NdArray } from '../engine/arrays.ts'
import type { FeedColumn } from '../engine/feed-column.ts'
import { classOf } from '../engine/label-forms.ts'
import { type Inputs, inputRows, sameCount } from '../engine/rows.ts'
import type { Model } from '../network/model.ts'
import type { History } from '../train/callbacks/history.ts'
import type { Classifier, Scores } from './classifier.ts'
import {
  type EvaluateOptions,
  type FitOptions,
  isDataset,
  isLabelledPictures,
  type LabelledPictures,
  type TrainingData,
} from './options.ts'

/** What `crossValidate` takes: the options of `fit`, but for those that hold samples out or keep one model. */
export interface CrossValidateOptions
  extends Omit<
    FitOptions,
    'validation' | 'validationData' | 'sampleWeight' | 'initialEpoch' | 'checkpoint' | 'resumeFrom'
  > {
  /** 5 by default. */
  readonly folds?: number | undefined
  /** A number for each sample: those with the same one (copies, one object seen several times) are in one fold. */
  readonly groups?: NumberList | undefined
  /** Of the folds, and of `fit`; 0 by default. */
  readonly seed?: number | undefined
  /** As for `fit`; 0 by default. */
  readonly verbose?: 0 | 1 | 2 | undefined
}

/** What one fold gave. */
export interface FoldResult {
  /** On the samples that this model was not trained on. */
  readonly scores: Scores
  readonly history: History
  /** The numbers of these samples. */
  readonly held: Int32Array
}

/** What cross-validation gave. */
export interface CrossValidation {
  readonly folds: readonly FoldResult[]
  readonly mean: Scores
  /** The standard deviation of the folds' scores (n − 1 in the denominator). */
  readonly deviation: Scores
}

type Build = (fold: number) => Classifier<unknown> | Promise<Classifier<unknown>>

/** Samples that are chosen from by their numbers: their classes, and what is done with the chosen ones. */
interface Choice {
  readonly labels: ArrayLike<number>
  fit(model: Classifier<unknown>, samples: Int32Array, options: FitOptions): Promise<History>
  evaluate(model: Classifier<unknown>, samples: Int32Array, options: EvaluateOptions): Promise<Scores>
}

const refused = ['validation', 'validationData', 'sampleWeight', 'initialEpoch', 'checkpoint', 'resumeFrom'] as const
/** Tells the key from others made of the same seed. */
const orderPurpose = 0xc055

/**
 * Trains a compiled model from `build` for each fold on the other folds, and measures it on its own. Folds are drawn by `seed`, with the
 * same share of every class. Of a data set the training part is divided. Throws UserError as `fit` does, and where there are fewer samples
 * (or groups) than folds.
 */
export async function crossValidate(
  build: Build,
  x: Inputs,
  labels: ArrayLikeInput,
  options?: CrossValidateOptions,
): Promise<CrossValidation>
export async function crossValidate(
  build: Build,
  pictures: TrainingData | LabelledPictures,
  options?: CrossValidateOptions,
): Promise<CrossValidation>
export async function crossValidate(
  build: Build,
  first: Inputs | TrainingData | LabelledPictures,
  second?: ArrayLikeInput | CrossValidateOptions,
  third?: CrossValidateOptions,
): Promise<CrossValidation> {
  const alone = isDataset(first) || isLabelledPictures(first)
  const given = (alone ? (second as CrossValidateOptions | undefined) : third) ?? {}
  const { folds, groups, seed } = checkedOptions(build, given)
  const { folds: _, groups: __, ...options } = given
  const built = new Set<Classifier<unknown>>()
  let model = await fresh(build, built)
  const choice = alone ? chosenOfPictures(first) : chosenOfArrays(model.model, first, second as ArrayLikeInput)
  const foldOf = foldsOf(choice.labels, groups && groupsFor(choice, groups), folds, seed)
  const results: FoldResult[] = []
  for (let number = 0; number < folds; number++) {
    if (number > 0) model = await fresh(build, built)
    const samples = Int32Array.from(foldOf.keys())
    const held = samples.filter(sample => foldOf[sample] === number)
    const others = samples.filter(sample => foldOf[sample] !== number)
    // In any order: `validationSplit` takes the last ones.
    const order = permutation(fold(fold(keyOf(seed), orderPurpose), number), others.length)
    try {
      const history = await choice.fit(
        model,
        order.map(place => others[place]!),
        { verbose: 0, ...options },
      )
      const { batchSize, signal } = options
      results.push({ scores: await choice.evaluate(model, held, { batchSize, signal }), history, held })
    } finally {
      await model.dispose()
    }
  }
  return { folds: results, ...summaryOf(results.map(({ scores }) => scores)) }
}

function checkedOptions(build: Build, given: CrossValidateOptions) {
  checkArguments('crossValidate', { build: functionOf('the number of a fold, and gives a compiled model') }, { build })
  const { folds = 5, groups, seed = 0 } = given
  checkArguments('crossValidate', { folds: whole(2), seed: loopFields.seed }, { folds, seed })
  const wrong = refused.filter(name => Object(given)[name] !== undefined)
  if (wrong.length > 0)
    throw new UserError({
      what: `crossValidate does not take ${wrong.join(', ')}.`,
      expected: 'options of fit that suit every fold',
      received: wrong.join(', '),
      fix: 'each fold is measured on the samples that it leaves out; hold others out by validationSplit',
    })
  return { folds, groups, seed }
}

/** The next model. One that was trained before knows the samples of its fold. */
async function fresh(build: Build, built: Set<Classifier<unknown>>): Promise<Classifier<unknown>> {
  const model = await build(built.size)
  if (typeof Object(model).fit !== 'function' || built.has(model))
    throw new UserError({
      what: 'crossValidate: build gave no new model.',
      expected: 'a new compiled model for each fold',
      received: built.has(model) ? 'the same one again' : kindOf(model),
      fix: 'make the model inside of the function: () => { const model = sequential(…); model.compile(…); return model }',
    })
  built.add(model)
  return model
}

function groupsFor({ labels }: Choice, groups: NumberList): ArrayLike<number> {
  return numberRows(groups, 1, 'crossValidate: groups', labels.length)
}

function chosenOfPictures(given: TrainingData | LabelledPictures): Choice {
  const whole = isDataset(given) ? checkedPart(given, 'train') : given
  const chosen = isPictureSource(whole) ? chooserOfSource(checkedSource(whole)) : chooserOfSplit(whole)
  return {
    labels: whole.labels,
    fit: (model, samples, options) => model.fit(chosen(samples), options),
    evaluate: (model, samples, options) => model.evaluate(chosen(samples), options),
  }
}

type Chooser = (samples: Int32Array) => LabelledPictures

const chooserOfSource =
  (source: PictureSource): Chooser =>
  samples =>
    chosenPictures(source, samples)

function chooserOfSplit({ images, labels }: Pick<Split, 'images' | 'labels'>): Chooser {
  const pictures = { images, labels, count: Object(labels).length }
  checkArguments('crossValidate', { pictures: splitValue }, { pictures })
  return samples => gather(pictures, samples)
}

function chosenOfArrays(model: Model, x: Inputs, y: ArrayLikeInput): Choice {
  const inputs = inputRows(model, x)
  const labels = labelColumn(y, 'the labels')
  sameCount(inputs.count, labels.count, 'the labels')
  const { data, rowSize, rowShape = [rowSize], count } = labels
  const chosenInputs = (samples: Int32Array): Record<string, NdArray> =>
    Object.fromEntries(
      model.inputs.map(({ name, shape }) => {
        const column = inputs.inputs[name] as FeedColumn
        return [name, rowsOf(column.data, shape, samples)]
      }),
    )
  const chosenLabels = (samples: Int32Array): NdArray => rowsOf(data, rowShape, samples)
  return {
    labels:
      rowSize === 1 ? data : Int32Array.from({ length: count }, (_, row) => classOf(data, row * rowSize, rowSize)),
    fit: (model, samples, options) => model.fit(chosenInputs(samples), chosenLabels(samples), options),
    evaluate: (model, samples, options) => model.evaluate(chosenInputs(samples), chosenLabels(samples), options),
  }
}

/** The rows of these numbers, in the type of the data. */
function rowsOf(data: NumericArray, rowShape: readonly number[], samples: Int32Array): NdArray {
  const size = sizeOf(rowShape)
  const chosen = data.slice(0, samples.length * size)
  samples.forEach((sample, row) => {
    chosen.set(data.subarray(sample * size, (sample + 1) * size), row * size)
  })
  return { shape: [samples.length, ...rowShape], data: chosen }
}

function summaryOf(all: readonly Scores[]): Pick<CrossValidation, 'mean' | 'deviation'> {
  const over = (summary: (values: readonly number[]) => number): Scores =>
    Object.fromEntries(Object.keys(all[0]!).map(name => [name, summary(all.map(scores => scores[name]!))])) as Record<
      string,
      number
    > &
      Scores
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = (values: readonly number[]): number => {
    const middle = mean(values)
    return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
  }
  return { mean: over(mean), deviation: over(deviation) }
}
