/**
 * NumPy's arrays as files (`.npy`), as far as labelled pictures are kept in them: bytes (`uint8`) in C's order. In: the bytes of a file.
 * Out: the same bytes with their shape, as the IDX format of MNIST has them. Source: NumPy's "A simple file format for NumPy arrays".
 */
import { UserError } from '../base/errors.ts'
import { otherCopy, whatCame } from './other-copy.ts'

/** The array in an IDX file: the magic number of bytes with this many extents, the extents, the numbers. @throws UserError. */
export function idxOfNpy(bytes: Uint8Array, file: string): Uint8Array {
  const refuse = (received: string): UserError =>
    new UserError({
      what: `${file} is not a NumPy array of bytes.`,
      expected: "an array of uint8 ('|u1') in C's order",
      received,
      fix: otherCopy,
    })
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
  if (magic.some((byte, at) => bytes[at] !== byte) || bytes.length < 12) throw refuse(whatCame(bytes).received)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // The length of the header takes two bytes in version 1, four later.
  const begin = bytes[6] === 1 ? 10 : 12
  const data = begin + (begin === 10 ? view.getUint16(8, true) : view.getUint32(8, true))
  const header = new TextDecoder('latin1').decode(new Uint8Array(bytes.subarray(begin, Math.min(data, begin + 1000))))
  const type = /'descr': *'([^']*)'/.exec(header)?.[1]
  const shape = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1]?.split(',').map(Number).filter(Boolean)
  if (type !== '|u1' || !/'fortran_order': *False/.test(header) || !shape?.length) throw refuse(header.trim())
  const size = shape.reduce((product, extent) => product * extent, 1)
  if (size !== bytes.length - data) throw refuse(`${bytes.length - data} bytes for the shape ${shape.join('×')}`)
  const idx = new Uint8Array(4 + 4 * shape.length + size)
  const words = new DataView(idx.buffer)
  for (const [at, word] of [0x0800 + shape.length, ...shape].entries()) words.setUint32(4 * at, word)
  idx.set(bytes.subarray(data), 4 + 4 * shape.length)
  return idx
}
