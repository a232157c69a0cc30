/** A folder of own pictures as a data set, in one call. */
import { checkArguments, path as placePath } from 'fovea/internal/base/arguments'
import type { PreprocessSpec } from 'fovea/internal/base/preprocess-spec'
import {
  abortSignal,
  functionOf,
  number,
  oneOf,
  optional,
  parse,
  record,
  text,
  whole,
} from 'fovea/internal/base/schema'
import { folderDataset } from './folder-dataset.ts'
import type { FolderOptions, OwnDataset } from './own-dataset.ts'
import { listPictures } from './picture-set.ts'

const share = optional(number({ least: 0, below: 1 }), 0.15)
const fields = {
  size: optional(whole(1, 2 ** 13), 64),
  channels: optional(oneOf(['grey', 'rgb']), 'rgb'),
  resize: optional(oneOf(['stretch', 'cover', 'contain']), 'stretch'),
  validation: share,
  test: share,
  seed: optional(whole(0), 1),
  cache: optional(text),
  most: optional(whole(1)),
  onProgress: optional(functionOf('what is done')),
  signal: optional(abortSignal),
}

/**
 * The pictures of a folder (one for each class; or `train`, `valid` and `test` with such folders), or of a table (CSV) of files and labels:
 * decoded once into a file of pixels, copies found, the parts that are missing drawn by seed, of every class the same share, copies
 * together. Throws UserError where there are no pictures, and for options that cannot be.
 */
export async function datasetFromFolder(place: string, options: FolderOptions = {}): Promise<OwnDataset> {
  checkArguments('datasetFromFolder', { place: placePath }, { place })
  const { size, channels, resize, seed, ...shares } = parse(record(fields), options, 'datasetFromFolder')
  const preprocess: PreprocessSpec = { shape: [size, size, channels === 'grey' ? 1 : 3], channels, resize }
  const set = await listPictures(place)
  const has = (part: string): boolean => set.files.some(file => file.part === part)
  const { cache, most, onProgress, signal } = options
  const { dataset, skipped, copies, findings } = await folderDataset(set, {
    preprocess,
    seed,
    shares: { validation: has('validation') ? 0 : shares.validation, test: has('test') ? 0 : shares.test },
    ...{ cache, most, onProgress, signal },
  })
  return { ...dataset, skipped, copies, findings }
}
