/** Pictures as PNG, at once: what pages carry is sized by its bytes while they are drawn. Source: PNG (ISO/IEC 15948). */

import { constants, crc32, deflateSync } from 'node:zlib'
import type { Picture } from 'fovea/internal/base/picture'

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** 8 bits a channel, each line predicted from the one above (which suits drawings and photographs alike). */
export function encodePng({ width, height, channels, data }: Picture): Uint8Array {
  const line = width * channels
  const lines = new Uint8Array(height * (1 + line))
  for (let row = 0; row < height; row++) {
    const to = row * (1 + line)
    lines[to] = row === 0 ? 0 : 2
    for (let at = 0; at < line; at++)
      lines[to + 1 + at] = data[row * line + at]! - (row === 0 ? 0 : data[(row - 1) * line + at]!)
  }
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header[8] = 8
  header[9] = { 1: 0, 2: 4, 3: 2, 4: 6 }[channels]
  const packed = deflateSync(lines, { level: constants.Z_BEST_COMPRESSION })
  return Buffer.concat([
    Uint8Array.from(pngSignature),
    chunk('IHDR', header),
    chunk('IDAT', packed),
    chunk('IEND', new Uint8Array(0)),
  ])
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + content.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, content.length)
  for (let at = 0; at < 4; at++) bytes[4 + at] = type.charCodeAt(at)
  bytes.set(content, 8)
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)))
  return bytes
}
