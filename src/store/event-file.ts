/**
 * Event files as TensorBoard reads them. A record is its length (8 bytes), the masked CRC-32C of that, the data, its masked CRC-32C; the data is
 * an `Event` in protocol-buffer encoding, of which a few fields are used. Little-endian throughout.
 * Source: TensorFlow's tensorflow/core/lib/io/record_writer.h, event.proto, summary.proto.
 */

/** A picture to show, as PNG. */
export interface EventPicture {
  readonly width: number
  readonly height: number
  readonly png: Uint8Array
}

export interface EventValues {
  /** Seconds since 1970. */
  readonly wallTime: number
  readonly step: number
  readonly scalars?: { readonly [tag: string]: number }
  readonly pictures?: { readonly [tag: string]: EventPicture }
}

/** The record every event file begins with. */
export function eventFileHeader(wallTime: number): Uint8Array {
  return framed(joined(double(1, wallTime), text(3, 'brain.Event:2')))
}

/** One record with all values of a step. */
export function eventRecord({ wallTime, step, scalars = {}, pictures = {} }: EventValues): Uint8Array {
  const values = [
    // Summary.Value: tag 1, simple_value 2, image 4.
    ...Object.entries(scalars).map(([tag, value]) => joined(text(1, tag), float(2, value))),
    ...Object.entries(pictures).map(([tag, { width, height, png }]) =>
      joined(text(1, tag), bytes(4, joined(whole(1, height), whole(2, width), whole(3, 3), bytes(4, png)))),
    ),
  ]
  const summary = joined(...values.map(value => bytes(1, value)))
  return framed(joined(double(1, wallTime), whole(2, step), bytes(5, summary)))
}

function framed(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + data.length + 4)
  const view = new DataView(record.buffer)
  view.setUint32(0, data.length, true)
  view.setUint32(8, masked(crc32c(record.subarray(0, 8))), true)
  record.set(data, 12)
  view.setUint32(12 + data.length, masked(crc32c(data)), true)
  return record
}

/** CRCs of data that holds CRCs are weak: TensorFlow turns them and adds a constant. */
export function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/** Castagnoli's polynomial, reflected. */
const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255]!
  return ~crc >>> 0
}

// Protocol buffers: a field is its number and wire type, then the value.

function varint(value: number): number[] {
  const out: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128)
  return [...out, rest]
}

function whole(field: number, value: number): Uint8Array {
  return Uint8Array.from([field << 3, ...varint(value)])
}

function double(field: number, value: number): Uint8Array {
  return joined(Uint8Array.of((field << 3) | 1), new Uint8Array(Float64Array.of(value).buffer))
}

function float(field: number, value: number): Uint8Array {
  return joined(Uint8Array.of((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer))
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return joined(Uint8Array.from([(field << 3) | 2, ...varint(value.length)]), value)
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(value))
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
