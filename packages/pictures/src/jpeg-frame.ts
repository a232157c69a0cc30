/** What a JPEG says of its picture before the pixels: so much is needed of it, and libvips takes as long for it as for opening it twice. */

export interface JpegFrame {
  readonly width: number
  readonly height: number
  /** 1 grey, 3 colours, 4 inks. */
  readonly components: number
}

/**
 * From the frame header (SOF0 … SOF15 but DHT, JPG and DAC; ITU T.81, B.2.2). Undefined where none is found: then libvips says what is
 * wrong.
 */
export function jpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  let at = 2
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const code = bytes[at + 1]!
    if (code === 0xff) {
      at++
      continue
    }
    if (code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc)
      return {
        height: (bytes[at + 5]! << 8) | bytes[at + 6]!,
        width: (bytes[at + 7]! << 8) | bytes[at + 8]!,
        components: bytes[at + 9]!,
      }
    // A scan before a frame, or a marker without a length.
    if (code === 0xda || code === 0x01 || (code >= 0xd0 && code <= 0xd9)) return undefined
    at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
  }
  return undefined
}
