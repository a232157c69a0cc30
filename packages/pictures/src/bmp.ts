/**
 * BMP to pixels, the one kind of picture that libvips does not read: 1 to 32 bits, palettes, run lengths, bit masks, top-down. The
 * libraries there are (bmp-ts, fast-bmp, decode-bmp) read a part of these, some of them wrongly. Source: Microsoft's bitmap storage
 * (BITMAPCOREHEADER to BITMAPV5HEADER).
 */
import type { Picture } from 'fovea'

interface Header {
  readonly width: number
  readonly height: number
  /** Rows begin with the uppermost; usual is the lowest. */
  readonly topDown: boolean
  readonly bits: number
  readonly compression: number
  /** Where the pixels begin. */
  readonly pixels: number
  /** Red, green, blue of each colour, one after the other. */
  readonly palette: Uint8Array
  /** Of red, green, blue, alpha; 0 where there is none. */
  readonly masks: readonly number[]
}

const runLengths: Readonly<Record<number, number>> = { 8: 1, 4: 2 }
const truncated = (): Error => new Error('it is truncated')

/** `checkSize` may throw before anything is unpacked. @throws Error saying what is wrong with the file. */
export function decodeBmp(bytes: Uint8Array, checkSize: (width: number, height: number) => void): Picture {
  const header = readHeader(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), checkSize)
  const { bits, compression, width, height } = header
  if (compression !== 0 && runLengths[bits] === compression) return coloured(header, runs(bytes, header))
  if (8 * (bytes.length - header.pixels) < strideOf(header) * 8 * height) throw truncated()
  if (bits <= 8) return coloured(header, indices(bytes, header))
  const channels = header.masks[3] === 0 ? 3 : 4
  return { width, height, channels, data: masked(bytes, header, channels) }
}

function readHeader(view: DataView, checkSize: (width: number, height: number) => void): Header {
  if (view.byteLength < 26) throw truncated()
  const size = view.getUint32(14, true)
  const isCore = size === 12
  if (!isCore && size < 40) throw new Error('its header is of an unknown kind')
  if (view.byteLength < 14 + size) throw truncated()
  const height = isCore ? view.getUint16(20, true) : view.getInt32(22, true)
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true)
  if (width < 1 || height === 0) throw new Error('its size is 0')
  checkSize(width, Math.abs(height))
  const bits = view.getUint16(isCore ? 24 : 28, true)
  const compression = isCore ? 0 : view.getUint32(30, true)
  const hasMasks = compression === 3 || compression === 6
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new Error(`it has ${bits} bits a pixel`)
  if (!(compression === 0 || runLengths[bits] === compression || (hasMasks && bits !== 24 && bits > 8)))
    throw new Error(`its compression (${compression}) is of another kind`)
  const pixels = view.getUint32(10, true)
  // Behind a header of 40 bytes the masks follow, in larger ones they are part of it: the same place.
  const behind = 14 + size + (size === 40 && hasMasks ? (compression === 6 ? 16 : 12) : 0)
  if (Math.max(pixels, behind) > view.byteLength) throw truncated()
  const masks = hasMasks
    ? [54, 58, 62, 66].map((at, index) => (index < 3 || compression === 6 || size >= 56 ? view.getUint32(at, true) : 0))
    : bits === 16
      ? [0x7c00, 0x3e0, 0x1f, 0]
      : [0xff0000, 0xff00, 0xff, 0]
  const count = bits > 8 ? 0 : Math.min(256, (isCore ? 0 : view.getUint32(46, true)) || 2 ** bits)
  const palette = paletteOf(view, behind, count, isCore ? 3 : 4)
  return { width, height: Math.abs(height), topDown: height < 0, bits, compression, pixels, palette, masks }
}

/** Stored as blue, green, red and, but in the oldest files, a byte that says nothing. */
function paletteOf(view: DataView, begin: number, count: number, step: number): Uint8Array {
  if (begin + count * step > view.byteLength) throw truncated()
  return Uint8Array.from({ length: 3 * count }, (_, at) =>
    view.getUint8(begin + Math.floor(at / 3) * step + 2 - (at % 3)),
  )
}

/** Bytes of a row: whole groups of four. */
const strideOf = ({ width, bits }: Pick<Header, 'width' | 'bits'>): number => 4 * Math.ceil((width * bits) / 32)

const rowOf = ({ height, topDown }: Header, line: number): number => (topDown ? line : height - 1 - line)

/** Numbers in the palette, upper row first. */
function indices(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, bits, pixels } = header
  const result = new Uint8Array(width * height)
  for (let line = 0; line < height; line++) {
    const from = pixels + line * strideOf(header)
    const to = rowOf(header, line) * width
    for (let column = 0; column < width; column++) {
      const bit = column * bits
      result[to + column] = (bytes[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & (2 ** bits - 1)
    }
  }
  return result
}

/** The same of pixels as run lengths: pairs of a count and a colour (or two, by turns); after a 0 an order, or so many colours as they are. */
function runs(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, bits } = header
  const result = new Uint8Array(width * height)
  let [at, line, column] = [header.pixels, 0, 0]
  const next = (): number => {
    if (at >= bytes.length) throw truncated()
    return bytes[at++]!
  }
  const put = (colour: number): void => {
    if (line < height && column < width) result[rowOf(header, line) * width + column] = colour
    column++
  }
  /** Of a byte that holds one colour or two. */
  const part = (byte: number, number: number): number => (bits === 8 ? byte : number % 2 === 0 ? byte >> 4 : byte & 15)
  while (line < height) {
    const [count, second] = [next(), next()]
    if (count > 0) for (let number = 0; number < count; number++) put(part(second, number))
    else if (second === 0) [line, column] = [line + 1, 0]
    else if (second === 1) return result
    else if (second === 2) [column, line] = [column + next(), line + next()]
    else {
      const first = at
      let byte = 0
      for (let number = 0; number < second; number++) {
        if (bits === 8 || number % 2 === 0) byte = next()
        put(part(byte, number))
      }
      // Groups of two bytes.
      if ((at - first) % 2 === 1) next()
    }
  }
  return result
}

function coloured({ width, height, palette }: Header, numbers: Uint8Array): Picture {
  const data = new Uint8Array(3 * numbers.length)
  // A colour that the palette does not have is black.
  const colours = new Uint8Array(3 * 256)
  colours.set(palette)
  for (let pixel = 0; pixel < numbers.length; pixel++) {
    const from = 3 * numbers[pixel]!
    data[3 * pixel] = colours[from]!
    data[3 * pixel + 1] = colours[from + 1]!
    data[3 * pixel + 2] = colours[from + 2]!
  }
  return { width, height, channels: 3, data }
}

/** Channels cut out of 16, 24 or 32 bits, brought to 8. */
function masked(bytes: Uint8Array, header: Header, channels: number): Uint8Array {
  const { width, height, bits, pixels, masks } = header
  const parts = masks.slice(0, channels).map(mask => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)
    return { mask, shift, most: mask >>> shift || 1 }
  })
  const data = new Uint8Array(width * height * channels)
  for (let line = 0; line < height; line++) {
    let from = pixels + line * strideOf(header)
    let to = rowOf(header, line) * width * channels
    for (let column = 0; column < width; column++) {
      let value = 0
      for (let byte = 0; byte < bits; byte += 8) value |= bytes[from++]! << byte
      for (const { mask, shift, most } of parts) data[to++] = Math.round((((value & mask) >>> shift) * 255) / most)
    }
  }
  return data
}
