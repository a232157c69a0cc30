/** Exif data with an orientation, as the standard writes them, and what is wrong with them where something is to be. */

export interface ExifFields {
  readonly little?: boolean
  readonly order?: string
  readonly magic?: number
  /** Where the directory is said to be. */
  readonly directory?: number
  /** How many entries it is said to have. */
  readonly count?: number
  readonly entries?: readonly {
    readonly tag?: number
    readonly type?: number
    readonly count?: number
    readonly value: number
  }[]
}

export function exifData(fields: ExifFields): Buffer {
  const { little = false, magic = 42, directory = 8, entries = [] } = fields
  const bytes = Buffer.alloc(8 + 2 + 12 * entries.length + 4)
  const put16 = (value: number, at: number) =>
    little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at)
  const put32 = (value: number, at: number) =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at)
  bytes.write(fields.order ?? (little ? 'II' : 'MM'), 'latin1')
  put16(magic, 2)
  put32(directory, 4)
  put16(fields.count ?? entries.length, 8)
  for (const [index, { tag = 0x0112, type = 3, count = 1, value }] of entries.entries()) {
    const at = 10 + 12 * index
    put16(tag, at)
    put16(type, at + 2)
    put32(count, at + 4)
    if (type === 4) put32(value, at + 8)
    else put16(value, at + 8)
  }
  return bytes
}

/** Exif data and the orientation that browsers and libvips take from them. */
export const exifCases: readonly (readonly [string, Uint8Array, number])[] = [
  ...[false, true].flatMap(little =>
    Array.from({ length: 10 }, (_, value) => {
      const name = `orientation ${value}, ${little ? 'little' : 'big'} endian`
      return [name, exifData({ little, entries: [{ value }] }), value >= 1 && value <= 8 ? value : 1] as const
    }),
  ),
  ['behind another tag', exifData({ entries: [{ tag: 0x010f, value: 3 }, { value: 6 }] }), 6],
  ['there twice: the first', exifData({ entries: [{ value: 6 }, { value: 3 }] }), 6],
  ['without the link to a next directory', exifData({ entries: [{ value: 6 }] }).subarray(0, 22), 6],
  ['more entries announced than there are', exifData({ count: 500, entries: [{ value: 6 }] }), 6],
  ['an unknown type', exifData({ entries: [{ type: 0, value: 6 }] }), 1],
  ['no value', exifData({ entries: [{ count: 0, value: 6 }] }), 1],
  ['no entries', exifData({}), 1],
  ['another magic number', exifData({ magic: 43, entries: [{ value: 6 }] }), 1],
  ['the magic number in the other byte order', exifData({ magic: 0x2a00, entries: [{ value: 6 }] }), 1],
  ['an unknown byte order', exifData({ order: 'XX', entries: [{ value: 6 }] }), 1],
  ['two byte orders', exifData({ order: 'IM', entries: [{ value: 6 }] }), 1],
  ['a directory beyond the end', exifData({ directory: 1000, entries: [{ value: 6 }] }), 1],
  ['a directory far beyond the end', exifData({ directory: 0xfffffff0, entries: [{ value: 6 }] }), 1],
  ...[0, 1, 4, 7, 8, 9, 18, 20].map(
    length => [`cut off after ${length} bytes`, exifData({ entries: [{ value: 6 }] }).subarray(0, length), 1] as const,
  ),
]

/** Six parts stored as 1 2 3 / 4 5 6: how many stand in a row when they are upright, and their order; from the standard's words. */
export const uprightOrders: Readonly<Record<number, readonly [columns: number, order: readonly number[]]>> = {
  1: [3, [1, 2, 3, 4, 5, 6]],
  2: [3, [3, 2, 1, 6, 5, 4]],
  3: [3, [6, 5, 4, 3, 2, 1]],
  4: [3, [4, 5, 6, 1, 2, 3]],
  5: [2, [1, 4, 2, 5, 3, 6]],
  6: [2, [4, 1, 5, 2, 6, 3]],
  7: [2, [6, 3, 5, 2, 4, 1]],
  8: [2, [3, 6, 2, 5, 1, 4]],
}
