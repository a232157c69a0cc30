/**
 * PNG to bytes and back (W3C PNG, 2nd edition): every colour type and bit depth, palette, transparency, interlacing, turned upright.
 * The result has 8 bits a channel, the values as they are stored: gamma and colour profiles (gAMA, iCCP …) say how a screen would
 * show them. png-chunks.ts says which files are well formed; unpacking is node:zlib's; nothing of a damaged file is used.
 */
import { constants, crc32, deflateSync, inflateSync } from 'node:zlib'
import type { Picture } from 'fovea/internal/base/picture'
import { reasonOf } from 'fovea/internal/host/node/system-errors'
import { exifOrientation, orient } from 'fovea/internal/preprocess/orient'
import { type PngContents, type PngHeader, pngSignature, readPngContents } from './png-chunks.ts'

export { pngSignature } from './png-chunks.ts'

const samplesOf: Readonly<Record<number, 1 | 2 | 3 | 4>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** Bytes that may follow the picture's own once they are unpacked: decoders leave them out, and a bomb gets no further. */
const surplus = 1 << 24

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
  const contents = readPngContents(bytes, checkSize)
  const stored = storedPicture(contents, readSamples(contents.header, contents.data))
  return contents.exif === undefined ? stored : orient(stored, exifOrientation(contents.exif))
}

function storedPicture({ header, palette, transparency }: PngContents, samples: Uint8Array | Uint16Array): Picture {
  const { width, height, depth, colourType } = header
  if (palette !== undefined) return fromPalette(header, samples, palette, transparency)
  const scale = 255 / (2 ** depth - 1)
  const data = Uint8Array.from(samples, sample => Math.round(sample * scale))
  const picture = { width, height, channels: samplesOf[colourType]!, data }
  return transparency === undefined ? picture : withTransparentColour(picture, depth, samples, transparency)
}

/** One number a sample, as stored (0 … 2^depth − 1), row by row. */
function readSamples(header: PngHeader, data: Uint8Array): Uint8Array | Uint16Array {
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
  const raw = unpack(data, bytes)
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

/** At least as many bytes as wanted. */
function unpack(data: Uint8Array, wanted: number): Uint8Array {
  const raw = inflated(data, wanted + surplus)
  if (raw.length < wanted) throw new Error(`its picture data hold ${raw.length} of ${wanted} bytes`)
  return raw
}

function inflated(data: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    return inflateSync(data, { maxOutputLength })
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new Error('its picture data go on far beyond its size')
    if (code === 'Z_BUF_ERROR') throw new Error('its picture data end too early')
    if (code?.startsWith('Z_') && reasonOf(error) === undefined) throw new Error('its picture data cannot be unpacked')
    throw error
  }
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

/** A sample that the palette does not reach is black. */
function fromPalette(header: PngHeader, samples: ArrayLike<number>, palette: Uint8Array, alpha?: Uint8Array): Picture {
  const { width, height } = header
  const channels = alpha === undefined ? 3 : 4
  const data = new Uint8Array(width * height * channels)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const index = samples[pixel]!
    data.set(palette.subarray(3 * index, 3 * index + 3), pixel * channels)
    if (alpha !== undefined) data[pixel * channels + 3] = alpha[index] ?? 255
  }
  return { width, height, channels, data }
}

/** One colour, two bytes a channel of which the lowest bits count, stands for full transparency. */
function withTransparentColour(
  picture: Picture,
  depth: number,
  samples: ArrayLike<number>,
  colour: Uint8Array,
): Picture {
  const { width, height, channels, data } = picture
  const wanted = Array.from(
    { length: channels },
    (_, channel) => (colour[2 * channel]! * 256 + colour[2 * channel + 1]!) & (2 ** depth - 1),
  )
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
