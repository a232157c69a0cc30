/** The error about bytes that are no picture which can be read. In: what is known of them. Out: what they are, and what to do. */
import { PictureError } from './errors.ts'
import type { KindOfFile } from './file-kind.ts'

export interface NoPicture {
  /** `a.gif cannot be read as a picture.` */
  readonly what: string
  readonly expected: string
  readonly kind: KindOfFile | undefined
  /** Where the kind is not known. */
  readonly received: string
}

export function noPicture({ what, expected, kind, received }: NoPicture): PictureError {
  const isPicture = kind === undefined || kind.group === 'picture'
  return new PictureError({
    what,
    expected,
    received: kind?.name ?? received,
    fix: kind?.fix ?? (isPicture ? 'Save it as PNG or JPEG.' : 'Name a picture, as PNG or JPEG.'),
  })
}
