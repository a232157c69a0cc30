/**
 * JPEG files written from the standard (ITU T.81), independent of the decoder: baseline, blocks of 8 × 8 of one value a channel, so that
 * what is stored is known exactly. Quantization is 1, a DC code has four bits, the only AC code is the end of block.
 */

export interface Segment {
  readonly code: number
  readonly content: readonly number[]
  /** The length to write, where it is to be wrong. */
  readonly length?: number
  /** Of a scan. */
  readonly coded?: readonly number[]
}

export interface Blocks {
  readonly columns: number
  readonly rows: number
  /** What is stored, block by block, a number a channel. */
  readonly values: readonly (readonly number[])[]
  readonly ids?: readonly number[]
}

export const quantizationTable = (number: number): Segment => ({
  code: 0xdb,
  content: [number, ...new Array<number>(64).fill(1)],
})
const twelveCodes = [0, 0, 0, 12, ...new Array<number>(12).fill(0)]
export const dcTable: Segment = { code: 0xc4, content: [0x00, ...twelveCodes, ...twelveCodes.keys()].slice(0, 29) }
export const acTable: Segment = { code: 0xc4, content: [0x10, 1, ...new Array<number>(15).fill(0), 0] }

export const adobe = (transform: number): Segment => ({
  code: 0xee,
  content: [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform],
})
export const jfif: Segment = { code: 0xe0, content: [...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0] }
export const exif = (tiff: Uint8Array): Segment => ({ code: 0xe1, content: [...Buffer.from('Exif\0\0'), ...tiff] })

/** Tables, frame and scan: what a file has between its first and its last marker. */
export function segmentsOf({ columns, rows, values, ids }: Blocks): Segment[] {
  const count = values[0]!.length
  const names = ids ?? Array.from({ length: count }, (_, index) => index + 1)
  const size = [0, 8 * rows, 0, 8 * columns]
  return [
    quantizationTable(0),
    { code: 0xc0, content: [8, ...size, count, ...names.flatMap(id => [id, 0x11, 0])] },
    dcTable,
    acTable,
    { code: 0xda, content: [count, ...names.flatMap(id => [id, 0]), 0, 63, 0], coded: codedBlocks(values) },
  ]
}

export function jpegFile(segments: readonly (Segment | readonly number[])[], end: readonly number[] = [0xff, 0xd9]) {
  const bytes = segments.flatMap(segment => {
    if (!('code' in segment)) return segment
    const { code, content, length = content.length + 2, coded = [] } = segment
    return [0xff, code, length >> 8, length & 255, ...content, ...coded]
  })
  return Uint8Array.from([0xff, 0xd8, ...bytes, ...end])
}

/** The DC coefficient of a block of one value v is 8 · (v − 128); its difference to the block before is stored. */
function codedBlocks(values: Blocks['values']): number[] {
  const before = new Array<number>(values[0]!.length).fill(0)
  let bits = ''
  for (const block of values)
    for (const [channel, value] of block.entries()) {
      const coefficient = 8 * (value - 128)
      const difference = coefficient - before[channel]!
      before[channel] = coefficient
      const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1
      const stored = difference < 0 ? difference + 2 ** size - 1 : difference
      bits += `${size.toString(2).padStart(4, '0') + (size > 0 ? stored.toString(2).padStart(size, '0') : '')}0`
    }
  const bytes: number[] = []
  for (let at = 0; at < bits.length; at += 8) {
    const byte = Number.parseInt(bits.slice(at, at + 8).padEnd(8, '1'), 2)
    bytes.push(byte, ...(byte === 0xff ? [0] : []))
  }
  return bytes
}
