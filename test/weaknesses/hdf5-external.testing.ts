/**
 * An HDF5 file whose data set keeps its numbers in another file ("external storage"), which no library here writes: a good file whose
 * layout has no place any more, and whose attribute is a message that names the file. Source: HDF5 File Format Specification 3.0, IV.A.2.h
 * and i (messages), III.D (the heap of names); the checksum is Bob Jenkins's lookup3.
 */
import { madeHdf5 } from '../../packages/formats/src/containers/made-hdf5.testing.ts'

const values = Float32Array.of(1.25, 2.5, 3.75, 5)
const text = (letters: string): Uint8Array => new TextEncoder().encode(letters)

/** `path` of the data set; `external` is the file that it names. */
export async function hdf5External(external: string, path = 'x'): Promise<Uint8Array> {
  const bytes = await madeHdf5(file => {
    const groups = path.split('/')
    const name = groups.pop()!
    const place = groups.reduce(
      (at, group) => at.create_group(group),
      file as Pick<typeof file, 'create_group' | 'create_dataset'>,
    )
    place.create_dataset({ name, data: values }).create_attribute('room', 'x'.repeat(80), [], 'S80')
  })
  const numbers = new Uint8Array(values.buffer)
  // A layout of version 3 and class 1 (contiguous): the place of the numbers, and their size.
  const layout = new Uint8Array(18)
  layout.set([3, 1])
  put(layout, 2, find(bytes, numbers))
  put(layout, 10, numbers.length)
  const layoutAt = find(bytes, layout)
  bytes.fill(0xff, layoutAt + 2, layoutAt + 10)
  // A message begins with its type, and the size of its content in two bytes. The attribute (12) has room for the names of files (7).
  const messageAt = find(bytes, text('room')) - 13
  bytes[messageAt] = 7
  const message = bytes.subarray(messageAt + 4, messageAt + 4 + bytes[messageAt + 1]!).fill(0)
  const heapAt = find(bytes, new Uint8Array(200))
  message.set([1, 0, 0, 0, 1, 0, 1, 0])
  put(message, 8, heapAt)
  put(message, 16, 8)
  put(message, 32, numbers.length)
  const heap = bytes.subarray(heapAt)
  heap.set(text('HEAP'))
  put(heap, 8, 64)
  put(heap, 16, 1)
  put(heap, 24, heapAt + 32)
  heap.set(text(external), 40)
  // The header of the data set: its sign, version and flags, four times, the size of its messages, these, their checksum.
  const headerAt = Buffer.from(bytes.buffer).lastIndexOf('OHDR', layoutAt)
  const end = headerAt + 24 + bytes[headerAt + 22]! + 256 * bytes[headerAt + 23]!
  new DataView(bytes.buffer).setUint32(end, lookup3(bytes.subarray(headerAt, end)), true)
  return bytes
}

function put(bytes: Uint8Array, at: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(at, BigInt(value), true)
}

function find(bytes: Uint8Array, part: Uint8Array): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(part)
  if (at < 0) throw new Error('this version of the library lays the file out in another way')
  return at
}

const turned = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

function lookup3(bytes: Uint8Array): number {
  let [a, b, c] = [0, 0, 0].map(() => (0xdeadbeef + bytes.length) | 0) as [number, number, number]
  const word = (at: number): number =>
    [0, 1, 2, 3].reduce((sum, byte) => sum | ((bytes[at + byte] ?? 0) << (8 * byte)), 0)
  let at = 0
  for (; bytes.length - at > 12; at += 12) {
    a = (a + word(at)) | 0
    b = (b + word(at + 4)) | 0
    c = (c + word(at + 8)) | 0
    for (const bits of [4, 6, 8, 16, 19, 4]) {
      const first = ((a - c) | 0) ^ turned(c, bits)
      ;[a, b, c] = [b, (c + b) | 0, first]
    }
    // Six turns of (a, b, c) bring each back to its place.
  }
  a = (a + word(at)) | 0
  b = (b + word(at + 4)) | 0
  c = (c + word(at + 8)) | 0
  for (const bits of [14, 11, 25, 16, 4, 14, 24]) {
    const first = ((c ^ b) - turned(b, bits)) | 0
    ;[a, b, c] = [b, first, a]
  }
  // What was changed last.
  return b >>> 0
}
