/**
 * Cameras store pictures as the sensor lies and say in the Exif data how to turn them (tag 0x0112, values 1 to 8; Exif 2.3,
 * 4.6.4). Reads that value from a JPEG file's bytes and turns a picture upright.
 */
import type { Picture } from '../base/picture.ts'

const app1 = 0xe1
const startOfScan = 0xda
const orientationTag = 0x0112

/** 1 (as it is) when the file says nothing, or nothing that can be read. */
export function exifOrientation(jpeg: Uint8Array): number {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength)
  let at = 2
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1]!
    if (marker === 0xff) {
      at++
      continue
    }
    const length = view.getUint16(at + 2)
    if (marker === startOfScan || length < 2) return 1
    if (marker === app1 && length >= 16 && view.getUint32(at + 4) === 0x45786966 && at + 2 + length <= jpeg.length)
      return orientationOf(new DataView(jpeg.buffer, jpeg.byteOffset + at + 10, length - 8))
    at += 2 + length
  }
  return 1
}

/** The TIFF part: byte order, then the first directory's entries of 12 bytes each. */
function orientationOf(tiff: DataView): number {
  const little = tiff.getUint16(0) === 0x4949
  const directory = tiff.getUint32(4, little)
  if (directory + 2 > tiff.byteLength) return 1
  const entries = tiff.getUint16(directory, little)
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry
    if (at + 12 > tiff.byteLength) return 1
    if (tiff.getUint16(at, little) !== orientationTag) continue
    const value = tiff.getUint16(at + 8, little)
    return value >= 1 && value <= 8 ? value : 1
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
