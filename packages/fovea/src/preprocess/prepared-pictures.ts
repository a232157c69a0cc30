/** Picture sources and data sets as a model takes them: every picture through the specification, when it is read or once and for all. */

import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import { sameShape, sizeOf } from '../base/shape.ts'
import type { Dataset } from '../data/dataset.ts'
import { inMemory, isInMemory } from '../data/memory-source.ts'
import { changedPictures } from '../data/parts-of-source.ts'
import { carriedNames, type PictureSource } from '../data/picture-source.ts'
import { pictureOfBytes } from '../data/read-pictures.ts'
import { pictureToInput } from './input.ts'

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
  return inMemory({ images: prepare(source.images), labels, classNames, ...carriedNames(source), shape: spec.shape })
}

/** All parts of a data set so prepared. */
export function prepareDataset(dataset: Dataset<PictureSource>, spec: PreprocessSpec): Dataset<PictureSource> {
  const { name, classNames, train, validation, test } = dataset
  return {
    name,
    shape: spec.shape,
    classNames,
    train: preparedPictures(train, spec),
    ...(validation && { validation: preparedPictures(validation, spec) }),
    ...(test && { test: preparedPictures(test, spec) }),
  }
}
