/**
 * Event files as TensorBoard reads them. A record is its length (8 bytes), the masked CRC-32C of that, the data, its masked CRC-32C; the data is
 * an `Event` in protocol-buffer encoding, of which a few fields are used. Little-endian throughout.
 * Source: TensorFlow's tensorflow/core/lib/io/record_writer.h, event.proto, summary.proto.
 */
import { crc32c } from './crc32c.ts'
import { message } from './protobuf.ts'

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
  readonly scalars?: { readonly [tag: string]: number } | undefined
  readonly pictures?: { readonly [tag: string]: EventPicture } | undefined
}

/** The record every event file begins with. */
export function eventFileHeader(wallTime: number): Uint8Array {
  return framed(
    message([
      [1, 'double', wallTime],
      [3, 'text', 'brain.Event:2'],
    ]),
  )
}

/** One record with all values of a step. */
export function eventRecord({ wallTime, step, scalars = {}, pictures = {} }: EventValues): Uint8Array {
  // Summary.Value: tag 1, simple_value 2, image 4 (height 1, width 2, colour space 3, encoded picture 4).
  const values = [
    ...Object.entries(scalars).map(([tag, value]) =>
      message([
        [1, 'text', tag],
        [2, 'float', value],
      ]),
    ),
    ...Object.entries(pictures).map(([tag, { width, height, png }]) => {
      const image = message([
        [1, 'int', height],
        [2, 'int', width],
        [3, 'int', 3],
        [4, 'bytes', png],
      ])
      return message([
        [1, 'text', tag],
        [4, 'bytes', image],
      ])
    }),
  ]
  const summary = message(values.map(value => [1, 'bytes', value]))
  return framed(
    message([
      [1, 'double', wallTime],
      [2, 'int', step],
      [5, 'bytes', summary],
    ]),
  )
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
