/** PNG files chunk by chunk, right or wrong, written from the standard and independent of the decoder. */
import { crc32 } from 'node:zlib'

export interface ChunkFaults {
  /** Written instead of the right one. */
  readonly crc?: number
  readonly length?: number
}

export function chunk(type: string, content: ArrayLike<number> = [], faults: ChunkFaults = {}): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Uint8Array.from(content)])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(faults.length ?? content.length, 0)
  frame.writeUInt32BE(faults.crc ?? crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

export interface HeaderFields {
  readonly width?: number
  readonly height?: number
  readonly depth?: number
  readonly colourType?: number
  readonly compression?: number
  readonly filter?: number
  readonly interlace?: number
}

export function headerContent(fields: HeaderFields): Buffer {
  const { width = 4, height = 2, depth = 8, colourType = 2, compression = 0, filter = 0, interlace = 0 } = fields
  const content = Buffer.alloc(13)
  content.writeUInt32BE(width, 0)
  content.writeUInt32BE(height, 4)
  content.set([depth, colourType, compression, filter, interlace], 8)
  return content
}

export const header = (fields: HeaderFields = {}): Buffer => chunk('IHDR', headerContent(fields))

export function pngFile(...chunks: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...chunks])
}
