/**
 * The chunks of a PNG file (W3C PNG, 2nd edition): in what order, how often and how long they may be. What libpng refuses is
 * refused; what it reads with a warning is read as it reads it: chunks that only help and are damaged, misplaced, of a wrong length
 * or there again are left out. Comes in: bytes. Goes out: the header and the contents that make the picture.
 */
import { crc32 } from 'node:zlib'

export const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const

export interface PngHeader {
  readonly width: number
  readonly height: number
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number
  /** 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA. */
  readonly colourType: number
  readonly interlaced: boolean
}

export interface PngContents {
  readonly header: PngHeader
  /** The packed picture. */
  readonly data: Uint8Array
  /** Three bytes a colour, for colour type 3 only. */
  readonly palette?: Uint8Array
  /** tRNS, of a length that suits the colour type. */
  readonly transparency?: Uint8Array
  /** eXIf, as it is. */
  readonly exif?: Uint8Array
}

/** The format's largest whole number: lengths, width and height have 31 bits. */
const largest = 2 ** 31 - 1

const depthsOf: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}

/** `checkSize` may throw before anything but the header is looked at. @throws Error saying what is wrong with the file. */
export function readPngContents(bytes: Uint8Array, checkSize: (width: number, height: number) => void): PngContents {
  let header: PngHeader | undefined
  const data: Uint8Array[] = []
  let dataEnded = false
  let palette: Uint8Array | undefined
  const seen = new Set<string>()
  let transparency: Uint8Array | undefined
  let exif: Uint8Array | undefined

  for (const { type, content, intact } of chunksOf(bytes)) {
    if (header === undefined) {
      if (type !== 'IHDR') throw new Error(`it begins with the part ${type}, not with its header (IHDR)`)
      if (!intact) throw wrongChecksum(type)
      header = readHeader(content)
      checkSize(header.width, header.height)
      continue
    }
    if (type !== 'IDAT' && data.length > 0) dataEnded = true
    // A capital first letter marks chunks without which there is no picture.
    if (!intact && type < 'a') throw wrongChecksum(type)
    if (!intact) continue
    const indexed = header.colourType === 3
    switch (type) {
      case 'IHDR':
        throw new Error('it has two headers (IHDR)')
      case 'PLTE':
        if (seen.has(type)) throw new Error('it has two palettes (PLTE)')
        if (data.length > 0) break
        seen.add(type)
        if (header.colourType === 0 || header.colourType === 4) break
        palette = readPalette(header, content)
        // Transparency belongs behind the palette.
        transparency = undefined
        break
      case 'IDAT':
        if (indexed && palette === undefined) throw new Error('its palette (PLTE) is missing')
        if (!dataEnded) data.push(content)
        break
      case 'IEND':
        if (data.length === 0) throw new Error('it has no picture data (IDAT)')
        return {
          header,
          data: Buffer.concat(data),
          ...(indexed && palette !== undefined ? { palette } : {}),
          ...(transparency === undefined ? {} : { transparency }),
          ...(exif === undefined ? {} : { exif }),
        }
      case 'tRNS':
        if (data.length > 0 || seen.has(type) || !suits(content, header, palette)) break
        seen.add(type)
        transparency = content
        break
      case 'eXIf':
        if (data.length === 0) exif ??= content
        break
      default:
        if (type < 'a') throw new Error(`it has a part of an unknown kind, ${type}, without which it cannot be shown`)
    }
  }
  throw truncated()
}

/** Ends with the last byte of the file at the latest; `intact`: the checksum is right. */
function* chunksOf(bytes: Uint8Array): Generator<{ type: string; content: Uint8Array; intact: boolean }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at: number = pngSignature.length; at < bytes.length; ) {
    if (at + 12 > bytes.length) throw truncated()
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (length > largest) throw new Error('one of its parts has an impossible length')
    if (!/^[A-Za-z]{4}$/.test(type)) throw new Error('the name of one of its parts is not made of letters')
    const end = at + 8 + length
    if (end + 4 > bytes.length) throw truncated()
    const intact = crc32(bytes.subarray(at + 4, end)) === view.getUint32(end)
    yield { type, content: bytes.subarray(at + 8, end), intact }
    at = end + 4
  }
}

function readHeader(content: Uint8Array): PngHeader {
  if (content.length !== 13) throw new Error(`its header (IHDR) has ${content.length} bytes, not 13`)
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  const [depth, colourType, compression, filter, interlace] = content.subarray(8) as unknown as FiveBytes
  if (width === 0 || height === 0) throw new Error('its size is 0')
  if (width > largest || height > largest) throw new Error('its size is impossible')
  if (!depthsOf[colourType]?.includes(depth)) throw new Error(`it has colour type ${colourType} with ${depth} bits`)
  if (compression !== 0) throw new Error(`its compression method is ${compression}; there is only 0`)
  if (filter !== 0) throw new Error(`its filter method is ${filter}; there is only 0`)
  if (interlace > 1) throw new Error(`its interlace method is ${interlace}; there are only 0 and 1`)
  return { width, height, depth, colourType, interlaced: interlace === 1 }
}

type FiveBytes = readonly [number, number, number, number, number]

/** Colours beyond what the bit depth can name are left out. */
function readPalette({ colourType, depth }: PngHeader, content: Uint8Array): Uint8Array {
  if (content.length === 0) throw new Error('its palette (PLTE) is empty')
  if (colourType === 3 && (content.length % 3 !== 0 || content.length > 768))
    throw new Error(`its palette (PLTE) has ${content.length} bytes, not 3 for each of at most 256 colours`)
  return content.subarray(0, 3 * 2 ** depth)
}

/** Whether tRNS has the length that its colour type asks for. */
function suits(content: Uint8Array, { colourType }: PngHeader, palette: Uint8Array | undefined): boolean {
  if (colourType === 0) return content.length === 2
  if (colourType === 2) return content.length === 6
  return colourType === 3 && palette !== undefined && content.length > 0 && content.length <= palette.length / 3
}

const truncated = (): Error => new Error('it is truncated')
const wrongChecksum = (type: string): Error => new Error(`wrong checksum in its part ${type}`)
