/**
 * From any picture to the bytes a model takes, by its own specification. Order: alpha onto white, grey or colour, digit
 * recipe or resizing, padding. Everything that changes what the picture says is told in `notes`.
 */

import { checkArguments, picture as pictureValue } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import type { Picture } from '../base/picture.ts'
import { boolean, optional, parse, record } from '../base/schema.ts'
import { sameShape, sizeOf } from '../base/shape.ts'
import type { Dataset } from '../data/dataset.ts'
import { inMemory, isInMemory } from '../data/memory-source.ts'
import { changedPictures } from '../data/parts-of-source.ts'
import type { PictureSource } from '../data/picture-source.ts'
import { pictureOfBytes } from '../data/read-pictures.ts'
import { digit } from './digit.ts'
import { cut, grey, hasAlpha, opaque, rgb } from './picture.ts'
import { contain, cover, stretch } from './resize.ts'
import { type PreprocessSpec, parseSpec } from './spec.ts'

export interface InputOptions {
  /** The digit recipe takes the picture as light on dark, whatever it looks like. */
  readonly noInvert?: boolean
  /** No recipe: only the channels and, by stretching, the size are made to fit. */
  readonly raw?: boolean
}

const fields = { noInvert: optional(boolean), raw: optional(boolean) }

export interface PictureInput {
  /** Height · width · channels bytes of `spec.shape`. */
  readonly pixels: Uint8Array
  readonly notes: readonly string[]
}

/**
 * The bytes a model takes, from a picture of any size. Throws UserError when the specification says not to resize and
 * the size differs.
 */
export function pictureToInput(picture: Picture, spec: PreprocessSpec, options: InputOptions = {}): PictureInput {
  checkArguments('pictureToInput', { picture: pictureValue }, { picture })
  parseSpec(spec)
  parse(record(fields), options, 'pictureToInput')
  const pad = spec.pad ?? 0
  const height = spec.shape[0] - 2 * pad
  const width = spec.shape[1] - 2 * pad
  const notes: string[] = []
  const convert = spec.channels === 'grey' ? grey : rgb
  let flat = convert(opaque(picture))
  if (options.raw) {
    if (flat.width !== width || flat.height !== height)
      notes.push(`stretched from ${flat.width}×${flat.height} to ${width}×${height}`)
    flat = stretch(flat, width, height)
  } else if (spec.digit !== undefined) {
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
    if (spec.resize === 'cover') notes.push(...cutAway(flat, width, height))
    flat = resized(flat, width, height, spec.resize)
  }
  const pixels = pad === 0 ? flat.data : cut(flat, -pad, -pad, spec.shape[1], spec.shape[0]).data
  return { pixels, notes }
}

/**
 * The pictures as the model takes them: channels and size by the specification, the digit recipe left out (its pictures have it).
 * Those in memory are prepared once, all others whenever they are read.
 */
export function preparedPictures(source: PictureSource, spec: PreprocessSpec): PictureSource {
  if (sameShape(source.shape, spec.shape)) return source
  const { digit: _, ...plain } = spec
  const size = sizeOf(spec.shape)
  const prepare = (pictures: Uint8Array): Uint8Array => {
    const count = pictures.length / sizeOf(source.shape)
    const prepared = new Uint8Array(count * size)
    for (let row = 0; row < count; row++) {
      prepared.set(pictureToInput(pictureOfBytes(source, pictures, row), plain).pixels, row * size)
    }
    return prepared
  }
  if (!isInMemory(source)) return changedPictures(source, spec.shape, prepare)
  const { labels, classNames } = source
  return inMemory({ images: prepare(source.images), labels, classNames, shape: spec.shape })
}

/** All parts of a data set so prepared. */
export function prepareDataset(dataset: Dataset<PictureSource>, spec: PreprocessSpec): Dataset<PictureSource> {
  const { name, classNames, train, test } = dataset
  return {
    name,
    shape: spec.shape,
    classNames,
    train: preparedPictures(train, spec),
    ...(test && { test: preparedPictures(test, spec) }),
  }
}

function resized(picture: Picture, width: number, height: number, how: PreprocessSpec['resize']): Picture {
  switch (how) {
    case 'stretch':
      return stretch(picture, width, height)
    case 'cover':
      return cover(picture, width, height)
    case 'contain':
      return contain(picture, width, height)
    case 'none':
      if (picture.width !== width || picture.height !== height)
        throw new UserError({
          what: 'The picture has another size than the model takes, and its specification says not to resize.',
          expected: `${width}×${height}`,
          received: `${picture.width}×${picture.height}`,
        })
      return picture
  }
}

/** Tells what `cover` leaves out of a picture of other proportions. */
function cutAway(picture: Picture, width: number, height: number): string[] {
  const scale = Math.min(picture.width / width, picture.height / height)
  const kept = [width, height].map(extent => Math.round(extent * scale))
  if (kept[0] === picture.width && kept[1] === picture.height) return []
  return [`only the middle was looked at: ${kept.join('×')} of ${picture.width}×${picture.height}`]
}

function isEven(picture: Picture): boolean {
  return picture.data.every(value => value === picture.data[0])
}
