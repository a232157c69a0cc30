/**
 * PNG to bytes and back (W3C PNG, 2nd edition): every colour type and bit depth, palette, transparency, interlacing. The
 * result has 8 bits a channel. Unpacking is node:zlib's; nothing of a damaged file is used.
 */
import { constants, crc32, deflateSync, inflateSync } from 'node:zlib'
import type { Picture } from '../../base/picture.ts'

export const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const

interface Header {
  readonly width: number
  readonly height: number
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number
  /** 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA. */
  readonly colourType: number
  readonly interlaced: boolean
}

const samplesOf: Readonly<Record<number, 1 | 2 | 3 | 4>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}

/** First column and row, and the steps between, of the seven passes of Adam7. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** `checkSize` may throw before anything is unpacked. @throws Error saying what is wrong with the file. */
export function decodePng(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Picture {
  const chunks = readChunks(bytes)
  const header = readHeader(chunks.header)
  checkSize(header.width, header.height)
  const samples = readSamples(header, chunks.data)
  if (header.colourType === 3) return fromPalette(header, samples, chunks.palette, chunks.transparency)
  const { width, height, depth } = header
  const channels = samplesOf[header.colourType]!
  const scale = 255 / (2 ** depth - 1)
  const data = Uint8Array.from(samples, sample => Math.round(sample * scale))
  const picture = { width, height, channels, data }
  return chunks.transparency === undefined || channels === 2 || channels === 4
    ? picture
    : withTransparentColour(picture, samples, chunks.transparency)
}

interface Chunks {
  readonly header: DataView
  readonly palette?: Uint8Array
  readonly transparency?: Uint8Array
  /** The packed picture. */
  readonly data: Uint8Array
}

function readChunks(bytes: Uint8Array): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = new Map<string, Uint8Array>()
  const data: Uint8Array[] = []
  for (let at = pngSignature.length; ; ) {
    if (at + 12 > bytes.length) throw new Error('it is truncated')
    const length = view.getUint32(at)
    const end = at + 8 + length
    if (end + 4 > bytes.length) throw new Error('it is truncated')
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
      throw new Error(`wrong checksum in its part ${type}`)
    const content = bytes.subarray(at + 8, end)
    if (type === 'IDAT') data.push(content)
    else if (!found.has(type)) found.set(type, content)
    if (type === 'IEND') break
    // A capital first letter marks parts that must be understood.
    if (!['IHDR', 'PLTE', 'IDAT', 'IEND'].includes(type) && type < 'a') throw new Error(`unknown part ${type}`)
    at = end + 4
  }
  const header = found.get('IHDR')
  if (header === undefined || header.length !== 13) throw new Error('it has no header')
  const palette = found.get('PLTE')
  const transparency = found.get('tRNS')
  return {
    header: new DataView(header.buffer, header.byteOffset, header.byteLength),
    data: Buffer.concat(data),
    ...(palette === undefined ? {} : { palette }),
    ...(transparency === undefined ? {} : { transparency }),
  }
}

function readHeader(view: DataView): Header {
  const header = {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth: view.getUint8(8),
    colourType: view.getUint8(9),
    interlaced: view.getUint8(12) === 1,
  }
  if (header.width === 0 || header.height === 0) throw new Error('its size is 0')
  if (!depthsOf[header.colourType]?.includes(header.depth) || view.getUint8(10) + view.getUint8(11) > 0)
    throw new Error('its header is not valid')
  return header
}

/** One number a sample, as stored (0 … 2^depth − 1), row by row. */
function readSamples(header: Header, data: Uint8Array): Uint8Array | Uint16Array {
  const { width, height, depth } = header
  const channels = samplesOf[header.colourType]!
  const passes = (header.interlaced ? adam7 : [[0, 0, 1, 1] as const])
    .map(([left, top, across, down]) => ({
      left,
      top,
      across,
      down,
      columns: Math.ceil((width - left) / across),
      rows: Math.ceil((height - top) / down),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
  const lineOf = (columns: number) => Math.ceil((columns * channels * depth) / 8)
  const bytes = passes.reduce((sum, pass) => sum + pass.rows * (1 + lineOf(pass.columns)), 0)
  const raw = inflateSync(data, { maxOutputLength: bytes })
  if (raw.length !== bytes) throw new Error(`it holds ${raw.length} of ${bytes} bytes`)
  const samples = depth === 16 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels)
  let at = 0
  for (const pass of passes) {
    const line = lineOf(pass.columns)
    const lines = raw.subarray(at, at + pass.rows * (1 + line))
    at += lines.length
    unfilter(lines, line, pass.rows, Math.max(1, (channels * depth) / 8))
    for (let row = 0; row < pass.rows; row++) {
      const from = lines.subarray(row * (1 + line) + 1, (row + 1) * (1 + line))
      for (let column = 0; column < pass.columns; column++) {
        const to = ((pass.top + row * pass.down) * width + pass.left + column * pass.across) * channels
        for (let channel = 0; channel < channels; channel++)
          samples[to + channel] = sampleAt(from, column * channels + channel, depth)
      }
    }
  }
  return samples
}

function sampleAt(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index]!
  if (depth === 16) return line[2 * index]! * 256 + line[2 * index + 1]!
  const bit = index * depth
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1)
}

/** Undoes the prediction of each line from its left, upper and upper left neighbours, in place. */
function unfilter(lines: Uint8Array, line: number, rows: number, pixel: number): void {
  for (let row = 0; row < rows; row++) {
    const start = row * (1 + line) + 1
    const filter = lines[start - 1]!
    if (filter > 4) throw new Error(`unknown filter ${filter}`)
    if (filter === 0) continue
    for (let at = start; at < start + line; at++) {
      const left = at - pixel >= start ? lines[at - pixel]! : 0
      const up = row > 0 ? lines[at - line - 1]! : 0
      const corner = row > 0 && at - pixel >= start ? lines[at - line - 1 - pixel]! : 0
      const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner)
      lines[at] = lines[at]! + guess
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner)
  const toUp = Math.abs(left - corner)
  const toCorner = Math.abs(left + up - 2 * corner)
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

function fromPalette(header: Header, samples: ArrayLike<number>, palette?: Uint8Array, alpha?: Uint8Array): Picture {
  if (palette === undefined || palette.length % 3 !== 0) throw new Error('its palette is missing or not valid')
  const { width, height } = header
  const channels = alpha === undefined ? 3 : 4
  const data = new Uint8Array(width * height * channels)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const index = samples[pixel]!
    if (3 * index >= palette.length) throw new Error(`colour ${index} is not in its palette`)
    data.set(palette.subarray(3 * index, 3 * index + 3), pixel * channels)
    if (alpha !== undefined) data[pixel * channels + 3] = alpha[index] ?? 255
  }
  return { width, height, channels, data }
}

/** One colour, two bytes a channel in the file's own depth, stands for full transparency. */
function withTransparentColour(picture: Picture, samples: ArrayLike<number>, colour: Uint8Array): Picture {
  const { width, height, channels, data } = picture
  if (colour.length !== 2 * channels) throw new Error('its transparent colour is not valid')
  const wanted = Array.from({ length: channels }, (_, channel) => colour[2 * channel]! * 256 + colour[2 * channel + 1]!)
  const wider = (channels + 1) as 2 | 4
  const result = new Uint8Array(width * height * wider)
  for (let pixel = 0; pixel < width * height; pixel++) {
    result.set(data.subarray(pixel * channels, (pixel + 1) * channels), pixel * wider)
    const clear = wanted.every((value, channel) => samples[pixel * channels + channel] === value)
    result[pixel * wider + channels] = clear ? 0 : 255
  }
  return { width, height, channels: wider, data: result }
}

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
