/**
 * The IDX format of MNIST and Fashion-MNIST (LeCun, http://yann.lecun.com/exdb/mnist/), unpacked bytes in, arrays out.
 * Big-endian 32-bit header: pictures 2051, count, height, width, then count · height · width bytes row by row;
 * labels 2049, count, then count bytes. Nothing of a damaged file is used.
 */
import { UserError } from '../base/errors.ts'
import type { Split } from './dataset.ts'
import { otherCopy, whatCame } from './other-copy.ts'

const pictureMagic = 2051
const labelMagic = 2049

export interface IdxPictures {
  readonly count: number
  readonly height: number
  readonly width: number
  /** count · height · width bytes, a view of the input. */
  readonly pixels: Uint8Array
}

/** Parses a picture file. `file` names it in errors. @throws UserError: wrong magic, truncated, oversized. */
export function parseIdxPictures(bytes: Uint8Array, file: string): IdxPictures {
  const [count, height, width] = header(bytes, file, pictureMagic, 3) as [number, number, number]
  if (height === 0 || width === 0)
    throw new UserError({
      what: `${file}: its pictures have no pixels.`,
      expected: 'a height and a width of at least 1',
      received: `${height}×${width}`,
      fix: otherCopy,
    })
  checkLength(bytes, file, 16, count * height * width, `${count} pictures of ${height}×${width}`)
  return { count, height, width, pixels: bytes.subarray(16) }
}

/** Parses a label file with classes 0 … classes − 1. @throws UserError: also when a label is out of range. */
export function parseIdxLabels(bytes: Uint8Array, file: string, classes: number): Uint8Array {
  const [count] = header(bytes, file, labelMagic, 1) as [number]
  checkLength(bytes, file, 8, count, `${count} labels`)
  const labels = bytes.subarray(8)
  const wrong = labels.findIndex(label => label >= classes)
  if (wrong >= 0)
    throw new UserError({
      what: `${file}: label ${wrong} is out of range.`,
      expected: `0 to ${classes - 1}`,
      received: String(labels[wrong]),
      fix: otherCopy,
    })
  return labels
}

/** Joins a picture and a label file of the same samples. @throws UserError when they differ in number. */
export function idxSplit(pictures: IdxPictures, labels: Uint8Array, pictureFile: string, labelFile: string): Split {
  if (pictures.count !== labels.length)
    throw new UserError({
      what: `${pictureFile} and ${labelFile} do not belong together.`,
      expected: `as many labels as pictures (${pictures.count})`,
      received: `${labels.length} labels`,
      fix: 'Fetch both files from the same place.',
    })
  return { images: pictures.pixels, labels, count: pictures.count }
}

function header(bytes: Uint8Array, file: string, magic: number, extents: number): number[] {
  const headerBytes = 4 + 4 * extents
  if (bytes.length < headerBytes)
    throw new UserError({
      what: `${file} is truncated: its header is not complete.`,
      expected: `at least ${headerBytes} bytes`,
      ...whatCame(bytes),
    })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = view.getUint32(0)
  if (found !== magic) {
    const kind = magic === pictureMagic ? 'picture' : 'label'
    const came = whatCame(bytes)
    throw new UserError({
      what: `${file} is not an IDX ${kind} file: its magic number is wrong.`,
      expected: String(magic),
      received: meaning(found) ?? `${found} (${came.received})`,
      fix:
        came.fix === otherCopy
          ? 'Check that the files were not mixed up; a file that ends in .gz must be gzip.'
          : came.fix,
    })
  }
  return Array.from({ length: extents }, (_, index) => view.getUint32(4 + 4 * index))
}

function meaning(magic: number): string | undefined {
  if (magic === pictureMagic) return `${magic} (a picture file)`
  return magic === labelMagic ? `${magic} (a label file)` : undefined
}

function checkLength(bytes: Uint8Array, file: string, headerBytes: number, content: number, said: string): void {
  const expected = headerBytes + content
  if (bytes.length === expected) return
  throw new UserError({
    what: `${file} is ${bytes.length < expected ? 'truncated' : 'oversized'}.`,
    expected: `${expected} bytes (its header says ${said})`,
    ...whatCame(bytes),
  })
}
