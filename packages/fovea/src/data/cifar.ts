/**
 * The binary format of CIFAR-10 (Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html): rows of 3,073 bytes without a
 * header, 1 label byte, then 1,024 bytes red, green and blue, each plane row by row. A picture is turned from planes into
 * pixels (HWC) as it is read.
 */
import { UserError } from '../base/errors.ts'
import { otherCopy } from './other-copy.ts'

export const cifarRowBytes = 3073
const planePixels = 1024
const pictureBytes = 3 * planePixels
const classes = 10

/**
 * Reads one batch file of `rows` pictures into `images` and `labels` from sample `first` on.
 * `file` names it in errors. @throws UserError: truncated, oversized, label out of range.
 */
export function readCifarBatch(
  bytes: Uint8Array,
  file: string,
  rows: number,
  images: Uint8Array,
  labels: Uint8Array,
  first: number,
): void {
  const expected = rows * cifarRowBytes
  if (bytes.length !== expected)
    throw new UserError({
      what: `${file} is ${bytes.length < expected ? 'truncated' : 'oversized'}.`,
      expected: `${expected} bytes (${rows} pictures of ${cifarRowBytes} bytes)`,
      received: `${bytes.length} bytes`,
      fix: otherCopy,
    })
  for (let row = 0; row < rows; row++) {
    const label = bytes[row * cifarRowBytes]!
    if (label >= classes)
      throw new UserError({
        what: `${file}: label ${row} is out of range.`,
        expected: `0 to ${classes - 1}`,
        received: String(label),
        fix: otherCopy,
      })
    labels[first + row] = label
    const red = row * cifarRowBytes + 1
    let pixel = (first + row) * pictureBytes
    for (let at = red; at < red + planePixels; at++) {
      images[pixel] = bytes[at]!
      images[pixel + 1] = bytes[at + planePixels]!
      images[pixel + 2] = bytes[at + 2 * planePixels]!
      pixel += 3
    }
  }
}
