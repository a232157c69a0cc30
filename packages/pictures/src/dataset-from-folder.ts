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
import type { Dataset } from 'fovea/internal/data/dataset'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { type CopiedPicture, folderDataset } from './folder-dataset.ts'
import type { SkippedEntry } from './picture-folder.ts'
import { listPictures } from './picture-set.ts'
import type { DecodeProgress } from './pixel-cache.ts'
import type { SetFinding } from './set-findings.ts'

/** What `datasetFromFolder` may be told. */
export interface FolderOptions {
  /** Side of the square that pictures are made to; 64 by default. */
  readonly size?: number | undefined
  /** 'rgb' by default. */
  readonly channels?: 'grey' | 'rgb' | undefined
  /** The whole picture out of proportion ('stretch', the default), its middle ('cover'), or the whole with black margins ('contain'). */
  readonly resize?: 'stretch' | 'cover' | 'contain' | undefined
  /** The share that is held out for validation where the folder has no such part; 0.15 by default. */
  readonly validation?: number | undefined
  /** The same for the test; 0.15 by default. */
  readonly test?: number | undefined
  /** Of the split and of the order of the training pictures; 1 by default. */
  readonly seed?: number | undefined
  /** Where decoded pixels are kept: by default in the user's cache. */
  readonly cache?: string | undefined
  /** The most bytes they may take; 20 GiB by default. */
  readonly most?: number | undefined
  /** Told after each file. */
  readonly onProgress?: ((progress: DecodeProgress) => void) | undefined
  /** Aborting keeps what is decoded for the next time. */
  readonly signal?: AbortSignal | undefined
}

/** A data set of own pictures. Its pictures are read from the cache, and called as their files. */
export interface OwnDataset extends Dataset<PictureSource> {
  /** What was passed over, and what cannot be read. */
  readonly skipped: readonly SkippedEntry[]
  /** Pictures that are copies of others, exactly or nearly. */
  readonly copies: readonly CopiedPicture[]
  /** What is wrong with the set, the worst first. */
  readonly findings: readonly SetFinding[]
}

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
