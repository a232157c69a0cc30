/** Pictures: in memory, and whatever else one can be given as. */
import { PictureError } from './errors.ts'
import { show } from './show.ts'

/** A picture in memory: bytes row by row, channels of one pixel side by side (HWC). The last channel of 2 and 4 is alpha, not premultiplied. */
export interface Picture {
  readonly width: number
  readonly height: number
  /** 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 2 | 3 | 4
  /** height · width · channels bytes, 0 = black. */
  readonly data: Uint8Array
}

/** A picture as others hold it: `ImageData` of a canvas, or one whose channels follow from the number of its bytes. */
export interface PictureLike {
  readonly width: number
  readonly height: number
  /** Missing: as many as the bytes make. */
  readonly channels?: number | undefined
  readonly data: Uint8Array | Uint8ClampedArray
}

/** What gives the bytes of a file: a `Blob`, the `File` of an input, a `Response`, a `Request`. */
export interface BlobLike {
  arrayBuffer(): Promise<ArrayBuffer>
}

/** What a browser can draw: a canvas, an `OffscreenCanvas`, an `ImageBitmap`, an image element. */
export interface DrawableLike {
  readonly width: number
  readonly height: number
}

/** The bytes of a picture file: PNG, JPEG and what else is decoded here. */
export type PictureBytes = Uint8Array | ArrayBuffer

/**
 * Whatever holds one picture: its pixels, the bytes of its file or what gives them, in Node its path or file URL, in browsers a
 * canvas or an image element.
 */
export type AnyPicture =
  | Picture
  | PictureLike
  | PictureBytes
  | BlobLike
  | string
  | { readonly href: string }
  | DrawableLike

/** Makes a picture of whatever holds one; `name` is used in errors. */
export type OpenPicture = (given: AnyPicture, name: string) => Promise<Picture>

/** By the tag, not by the class: bytes of another realm (a test runner, a frame) are bytes too. */
const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

/** Whether a value has pixels: a picture or `ImageData`, right or wrong. */
export const hasPixels = (value: unknown): value is PictureLike => {
  const { width, height, data } = Object(value) as Partial<PictureLike>
  return typeof width === 'number' && typeof height === 'number' && ArrayBuffer.isView(data)
}

/** The bytes of a file, if that is what a value is. */
export function fileBytes(value: unknown): Uint8Array | undefined {
  if (tagOf(value) === 'Uint8Array') return value as Uint8Array
  return tagOf(value) === 'ArrayBuffer' ? new Uint8Array(value as ArrayBuffer) : undefined
}

export const isBlob = (value: unknown): value is BlobLike => typeof Object(value).arrayBuffer === 'function'

/** Pixels as a picture; the bytes stay where they are. Undefined where they do not make one. */
export function pictureOfPixels(given: unknown): Picture | undefined {
  const { width, height, channels, data } = Object(given) as Partial<PictureLike>
  const bytes = pixelBytes(data)
  if (!bytes || !isExtent(width) || !isExtent(height)) return undefined
  const depth = channels ?? bytes.length / (width * height)
  if (![1, 2, 3, 4].includes(depth) || bytes.length !== width * height * depth) return undefined
  return { width, height, channels: depth as Picture['channels'], data: bytes }
}

const isExtent = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0

/** The same. Throws PictureError, naming `name`, where they do not make one. */
export function pictureFromPixels(given: PictureLike, name: string): Picture {
  const picture = pictureOfPixels(given)
  if (picture) return picture
  const { width, height, channels, data } = Object(given) as PictureLike
  const depth = channels === undefined ? 'channels not told' : `${show(channels)} channels`
  throw new PictureError({
    what: `${name} has no pixels that make a picture.`,
    expected: '{width, height, channels, data} with width · height · channels bytes, 1 to 4 channels',
    received: hasPixels(given) ? `${width}×${height}, ${depth}, ${show(data)}` : show(given),
  })
}

/** Bytes of pixels as they are fed: those of a canvas are another view of the same. Undefined for what is none. */
export function pixelBytes(data: unknown): Uint8Array | undefined {
  if (tagOf(data) === 'Uint8Array') return data as Uint8Array
  if (tagOf(data) !== 'Uint8ClampedArray') return undefined
  const { buffer, byteOffset, length } = data as Uint8ClampedArray
  return new Uint8Array(buffer, byteOffset, length)
}
