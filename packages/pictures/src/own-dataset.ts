/**
 * What users see of a data set of their own pictures: types alone, made of the library's public ones, so that every way of resolving modules
 * finds them.
 */
import type { Dataset, PictureSource } from 'fovea'
import type { SkippedEntry } from './picture-folder.ts'

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

/** How far decoding has come. */
export interface DecodeProgress {
  readonly done: number
  readonly total: number
  /** Of those done, how many the cache had already. */
  readonly known: number
}

/** A picture that is a copy of another, exactly or nearly: they are never on both sides of a split that is drawn. */
export interface CopiedPicture {
  readonly file: string
  readonly of: string
  /** The same file, the same picture, or its mirror image. */
  readonly kind: 'same' | 'alike' | 'mirrored'
  /** Whether they have different labels. */
  readonly differ: boolean
}

/** What a finding is about. */
export type SetFindingKind =
  | 'one-class'
  | 'leak'
  | 'two-labels'
  | 'alike-names'
  | 'too-few'
  | 'unread'
  | 'unbalanced'
  | 'grey'
  | 'copies'
  | 'proportions'
  | 'small'

/** Something that is wrong with a set of pictures. */
export interface SetFinding {
  readonly kind: SetFindingKind
  /** Nothing can be trained on such a set. */
  readonly isError: boolean
  /** What was seen, in one sentence. */
  readonly what: string
  /** What comes of it, or what to do, in one sentence. */
  readonly advice: string
}
