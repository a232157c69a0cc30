/**
 * Quantization and Huffman tables of a JPEG file (ITU T.81, B.2.4), as they are at one place of it: later ones replace earlier ones.
 * Their form is checked when they are read, a Huffman table's codes only when a scan uses it, as libjpeg-turbo does.
 */
import jpeg from 'jpeg-js'
import { jpegSegments, markers } from './jpeg-segments.ts'

/** 64 numbers of two bytes, in the file's zigzag order. */
export type QuantizationTables = Map<number, Uint8Array>

/** 16 counts of codes of 1 to 16 bits, then what the codes stand for. The key: 16 · class + number, class 0 for DC, 1 for AC. */
export type HuffmanTables = Map<number, Uint8Array>

/** Adds the tables of a segment. */
export function readQuantization(content: Uint8Array, tables: QuantizationTables): void {
  for (let at = 0; at < content.length; ) {
    const bytes = content[at]! >> 4 === 0 ? 1 : 2
    const number = content[at]! & 15
    if (number > 3) throw new Error('it has a quantization table of an impossible kind')
    const values = content.subarray(at + 1, at + 1 + 64 * bytes)
    if (values.length < 64 * bytes) throw new Error('it has a quantization table that is cut off')
    tables.set(number, bytes === 2 ? values : Uint8Array.from({ length: 128 }, (_, i) => (i % 2 ? values[i >> 1]! : 0)))
    at += 1 + 64 * bytes
  }
}

export function usableQuantization(tables: QuantizationTables, number: number): Uint8Array {
  const table = tables.get(number)
  if (table === undefined) throw new Error('a quantization table is missing')
  return table
}

/** Adds the tables of a segment. */
export function readHuffman(content: Uint8Array, tables: HuffmanTables): void {
  for (let at = 0; at < content.length; ) {
    const key = content[at]!
    if (key >> 4 > 1 || (key & 15) > 3) throw new Error('it has a Huffman table of an impossible kind')
    const codes = content.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0)
    const table = content.subarray(at + 1, at + 17 + codes)
    if (codes > 256 || table.length < 16 + codes) throw new Error('it has a Huffman table that is cut off')
    tables.set(key, table)
    at += 17 + codes
  }
}

/** The table of this key, fit for use. @throws Error when there is none or its codes cannot be. */
export function usableHuffman(tables: HuffmanTables, key: number): Uint8Array {
  const table = tables.get(key)
  if (table === undefined) throw new Error('a Huffman table is missing')
  // Codes of a length follow one another; the last one of all ones must stay free.
  for (let length = 1, next = 0; length <= 16; length++, next *= 2) {
    next += table[length - 1]!
    if (table[length - 1]! > 0 && next >= 2 ** length)
      throw new Error('a Huffman table has more codes than there can be')
  }
  if (key < 16 && table.subarray(16).some(bits => bits > 15)) throw new Error('a Huffman table holds impossible values')
  return table
}

let standard: HuffmanTables | undefined

/**
 * The tables of T.81, Annex K, which stand for those that a file leaves out (single pictures of Motion JPEG do). The encoder writes
 * them into every file.
 */
export function standardHuffman(): HuffmanTables {
  if (standard === undefined) {
    standard = new Map()
    const file = jpeg.encode({ width: 1, height: 1, data: new Uint8Array(4) }, 50).data
    for (const { code, content } of jpegSegments(file))
      if (code === markers.huffmanTables) readHuffman(content, standard)
  }
  return new Map(standard)
}
