/** What the public objects need of the place they run in; `index.ts` makes one for Node, `browser.ts` one for browsers. */
import { fits, pathOrBytes } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import type { Files, TextOutput } from '../base/host.ts'
import { type BlobLike, isBlob, type OpenPicture } from '../base/picture.ts'
import { record, that } from '../base/schema.ts'
import type { Clock } from '../engine/steps.ts'
import type { ChosenFile } from '../preprocess/dataset-from-files.ts'
import type { Device } from '../runtime/device.ts'
import { type ModelFormat, type OpenedFile, openedBytes, type ReadLimits, readLimits } from '../store/model-formats.ts'
import { openedFile } from '../store/opened-file.ts'

export interface Platform {
  readonly clock: Clock
  /** The device for models that are not given one. Called when a program is first compiled. */
  device(): Device
  /** Formats of models besides those that are known; looked for when a file is of none of these. */
  readonly modelFormats?: (() => Promise<readonly ModelFormat[]>) | undefined
  /** Where progress is written. */
  readonly output: TextOutput
  /** Missing where paths mean nothing. */
  readonly files?: Files | undefined
  /** Missing where pixels are all that a picture can be given as. */
  readonly openPicture?: OpenPicture | undefined
  /** Where there are no files: gives the user one, as a page's download. */
  offer?(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>
}

/**
 * Where a model is read from: a path, also of the folder that it lies in with its other files; bytes; a `File` or `Blob`; or the files of
 * an `<input>` that a model is in.
 */
export type ModelSource = string | Uint8Array | BlobLike | Iterable<ChosenFile>

/** How a model's file is read. */
export interface LoadModelOptions {
  readonly limits?: ReadLimits | undefined
}

/** Their schema. */
export const loadFields = record({ limits: readLimits })

/** A model to be read; messages call it by its path, or `name`. */
export async function opening(platform: Platform, source: ModelSource, name: string): Promise<OpenedFile> {
  if (typeof source === 'string') return openedFile(filesOf(platform, source), source)
  if (tagOf(source) === 'Uint8Array') return openedBytes(source as Uint8Array, name)
  return (await import('./chosen-model.ts')).openedChosen(source as BlobLike | Iterable<ChosenFile>, name)
}

/** For `checkArguments`. */
export const modelSource = that<ModelSource>(
  'a path, bytes (a Uint8Array), a File or Blob, or a list of File',
  value => fits(pathOrBytes, value) || isBlob(value) || (typeof value === 'object' && Symbol.iterator in Object(value)),
)

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

/** Where a model is saved: on disk, or to the user as a download. */
export function savingTo(platform: Platform, path: string): Pick<Files, 'write' | 'join'> {
  const { files, offer } = platform
  if (files || !offer) return filesOf(platform, path)
  return { write: (name, bytes) => offer(name, Uint8Array.from(bytes)), join: (...parts) => parts.join('/') }
}

/** Throws UserError where there are no files; `path` is what could not be reached. */
export function filesOf(platform: Platform, path: string): Files {
  if (platform.files) return platform.files
  throw new UserError({
    what: `${path} cannot be reached: there are no files here`,
    expected: 'bytes',
    fix: 'fetch them and give a Uint8Array, or take those of toBytes()',
  })
}
