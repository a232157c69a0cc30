/** What the public objects need of the place they run in; `index.ts` makes one for Node, `browser.ts` one for browsers. */
import { UserError } from '../base/errors.ts'
import type { Files, TextOutput } from '../base/host.ts'
import type { OpenPicture } from '../base/picture.ts'
import type { Clock } from '../engine/steps.ts'
import type { Device } from '../runtime/device.ts'

export interface Platform {
  readonly clock: Clock
  /** The device for models that are not given one. Called when a program is first compiled. */
  device(): Device
  /** Where progress is written. */
  readonly output: TextOutput
  /** Missing where paths mean nothing. */
  readonly files?: Files | undefined
  /** Missing where pixels are all that a picture can be given as. */
  readonly openPicture?: OpenPicture | undefined
  /** Where there are no files: gives the user one, as a page's download. */
  offer?(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>
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
