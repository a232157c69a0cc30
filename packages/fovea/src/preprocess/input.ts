/**
 * From any picture to the bytes a model takes, by its own specification. Order: alpha onto white, grey or colour, digit
 * recipe or resizing, padding. Everything that changes what the picture says is told in `notes`.
 */

import { PictureError } from '../base/errors.ts'
import { type Picture, type PictureLike, pictureFromPixels } from '../base/picture.ts'
import { type PreprocessSpec, parseSpec } from '../base/preprocess-spec.ts'
import { boolean, optional, parse, record } from '../base/schema.ts'
import { digit } from './digit.ts'
import { cut, grey, hasAlpha, opaque, rgb } from './picture.ts'
import { contain, cover, stretch } from './resize.ts'

/** What is done otherwise than the specification says. */
export interface InputOptions {
  /** The digit recipe takes the picture as light on dark, whatever it looks like. */
  readonly noInvert?: boolean | undefined
  /** No recipe: only the channels and, by stretching, the size are made to fit. */
  readonly raw?: boolean | undefined
}

const fields = { noInvert: optional(boolean), raw: optional(boolean) }

/** A picture as a model takes it, with what was done to it. */
export interface PictureInput {
  /** Height · width · channels bytes of `spec.shape`. */
  readonly pixels: Uint8Array
  readonly notes: readonly string[]
}

/**
 * The bytes a model takes, from a picture of any size. Throws PictureError when the specification says not to resize and
 * the size differs.
 */
export function pictureToInput(given: PictureLike, spec: PreprocessSpec, options: InputOptions = {}): PictureInput {
  const picture = pictureFromPixels(given, 'What pictureToInput was given')
  parseSpec(spec)
  parse(record(fields), options, 'pictureToInput')
  const pad = spec.pad ?? 0
  const height = spec.shape[0] - 2 * pad
  const width = spec.shape[1] - 2 * pad
  const notes: string[] = []
  const convert = spec.channels === 'grey' ? grey : rgb
  const onWhite = (part: Picture) => convert(opaque(part))
  let flat: Picture
  if (options.raw) {
    if (picture.width !== width || picture.height !== height)
      notes.push(`stretched from ${picture.width}×${picture.height} to ${width}×${height}`)
    flat = stretch(picture, width, height, onWhite)
  } else if (spec.digit !== undefined) {
    flat = onWhite(picture)
    if (hasAlpha(picture) && isEven(flat)) {
      // White strokes on nothing vanish on white.
      flat = convert(opaque(picture, 0))
      notes.push('laid on black: on white nothing can be seen of it')
    }
    const result = digit(flat, {
      box: spec.digit.box,
      width,
      height,
      ...(options.noInvert === undefined ? {} : { noInvert: options.noInvert }),
    })
    flat = result.picture
    notes.push(...result.notes)
  } else {
    if (spec.resize === 'cover') notes.push(...cutAway(picture, width, height))
    flat = resized(picture, width, height, spec.resize, onWhite)
  }
  const pixels = pad === 0 ? flat.data : cut(flat, -pad, -pad, spec.shape[1], spec.shape[0]).data
  return { pixels, notes }
}

function resized(
  picture: Picture,
  width: number,
  height: number,
  how: PreprocessSpec['resize'],
  flat: (part: Picture) => Picture,
): Picture {
  if (how !== 'none') return { stretch, cover, contain }[how](picture, width, height, flat)
  if (picture.width !== width || picture.height !== height)
    throw new PictureError({
      what: 'The picture has another size than the model takes, and its specification says not to resize.',
      expected: `${width}×${height}`,
      received: `${picture.width}×${picture.height}`,
    })
  return flat(picture)
}

/** How the note begins that tells it. */
export const middleOnly = 'only the middle was looked at'

/** Tells what `cover` leaves out of a picture of other proportions. */
function cutAway(picture: Picture, width: number, height: number): string[] {
  const scale = Math.min(picture.width / width, picture.height / height)
  const kept = [width, height].map(extent => Math.round(extent * scale))
  if (kept[0] === picture.width && kept[1] === picture.height) return []
  return [`${middleOnly}: ${kept.join('×')} of ${picture.width}×${picture.height}`]
}

function isEven(picture: Picture): boolean {
  return picture.data.every(value => value === picture.data[0])
}
