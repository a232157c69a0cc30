/**
 * What a model that was trained on pictures should know of them later: how pictures become its input, as far as the data say it, and
 * what its classes are called. Nothing is guessed: what is saved as known must be what training saw.
 */

import { anyText, checkArguments } from '../base/arguments.ts'
import { type PreprocessSpec, parseSpec } from '../base/preprocess-spec.ts'
import { list } from '../base/schema.ts'
import type { Dataset } from '../data/dataset.ts'
import type { PictureSource } from '../data/picture-source.ts'

export interface DatasetFacts {
  /** Missing where the data do not say it. */
  readonly preprocess?: PreprocessSpec | undefined
  readonly classNames: readonly string[]
}

/** Throws UserError for what is no specification; undefined says that there is none. */
export function checkPreprocess(given: unknown): void {
  if (given !== undefined) parseSpec(given)
}

/** How the training pictures were made goes before what the data set says of pictures in general. */
export function datasetFacts(
  data: Pick<Dataset, 'classNames' | 'preprocess' | 'train'> | Pick<PictureSource, 'classNames' | 'preprocess'>,
): DatasetFacts {
  const { classNames } = data
  checkArguments('The data set', { classNames: list(anyText, 'texts') }, { classNames })
  const preprocess = ('train' in data && madeBy(data.train)) || data.preprocess
  return { classNames, ...(preprocess && { preprocess }) }
}

const madeBy = (part: Dataset['train']): PreprocessSpec | undefined => ('read' in part ? part.preprocess : undefined)
