/**
 * Cameras store pictures as the sensor lies and say in the Exif data how to turn them (tag 0x0112, values 1 to 8; Exif 2.3,
 * 4.6.4). Reads that value as browsers do, from the TIFF structure that a JPEG or PNG file carries, and turns a picture upright.
 */
import type { Picture } from '../base/picture.ts'

const orientationTag = 0x0112
/** The type of 16-bit numbers. */
const short = 3

/**
 * The first value from 1 to 8 in the first directory. 1 (as it is) when there is none, or nothing that can be read: no picture is
 * refused for its Exif data.
 */
export function exifOrientation(exif: Uint8Array): number {
  const tiff = new DataView(exif.buffer, exif.byteOffset, exif.byteLength)
  if (exif.length < 8) return 1
  // "II" or "MM", the byte order, and 42 in it.
  const little = tiff.getUint32(0) === 0x49492a00
  if (!little && tiff.getUint32(0) !== 0x4d4d002a) return 1
  const directory = tiff.getUint32(4, little)
  if (directory + 2 > exif.length) return 1
  const entries = tiff.getUint16(directory, little)
  // An entry has 12 bytes: tag, type, count, value.
  for (let entry = 0, at = directory + 2; entry < entries && at + 12 <= exif.length; entry++, at += 12) {
    if (tiff.getUint16(at, little) !== orientationTag) continue
    if (tiff.getUint16(at + 2, little) !== short || tiff.getUint32(at + 4, little) !== 1) continue
    const value = tiff.getUint16(at + 8, little)
    if (value >= 1 && value <= 8) return value
  }
  return 1
}

/**
 * For each orientation, which stored pixel an upright one comes from: (column, row) of the result and the stored size give
 * the stored column and row.
 */
type Source = (column: number, row: number, width: number, height: number) => readonly [number, number]
const sources: readonly Source[] = [
  (column, row) => [column, row],
  (column, row, width) => [width - 1 - column, row],
  (column, row, width, height) => [width - 1 - column, height - 1 - row],
  (column, row, _, height) => [column, height - 1 - row],
  (column, row) => [row, column],
  (column, row, _, height) => [row, height - 1 - column],
  (column, row, width, height) => [width - 1 - row, height - 1 - column],
  (column, row, width) => [width - 1 - row, column],
]

/** The picture upright, `orientation` being the Exif value 1 to 8. */
export function orient(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture
  const source = sources[orientation - 1]!
  const { width, height, channels, data } = picture
  const [newWidth, newHeight] = orientation >= 5 ? [height, width] : [width, height]
  const result = new Uint8Array(data.length)
  for (let row = 0, to = 0; row < newHeight; row++)
    for (let column = 0; column < newWidth; column++) {
      const [fromColumn, fromRow] = source(column, row, width, height)
      const from = (fromRow * width + fromColumn) * channels
      for (let channel = 0; channel < channels; channel++) result[to++] = data[from + channel]!
    }
  return { width: newWidth, height: newHeight, channels, data: result }
}
