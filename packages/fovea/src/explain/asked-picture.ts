/**
 * What explanations are asked about: a picture, and a class. In: a picture as `classify` takes pixels, or the numbers as the model takes
 * them; a class by its number or its name. Out: the numbers, the number.
 */
import { fits, numbers } from '../base/arguments.ts'
import { nearest, UserError } from '../base/errors.ts'
import { hasPixels, type Picture, type PictureLike, pictureFromPixels } from '../base/picture.ts'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import { type Schema, that } from '../base/schema.ts'
import { formatShape } from '../base/shape.ts'
import { show } from '../base/show.ts'
import { shortList } from '../base/text.ts'
import type { Model } from '../network/model.ts'
import { pictureToInput } from '../preprocess/input.ts'
import { checkedPixels, type Pixels } from './forward.ts'

/** A picture of any size, or H · W · C numbers as the model takes them. */
export type AskedPicture = Pixels | PictureLike

/** A class by its number, or by its name where the model knows the names. */
export type AskedClass = number | string

/** What of an opened model says how it is to be asked. */
export interface Asked {
  readonly model: Model
  readonly preprocess?: PreprocessSpec | undefined
  readonly classNames?: readonly string[] | undefined
}

export const askedPicture: Schema<AskedPicture> = that(
  'a picture {width, height, channels, data}, or numbers as the model takes them',
  value => hasPixels(value) || fits(numbers, value),
)

/** Pictures that were made to fit: they are so once. */
const fitting = new WeakSet<object>()

/** The picture as the model takes it. Throws UserError where nobody said how another size is made to fit. */
export function fittingPicture({ model, preprocess }: Asked, given: PictureLike): Picture {
  const picture = pictureFromPixels(given, 'the picture')
  const shape = model.inputs[0]!.shape as readonly [number, number, number]
  const [height, width, channels] = shape
  const isInput = picture.width === width && picture.height === height && picture.channels === channels
  if (fitting.has(given) || (isInput && preprocess === undefined)) return picture
  if (preprocess === undefined)
    throw new UserError({
      what: 'The picture has another size than the model takes, and the model does not say how to make it fit.',
      expected: formatShape(shape),
      received: formatShape([picture.height, picture.width, picture.channels]),
      fix: 'set model.preprocess before openModel, or give pictureToInput(picture, spec).pixels',
    })
  const data = pictureToInput(picture, preprocess).pixels
  const fitted = { width: preprocess.shape[1], height: preprocess.shape[0], channels: preprocess.shape[2], data }
  fitting.add(fitted)
  return fitted as Picture
}

/** The numbers that the model takes. Throws UserError. */
export function pixelsOf(asked: Asked, given: AskedPicture): Pixels {
  return checkedPixels(asked.model, hasPixels(given) ? fittingPicture(asked, given).data : (given as Pixels))
}

/** Its number. Throws UserError for a class that is not there. */
export function classNumber(classNames: readonly string[] | undefined, given: unknown, classes: number): number {
  const number = typeof given === 'string' && classNames ? classNames.indexOf(given) : given
  if (Number.isInteger(number) && (number as number) >= 0 && (number as number) < classes) return number as number
  const guess = typeof given === 'string' && nearest(given, classNames ?? [])
  throw new UserError({
    what: 'There is no such class.',
    expected: `0 to ${classes - 1}${classNames ? `, or ${shortList(classNames)}` : ''}`,
    received: show(given),
    ...(guess && { fix: `Did you mean '${guess}'?` }),
  })
}
