/**
 * From a picture, in whatever form, to class names with their probabilities. In: what `classify` was given, and the model it is asked
 * of. Every picture is brought to the model's input by the specification that was saved with it; then all are predicted together.
 */

import { UserError } from '../base/errors.ts'
import { type AnyPicture, type OpenPicture, type PictureLike, pictureFromPixels } from '../base/picture.ts'
import { type PreprocessSpec, parseSpec, plainSpec } from '../base/preprocess-spec.ts'
import { classProbabilities, type OutputScale } from '../base/probabilities.ts'
import { abortSignal, boolean, optional, parse, record, whole } from '../base/schema.ts'
import { formatShape, sizeOf } from '../base/shape.ts'
import { testViews } from '../base/test-views.ts'
import { outputScale } from '../network/output-scale.ts'
import { pictureToInput } from '../preprocess/input.ts'
import { meanProbabilities, viewCount, viewsOf } from '../preprocess/views.ts'
import { checkClassNames } from '../store/class-names.ts'
import type { Answer, Classifying, ClassifyOptions, ClassProbability } from './answer.ts'

const fields = record({
  top: optional(whole(1)),
  augment: optional(boolean),
  views: optional(testViews),
  signal: optional(abortSignal),
})

/** Pictures decoded at the same time, of all calls: a large one takes some hundred megabytes before it is made to fit. */
const atOnce = 4
let decoding = 0
const line: (() => void)[] = []

async function inTurn(work: () => Promise<void>): Promise<void> {
  if (decoding < atOnce) decoding++
  else await new Promise<void>(resolve => line.push(resolve))
  try {
    await work()
  } finally {
    // Who waits longest takes the place.
    const next = line.shift()
    if (next) next()
    else decoding--
  }
}

/** Throws UserError for what is no picture and for models that take no pictures or give no probabilities, and the reason of an aborted signal. */
export async function answersOf(
  asked: Classifying,
  given: AnyPicture | readonly AnyPicture[],
  options: ClassifyOptions = {},
): Promise<Answer | readonly Answer[]> {
  const { top, augment, views: inputViews, signal } = parse(fields, options, 'classify')
  if (augment && inputViews !== undefined) throw twoKindsOfViews(inputViews)
  const spec = specOf(asked)
  checkClassNames(asked.classNames, asked.model, 'classNames')
  const pictures = Array.isArray(given) ? (given as readonly AnyPicture[]) : [given as AnyPicture]
  if (pictures.length === 0) return []
  const { openPicture: open = pixelsOnly } = asked
  const size = sizeOf(spec.shape)
  const each = augment ? viewCount(spec) : 1
  const data = new Uint8Array(pictures.length * each * size)
  const fill = async (index: number): Promise<void> => {
    signal?.throwIfAborted()
    const name = Array.isArray(given) ? `picture ${index}` : 'the picture'
    const picture = await open(pictures[index]!, name)
    const views = augment ? viewsOf(picture, spec) : [pictureToInput(picture, spec)]
    for (const [view, { pixels }] of views.entries()) data.set(pixels, (index * each + view) * size)
  }
  for (let begin = 0; begin < pictures.length; begin += atOnce)
    await Promise.all(pictures.slice(begin, begin + atOnce).map((_, index) => inTurn(() => fill(begin + index))))
  const rows = pictures.length * each
  const predicted = await asked.predict(
    { shape: [rows, ...spec.shape], data },
    { ...(inputViews !== undefined && { views: inputViews }), ...(signal && { signal }) },
  )
  const units = predicted.data.length / rows
  const scale = outputScale(asked.model)
  const probabilities = (row: number): number[] =>
    checkedProbabilities(predicted.data.subarray(row * units, (row + 1) * units), scale)
  const answers = pictures.map((_, index) => {
    const seen = Array.from({ length: each }, (_, view) => probabilities(index * each + view))
    return answerOf(meanProbabilities(seen), asked.classNames, top)
  })
  return Array.isArray(given) ? answers : answers[0]!
}

const twoKindsOfViews = (views: string): UserError =>
  new UserError({
    what: 'classify takes the views of a picture or those of the input, not both.',
    expected: 'augment or views',
    received: `augment: true, views: '${views}'`,
  })

const pixelsOnly: OpenPicture = async (given, name) => pictureFromPixels(given as PictureLike, name)

function specOf({ model, preprocess }: Classifying): PreprocessSpec {
  const { inputs, outputs } = model
  const [input] = inputs
  const spec = preprocess === undefined ? plainSpec(input!.shape) : parseSpec(preprocess)
  if (inputs.length === 1 && outputs.length === 1 && outputs[0]!.shape.length === 1 && spec) return spec
  throw new UserError({
    what: 'classify is for models that take one picture and give the probabilities of its classes.',
    expected: 'one input of height × width × 1 or 3, and one output of a number for each class',
    received: `inputs of ${shapesOf(inputs)}, outputs of ${shapesOf(outputs)}`,
    fix: 'ask it with predict',
  })
}

const shapesOf = (ends: readonly { readonly shape: readonly number[] }[]): string =>
  ends.map(({ shape }) => formatShape(shape)).join(' and ')

/** Throws UserError for numbers that are none. */
function checkedProbabilities(outputs: Float32Array, scale: OutputScale): number[] {
  const probabilities = classProbabilities(outputs, scale)
  // A little over one is the rounding of a float.
  const odd = probabilities.find(value => !(value >= -1e-6 && value <= 1 + 1e-6))
  if (odd !== undefined)
    throw new UserError({
      what: 'The model gives no probabilities.',
      expected: 'numbers from 0 to 1, as softmax and sigmoid give them',
      received: String(odd),
      fix: Number.isNaN(odd)
        ? 'its weights are damaged, or its training broke down: take another model'
        : 'end the model with softmax, or ask it with predict',
    })
  return probabilities
}

function answerOf(probabilities: readonly number[], classNames: readonly string[] | undefined, top?: number): Answer {
  const ranked = probabilities
    .map((probability, index) => ({ className: classNames?.[index] ?? String(index), probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top)
  return ranked as readonly ClassProbability[] as Answer
}
