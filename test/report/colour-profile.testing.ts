/**
 * An ICC profile (ICC.1:2001) of a screen that shows red as green, green as red, and brightness straight: whoever applies it sees other
 * colours than are stored.
 */

/** Signed, 16 bits behind the point. */
function fixed(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(Math.round(value * 65536))
  return bytes
}

const xyz = (...values: readonly number[]): Buffer => Buffer.concat([Buffer.from('XYZ \0\0\0\0'), ...values.map(fixed)])
/** Exponent 1, 8 bits behind the point. */
const straight = Buffer.from([...Buffer.from('curv\0\0\0\0'), 0, 0, 0, 1, 1, 0, 0, 0])

function description(): Buffer {
  const text = Buffer.from('swapped\0')
  const bytes = Buffer.alloc(Math.ceil((12 + text.length + 78) / 4) * 4)
  bytes.write('desc')
  bytes.writeUInt32BE(text.length, 8)
  text.copy(bytes, 12)
  return bytes
}

export function swappedProfile(): Buffer {
  const tags: readonly (readonly [string, Buffer])[] = [
    ['desc', description()],
    ['cprt', Buffer.from('text\0\0\0\0none\0\0\0\0')],
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    ['rXYZ', xyz(0.3851, 0.7169, 0.0971)],
    ['gXYZ', xyz(0.436, 0.2225, 0.0139)],
    ['bXYZ', xyz(0.1431, 0.0606, 0.7141)],
    ...['rTRC', 'gTRC', 'bTRC'].map(name => [name, straight] as const),
  ]
  const header = Buffer.alloc(128)
  header.writeUInt32BE(0x02100000, 8)
  header.write('mntrRGB XYZ ', 12)
  header.set([7, 234, 0, 1, 0, 1], 24)
  header.write('acsp', 36)
  Buffer.concat([fixed(0.9642), fixed(1), fixed(0.8249)]).copy(header, 68)
  const table = Buffer.alloc(4 + 12 * tags.length)
  table.writeUInt32BE(tags.length)
  let offset = header.length + table.length
  for (const [index, [name, content]] of tags.entries()) {
    table.write(name, 4 + 12 * index)
    table.writeUInt32BE(offset, 8 + 12 * index)
    table.writeUInt32BE(content.length, 12 + 12 * index)
    offset += content.length
  }
  header.writeUInt32BE(offset, 0)
  return Buffer.concat([header, table, ...tags.map(([, content]) => content)])
}
