/** What a PNG says of its picture before the pixels, where nothing changes how they are meant: then libvips needs not be asked first. */

export interface PngFrame {
  readonly width: number
  readonly height: number
  readonly space: 'b-w' | 'srgb'
}

/** Chunks that leave the pixels as they are (PNG, third edition, 11.3); gamma and chromaticities are not applied, as by libvips. */
const harmless = new Set(['PLTE', 'IDAT', 'sRGB', 'gAMA', 'cHRM', 'pHYs', 'tIME', 'sBIT', 'bKGD'])

const latin1 = new TextDecoder('latin1')

/**
 * Of eight bits a channel, grey or coloured, without palette or alpha (11.2.1: colour types 0 and 2). Undefined for any other, where there is
 * a chunk that may turn, colour or hide pixels, and where the chunks do not lead to the end of the file: libvips knows what to do then.
 */
export function pngFrame(bytes: Uint8Array): PngFrame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const nameAt = (at: number): string => latin1.decode(bytes.subarray(at, at + 4))
  // Signature, then IHDR with its 13 bytes: width, height, depth, colour type, compression, filter, interlacing.
  if (bytes.length < 45 || view.getUint32(0) !== 0x89504e47 || view.getUint32(8) !== 13 || nameAt(12) !== 'IHDR')
    return undefined
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  const [depth, colours] = [bytes[24], bytes[25]]
  if (width === 0 || height === 0 || depth !== 8 || (colours !== 0 && colours !== 2)) return undefined
  for (let at = 33; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = nameAt(at + 4)
    if (name === 'IEND') return { width, height, space: colours === 0 ? 'b-w' : 'srgb' }
    if (!harmless.has(name)) return undefined
  }
  return undefined
}
