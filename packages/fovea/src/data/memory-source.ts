/** Pictures that are in memory as a source: one array of bytes, one picture after the other. */

import { UserError } from '../base/errors.ts'
import { pixelBytes } from '../base/picture.ts'
import { pixels } from '../base/picture-arguments.ts'
import { type PreprocessSpec, specValue } from '../base/preprocess-spec.ts'
import { optional, parse, record, whole } from '../base/schema.ts'
import { keepsPromises } from './checked-source.ts'
import {
  carried,
  carriedNames,
  checkSpecOf,
  type Labels,
  labelProblems,
  namesValue,
  type PictureShape,
  type PictureSource,
  pictureBytes,
  sourceFields,
} from './picture-source.ts'

/** What `memorySource` takes: the bytes of all pictures, one after the other, and their labels. */
export interface MemoryPictures {
  /** count · height · width · channels bytes. */
  readonly images: Uint8Array | Uint8ClampedArray
  /** A class number for each picture. */
  readonly labels: Labels
  readonly shape: PictureShape
  readonly classNames: readonly string[]
  /** As many as labels: a part of a data set says it. */
  readonly count?: number | undefined
  /** What each picture is called. */
  readonly names?: readonly string[] | undefined
  /** How the pictures were made: what `pictureToInput` was given. Models trained on them keep it. */
  readonly preprocess?: PreprocessSpec | undefined
}

/** A source whose pictures lie in memory. */
export interface MemorySource extends PictureSource {
  readonly images: Uint8Array
}

const fields = {
  images: pixels,
  ...sourceFields,
  count: optional(whole(0)),
  names: optional(namesValue),
  preprocess: optional(specValue),
}

const made = new WeakSet<PictureSource>()

/** A source of pictures in memory; nothing is copied. Throws UserError where pictures, labels and shape do not fit each other. */
export function memorySource(pictures: MemoryPictures): MemorySource {
  parse(record(fields), pictures, 'memorySource')
  const { labels, shape, classNames, names } = pictures
  checkSpecOf('memorySource', shape, pictures.preprocess)
  const images = pixelBytes(pictures.images)!
  const size = pictureBytes({ shape })
  const { count = images.length / size } = pictures
  if (!Number.isInteger(count) || images.length !== count * size) {
    throw new UserError({
      what: 'memorySource: the pictures have the wrong number of bytes.',
      expected: `${shape.join('×')} = ${size} for each of ${pictures.count ?? labels.length} pictures`,
      received: String(images.length),
    })
  }
  const problems = labelProblems('memorySource', { labels, classNames, count, names })
  if (problems.length > 0) throw new UserError(problems)
  return inMemory({ images, labels, shape, classNames, ...carried(pictures), ...carriedNames(pictures) })
}

/** Of pictures and labels that fit. */
export function inMemory({
  images,
  labels,
  shape,
  classNames,
  names,
  preprocess,
}: MemoryPictures & Pick<MemorySource, 'images'>): MemorySource {
  const size = pictureBytes({ shape })
  const source: MemorySource = {
    shape,
    classNames,
    count: labels.length,
    labels,
    images,
    ...(names && { names }),
    ...(preprocess && { preprocess }),
    read(indices, into) {
      // Neighbours are copied together.
      for (let row = 0; row < indices.length; ) {
        const first = indices[row]!
        let count = 1
        while (row + count < indices.length && indices[row + count] === first + count) count++
        into.set(images.subarray(first * size, (first + count) * size), row * size)
        row += count
      }
    },
  }
  made.add(source)
  return keepsPromises(source)
}

export function isInMemory(source: PictureSource): source is MemorySource {
  return made.has(source)
}

/** Bytes of the pixels that a source holds in memory. */
export function bytesHeld(source: PictureSource): number {
  return isInMemory(source) ? source.images.byteLength : 0
}
