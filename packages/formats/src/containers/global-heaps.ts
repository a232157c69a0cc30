/**
 * Global heaps of an HDF5 file, which hold its texts of any length: looked at before the library is, since it goes round for ever in one
 * whose objects do not lead on. Source: "III.E. Global Heap" of the file format specification.
 */
import { damaged } from './limits.ts'

/** GCOL, version 1, three zeros. */
const sign = [0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0]

/** Throws UserError for a heap with an object that is smaller than its own header, or reaches beyond the heap. */
export function checkGlobalHeaps(bytes: Uint8Array, source: string): void {
  const lengthBytes = lengthBytesOf(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // The library counts in 32 bits.
  const lengthAt = (at: number): number => (lengthBytes === 2 ? view.getUint16(at, true) : view.getUint32(at, true))
  const headerBytes = aligned(sign.length + lengthBytes)
  for (let start = bytes.indexOf(sign[0]!); start >= 0; start = bytes.indexOf(sign[0]!, start + 1)) {
    if (start + headerBytes > bytes.length || !sign.every((byte, at) => bytes[start + at] === byte)) continue
    const end = Math.min(start + lengthAt(start + sign.length), bytes.length)
    for (let at = start + headerBytes; at + headerBytes <= end; ) {
      const size = lengthAt(at + sign.length)
      // Number 0 is what is free, its header counted in.
      const whole = view.getUint16(at, true) === 0 ? size : headerBytes + aligned(size)
      if (whole < headerBytes || at + whole > end)
        throw damaged(source, `a heap at byte ${start} whose objects do not lead to its end`)
      at += whole
    }
  }
}

const aligned = (size: number): number => Math.ceil(size / 8) * 8

/** As the superblock says it: of versions 0 and 1, or of 2 and 3. */
function lengthBytesOf(bytes: Uint8Array): number {
  const said = bytes[(bytes[8] ?? 0) < 2 ? 14 : 10]
  return said === 2 || said === 4 || said === 16 || said === 32 ? said : 8
}
