/** What a model that was trained on a data set should know of it later: how pictures become its input, and what its classes are called. */

import { anyText, checkArguments } from '../base/arguments.ts'
import { list } from '../base/schema.ts'
import type { Dataset } from '../data/dataset.ts'
import { type PreprocessSpec, parseSpec, specOf } from '../preprocess/spec.ts'

export interface DatasetFacts {
  readonly preprocess: PreprocessSpec
  readonly classNames: readonly string[]
}

/** Throws UserError for what is no specification; undefined says that there is none. */
export function checkPreprocess(given: unknown): void {
  if (given !== undefined) parseSpec(given)
}

/** A source has no name. */
export function datasetFacts(
  dataset: Pick<Dataset, 'shape' | 'classNames'> & Partial<Pick<Dataset, 'name'>>,
): DatasetFacts {
  const { name = '', shape, classNames } = dataset
  checkArguments('The data set', { classNames: list(anyText, 'texts') }, { classNames })
  return { preprocess: specOf({ name, shape }), classNames }
}
