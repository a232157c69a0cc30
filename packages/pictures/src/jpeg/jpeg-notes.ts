/**
 * What a JPEG file says beside its picture: whether its channels are colours (JFIF, Adobe; libjpeg-turbo's jdapimin.c has the rule),
 * and how it is to be turned (Exif). Only what stands before the first scan counts.
 */
import type { JpegFrame } from './jpeg-frame.ts'
import { type JpegSegment, markers } from './jpeg-segments.ts'

export interface JpegNotes {
  isJfif: boolean
  /** 0: the channels are colours. The last one counts. */
  adobeTransform?: number
  /** The TIFF structure with the orientation. The first one counts. */
  exif?: Uint8Array
}

/** Adds what a segment says. */
export function readNote({ code, content }: JpegSegment, notes: JpegNotes): void {
  if (code === markers.app0 && content.length >= 14 && startsWith(content, 'JFIF\0')) notes.isJfif = true
  if (code === markers.app1 && startsWith(content, 'Exif\0')) notes.exif ??= content.subarray(6)
  if (code === markers.app14 && content.length >= 12 && startsWith(content, 'Adobe'))
    notes.adobeTransform = content[11]!
}

/**
 * Whether the first three channels are brightness and two colour differences; else they are colours. Of three channels, JFIF says the
 * former; else Adobe's transform tells; else the ids, which may be those of R, G and B. Of four, only Adobe's transform tells.
 */
export function isLumaChroma({ channels }: JpegFrame, { isJfif, adobeTransform }: JpegNotes): boolean {
  if (channels.length === 4) return adobeTransform !== undefined && adobeTransform !== 0
  if (isJfif) return true
  if (adobeTransform !== undefined) return adobeTransform !== 0
  return String.fromCharCode(...channels.map(({ id }) => id)) !== 'RGB'
}

function startsWith(content: Uint8Array, word: string): boolean {
  return [...word].every((character, at) => content[at] === character.charCodeAt(0))
}
