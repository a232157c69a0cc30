/** Several classifiers asked as one: the mean of their probabilities, by the names of their classes. */
import { fits } from '../base/arguments.ts'
import { classOrder } from '../base/class-order.ts'
import { UserError } from '../base/errors.ts'
import type { AnyPicture } from '../base/picture.ts'
import { list, optional, parse, record, that, whole } from '../base/schema.ts'
import { checkedPart } from '../data/dataset.ts'
import { isPictureSource } from '../data/picture-source.ts'
import {
  type Answer,
  type Classify,
  type ClassifyOptions,
  type ClassProbability,
  classifyOf,
} from '../engine/answer.ts'
import type { Float32NdArray } from '../engine/pass.ts'
import { probabilityRows } from '../engine/probability-rows.ts'
import type { Inputs } from '../engine/rows.ts'
import { builtModel } from '../network/model.ts'
import { type EnsembleScores, ensembleScores, meanOfMembers } from '../objectives/ensemble-scores.ts'
import { preparedPictures } from '../preprocess/prepared-pictures.ts'
import type { Classifier } from './classifier.ts'
import { isDataset, isLabelledPictures, type LabelledPictures, type PassOptions, type TrainingData } from './options.ts'

/** Several classifiers of the same classes, asked together. */
export interface Ensemble {
  readonly members: readonly Classifier[]
  /** In the order of its answers: that of the first member. Numbers as text where that names none. */
  readonly classNames: readonly string[]
  /**
   * The mean of the members' probabilities, a row for each sample. Pictures of a source are made to fit each member; arrays are given to all
   * as they are. Of a data set: of its test part.
   */
  predict(x: Inputs | TrainingData | LabelledPictures, options?: PassOptions): Promise<Float32NdArray>
  /** As `classify` of a classifier; every member sees the picture by its own preprocessing. */
  readonly classify: Classify
  /** How good each member is, and their mean; how often they differ. Of a data set: on its test part. */
  evaluate(pictures: TrainingData | LabelledPictures, options?: PassOptions): Promise<EnsembleScores>
}

const member = that<Classifier>('a classifier, as loadModel or sequential gives it', value => {
  const { model, predict, classify } = Object(value) as Partial<Classifier>
  return typeof predict === 'function' && typeof classify === 'function' && fits(builtModel, model)
})
const topField = record({ top: optional(whole(1)) })

/**
 * The mean of what several classifiers say, which errs less often than the best of them where they err differently: train one network
 * with other seeds, or other networks. Networks, input sizes and preprocessing may differ. Throws UserError where the members tell
 * other classes apart. (Lakshminarayanan, Pritzel and Blundell 2017.)
 */
export function ensemble(members: readonly Classifier[]): Ensemble {
  const given = parse(list(member, 'classifiers', { least: 1 }), members, 'ensemble', 'Entry')
  for (const { model } of given) checkEnds(model)
  const named = given.map((each, index) => ({ name: `classifier ${index}`, classNames: namesOf(each) }))
  const { classNames, places } = classOrder(named)

  /** Of every member rows of probabilities, classes in one order. */
  async function rowsOf(x: Inputs | TrainingData | LabelledPictures, options: PassOptions) {
    const pictures = partOf(x)
    return Promise.all(
      given.map(async (each, index) => {
        const seen = pictures === undefined ? (x as Inputs) : fitting(each, pictures)
        const { shape, data } = await each.predict(seen, options)
        return { count: shape[0]!, rows: probabilityRows(each.model, data, shape[0]!, places[index]!) }
      }),
    )
  }

  return {
    members: given,
    classNames,
    async predict(x, options = {}) {
      const said = await rowsOf(x, options)
      const data = meanOfMembers(said.map(({ rows }) => rows))
      return { shape: [said[0]!.count, classNames.length], data }
    },
    classify: classifyTogether(given, classNames),
    async evaluate(pictures, options = {}) {
      const part = partOf(pictures)
      if (part === undefined) throw noPictures()
      const said = await rowsOf(part, options)
      const rows = said.map(each => each.rows)
      const named = isDataset(pictures) ? pictures.classNames : isPictureSource(part) ? part.classNames : undefined
      const labels = named ? labelsByName(part.labels, named, classNames) : part.labels
      return ensembleScores(labels, rows, classNames.length)
    },
  }
}

function partOf(samples: unknown): LabelledPictures | undefined {
  if (isDataset(samples)) return checkedPart(samples, 'test')
  return isLabelledPictures(samples) ? samples : undefined
}

/** A source's pictures as the member takes them. */
function fitting({ preprocess }: Classifier, pictures: LabelledPictures): LabelledPictures {
  return isPictureSource(pictures) && preprocess ? preparedPictures(pictures, preprocess) : pictures
}

function namesOf({ classNames, model }: Classifier): readonly string[] {
  const units = Math.max(2, model.outputs[0]!.shape.at(-1) ?? 1)
  return classNames ?? Array.from({ length: units }, (_, index) => String(index))
}

/** The labels of pictures that number the same classes in another order. */
function labelsByName(
  labels: ArrayLike<number>,
  own: readonly string[],
  classNames: readonly string[],
): ArrayLike<number> {
  const { places } = classOrder([
    { name: 'The ensemble', classNames },
    { name: 'The set of pictures', classNames: own },
  ])
  return Array.from(labels, label => places[1]!.indexOf(label))
}

function classifyTogether(members: readonly Classifier[], classNames: readonly string[]): Classify {
  async function answerOf(picture: AnyPicture, { top, ...options }: ClassifyOptions): Promise<Answer> {
    const answers = await Promise.all(members.map(each => each.classify(picture, options)))
    const probabilityIn = (answer: Answer, name: string): number =>
      answer.find(({ className }) => className === name)!.probability
    const mean = (name: string): number =>
      answers.reduce((sum, answer) => sum + probabilityIn(answer, name), 0) / answers.length
    const ranked = classNames
      .map((className): ClassProbability => ({ className, probability: mean(className) }))
      .sort((a, b) => b.probability - a.probability)
    return ranked.slice(0, top) as unknown as Answer
  }
  return classifyOf(async (given, options = {}) => {
    parse(topField, { top: options.top }, 'classify')
    if (!Array.isArray(given)) return answerOf(given as AnyPicture, options)
    return Promise.all(given.map(picture => answerOf(picture, options)))
  })
}

function checkEnds({ inputs, outputs }: Classifier['model']): void {
  if (inputs.length === 1 && outputs.length === 1 && outputs[0]!.shape.length === 1) return
  throw new UserError({
    what: 'An ensemble is of models with one input, and one output of a number for each class.',
    received: `${inputs.length} inputs and ${outputs.length} outputs`,
    fix: 'ask such models one by one, with predict',
  })
}

const noPictures = (): UserError =>
  new UserError({
    what: 'An ensemble is evaluated on labelled pictures.',
    expected: 'a data set with a test part, a part of one, or a picture source',
    fix: 'make a source of arrays: memorySource({images, labels, shape, classNames})',
  })
