/** Files of Python as tests need them, byte by byte: pickles of protocol 2 as Python 2 wrote the CIFARs, arrays and archives of NumPy. */
import { crc32, deflateRawSync } from 'node:zlib'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const u4 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)
const u2 = (value: number): Uint8Array => new Uint8Array(Uint16Array.of(value).buffer)

export function joined(...parts: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  const bytes = parts.map(part => (typeof part === 'string' ? ascii(part) : part))
  const all = new Uint8Array(bytes.reduce((sum, each) => sum + each.length, 0))
  let at = 0
  for (const each of bytes) {
    all.set(each, at)
    at += each.length
  }
  return all
}

/** A byte string, with which Python 2 writes texts as well. */
const string = (content: Uint8Array | string): Uint8Array => {
  const bytes = typeof content === 'string' ? ascii(content) : content
  return bytes.length < 256 ? joined('U', Uint8Array.of(bytes.length), bytes) : joined('T', u4(bytes.length), bytes)
}
const list = (numbers: readonly number[]): Uint8Array =>
  joined('](', ...numbers.map(value => Uint8Array.of(0x4b, value)), 'e')

/** `numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), 'b')`, then its state. */
export const pickledArray = (
  rows: number,
  columns: number,
  data: Uint8Array,
  type = 'u1',
  fortran = false,
): Uint8Array =>
  joined(
    ...['cnumpy.core.multiarray\n_reconstruct\n', 'cnumpy\nndarray\n', 'K\0\x85', string('b'), '\x87'].map(latin),
    ...['R(K\x01(J'].map(latin),
    u4(rows),
    'J',
    u4(columns),
    latin('tcnumpy\ndtype\n'),
    string(type),
    latin('K\0K\x01\x87R(K\x03'),
    string('|'),
    latin('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb'),
    Uint8Array.of(fortran ? 0x88 : 0x89),
    string(data),
    'tb',
  )

function latin(part: Uint8Array | string): Uint8Array {
  return typeof part === 'string' ? Uint8Array.from(part, sign => sign.charCodeAt(0)) : part
}

/** A dictionary as a file. */
export const pickled = (entries: readonly (readonly [key: string, value: Uint8Array])[]): Uint8Array<ArrayBuffer> =>
  joined(latin('\x80\x02}('), ...entries.flatMap(([key, value]) => [string(key), value]), 'u.')

export const pickledText = string
export const pickledList = list

/** Rows of planes behind their labels, as a CIFAR's binary version has them, as a batch of the version for Python. */
export function pickledBatch(
  rows: Uint8Array,
  labelNames: readonly string[],
  fortran = false,
): Uint8Array<ArrayBuffer> {
  const rowBytes = labelNames.length + 3072
  const count = rows.length / rowBytes
  const data = new Uint8Array(count * 3072)
  for (let row = 0; row < count; row++)
    for (let at = 0; at < 3072; at++)
      data[fortran ? at * count + row : row * 3072 + at] = rows[row * rowBytes + labelNames.length + at]!
  return pickled([
    ['batch_label', string('training batch 1 of 5')],
    ...labelNames.map(
      (name, at) => [name, list(Array.from({ length: count }, (_, row) => rows[row * rowBytes + at]!))] as const,
    ),
    ['data', pickledArray(count, 3072, data, 'u1', fortran)],
  ])
}

/** An array of bytes as NumPy saves it: its header padded to 64 bytes. */
export function npy(shape: readonly number[], data: Uint8Array, type = '|u1'): Uint8Array<ArrayBuffer> {
  const said = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`
  const header = `${said.padEnd(Math.ceil((said.length + 11) / 64) * 64 - 11)}\n`
  return joined(latin('\x93NUMPY\x01\0'), u2(header.length), header, data)
}

/** Members stored, or deflated; as NumPy does, each with a remark (of 64-bit sizes) in its own header alone. */
export function zipped(
  members: readonly (readonly [name: string, content: Uint8Array])[],
  { deflate = false, remark = '' } = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  const entries: Uint8Array[] = []
  let at = 0
  for (const [name, content] of members) {
    const packed = deflate ? deflateRawSync(content, { level: 1 }) : content
    const common = [
      u2(deflate ? 8 : 0),
      u4(0),
      u4(crc32(content)),
      u4(packed.length),
      u4(content.length),
      u2(name.length),
    ]
    const part = joined('PK\x03\x04', u2(45), u2(0), ...common, u2(20), name, new Uint8Array(20), packed)
    entries.push(
      joined('PK\x01\x02', u2(45), u2(45), u2(0), ...common, u2(0), u2(0), u2(0), u2(0), u4(0), u4(at), name),
    )
    parts.push(part)
    at += part.length
  }
  const directory = joined(...entries)
  const count = [u2(0), u2(0), u2(members.length), u2(members.length)]
  return joined(...parts, directory, 'PK\x05\x06', ...count, u4(directory.length), u4(at), u2(remark.length), remark)
}
