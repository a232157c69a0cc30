/** What the public objects need of the place they run in; `index.ts` makes one for Node, `browser.ts` one for browsers. */
import { UserError } from '../base/errors.ts'
import type { Files, TextOutput } from '../base/host.ts'
import type { OpenPicture } from '../base/picture.ts'
import type { Clock } from '../engine/steps.ts'
import type { Device } from '../runtime/device.ts'
import { type ModelFormat, type OpenedFile, openedBytes } from '../store/model-formats.ts'
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

/** A model to be read: its path or its bytes, which messages call `name`. */
export const opening = async (platform: Platform, source: string | Uint8Array, name: string): Promise<OpenedFile> =>
  typeof source === 'string' ? openedFile(filesOf(platform, source), source) : openedBytes(source, name)

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
