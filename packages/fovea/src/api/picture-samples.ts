/** Labelled pictures as rows, whether they are arrays or come from a source. */
import { isPictureSource } from '../data/picture-source.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { trainingRows } from '../engine/labelled-rows.ts'
import { labelledPictures, pictureRows } from '../engine/picture-rows.ts'
import { inputRows } from '../engine/rows.ts'
import type { SampleWeight } from '../engine/sample-weights.ts'
import type { Learner } from '../train/learner.ts'
import type { LabelledPictures } from './options.ts'

/** With their labels. Throws UserError as `fit` does. */
export function labelledSamples(
  { model, targets }: Pick<Learner, 'model' | 'targets'>,
  pictures: LabelledPictures,
  sampleWeight?: SampleWeight,
): FeedRows {
  const weighting = sampleWeight === undefined ? {} : { sampleWeight }
  return isPictureSource(pictures)
    ? labelledPictures(model, targets, pictures, weighting)
    : trainingRows(model, targets, pictures.images, pictures.labels, weighting)
}

/** The pictures alone. */
export const pictureSamples = (model: Learner['model'], pictures: LabelledPictures): FeedRows =>
  isPictureSource(pictures) ? pictureRows(model, pictures) : inputRows(model, pictures.images)
