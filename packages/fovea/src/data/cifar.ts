/**
 * The binary format of CIFAR-10 and CIFAR-100 (Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html): rows without a header, one or
 * two label bytes, the last of which is the class, then 1,024 bytes red, green and blue, each plane row by row. A picture is turned from
 * planes into pixels (HWC) as it is read. The version for Python is turned into such rows: a pickled dictionary of `data`, a row of
 * planes for each picture, and lists of labels.
 */
import { UserError } from '../base/errors.ts'
import { kindOfFile } from '../base/file-kind.ts'
import { otherCopy, whatCame } from './other-copy.ts'
import { type Pickled, PickledArray, parsePickle } from './pickle.ts'

const planePixels = 1024
export const cifarPictureBytes = 3 * planePixels

/** What a batch holds: pictures, label bytes before each, classes. */
export interface CifarBatch {
  readonly rows: number
  readonly labelBytes: number
  readonly classes: number
}

/**
 * Reads one batch file into `images` and `labels` from sample `first` on.
 * `file` names it in errors. @throws UserError: truncated, oversized, label out of range.
 */
export function readCifarBatch(
  bytes: Uint8Array,
  file: string,
  { rows, labelBytes, classes }: CifarBatch,
  images: Uint8Array,
  labels: Uint8Array,
  first: number,
): void {
  const rowBytes = labelBytes + cifarPictureBytes
  const expected = rows * rowBytes
  if (bytes.length !== expected)
    throw new UserError({
      what: `${file} is ${bytes.length < expected ? 'truncated' : 'oversized'}.`,
      expected: `${expected} bytes (${rows} pictures of ${rowBytes} bytes)`,
      ...whatCame(bytes),
    })
  for (let row = 0; row < rows; row++) {
    const red = row * rowBytes + labelBytes
    const label = bytes[red - 1]!
    if (label >= classes)
      throw new UserError({
        what: `${file}: label ${row} is out of range.`,
        expected: `0 to ${classes - 1}`,
        received: String(label),
        fix: otherCopy,
      })
    labels[first + row] = label
    let pixel = (first + row) * cifarPictureBytes
    for (let at = red; at < red + planePixels; at++) {
      images[pixel] = bytes[at]!
      images[pixel + 1] = bytes[at + planePixels]!
      images[pixel + 2] = bytes[at + 2 * planePixels]!
      pixel += 3
    }
  }
}

/**
 * A batch of the version for Python as rows of the binary version. `labelNames`: its lists of labels, one for each label byte.
 * @throws UserError: no pickle, and one of something else.
 */
export function cifarRowsOfPickle(bytes: Uint8Array, file: string, labelNames: readonly string[]): Uint8Array {
  if (bytes[0] !== 0x80)
    throw noBatch(file, labelNames, kindOfFile(bytes)?.name ?? `${bytes.length} bytes of no known format`)
  const batch = parsePickle(bytes, file)
  const of = (name: string): Pickled | undefined => (batch instanceof Map ? batch.get(name) : undefined)
  const pictures = of('data')
  const lists = labelNames.map(of)
  const count = pictures instanceof PickledArray ? pictures.shape[0] : undefined
  const isLabel = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 256
  const isList = (list: unknown): list is number[] =>
    Array.isArray(list) && list.length === count && list.every(isLabel)
  const isSound =
    pictures instanceof PickledArray && pictures.shape.length === 2 && pictures.shape[1] === cifarPictureBytes
  if (!isSound || !lists.every(isList)) {
    const keys = batch instanceof Map ? [...batch.keys()].slice(0, 10).join(', ') : 'no dictionary'
    throw noBatch(
      file,
      labelNames,
      `${keys}${pictures instanceof PickledArray ? `, data of ${pictures.shape.join('×')}` : ''}`,
    )
  }
  const [rows, { data, fortran }] = [pictures.shape[0]!, pictures]
  const rowBytes = lists.length + cifarPictureBytes
  const result = new Uint8Array(rows * rowBytes)
  for (let row = 0; row < rows; row++) {
    for (const [at, list] of lists.entries()) result[row * rowBytes + at] = list[row]!
    const begin = row * rowBytes + lists.length
    if (!fortran) result.set(data.subarray(row * cifarPictureBytes, (row + 1) * cifarPictureBytes), begin)
    else for (let at = 0; at < cifarPictureBytes; at++) result[begin + at] = data[at * rows + row]!
  }
  return result
}

function noBatch(file: string, labelNames: readonly string[], received: string): UserError {
  return new UserError({
    what: `${file} is not a batch of CIFAR for Python.`,
    expected: `a pickle file of data (pictures × ${cifarPictureBytes} bytes) and ${labelNames.join(', ')}`,
    received,
    fix: otherCopy,
  })
}
