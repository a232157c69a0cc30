/** What a JPEG says of its picture before the pixels: so much is needed of it, and libvips takes as long for it as for opening it twice. */

export interface JpegFrame {
  readonly width: number
  readonly height: number
  /** 1 grey, 3 colours, 4 inks. */
  readonly components: number
  /** Whether it has a segment that may say how it is turned: APP1, where Exif data lie. */
  readonly isTurnable: boolean
}

/**
 * From the segments up to the first scan (ITU T.81, B.1.1.3), with the frame header (SOF0 … SOF15 but DHT, JPG and DAC; B.2.2). Undefined
 * where they end otherwise: then libvips says what is wrong.
 */
export function jpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  let frame: Omit<JpegFrame, 'isTurnable'> | undefined
  let isTurnable = false
  let at = 2
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const code = bytes[at + 1]!
    if (code === 0xff) {
      at++
      continue
    }
    if (code === 0xda) return frame && { ...frame, isTurnable }
    // A marker without a length.
    if (code === 0x01 || (code >= 0xd0 && code <= 0xd9)) return undefined
    if (code === 0xe1) isTurnable = true
    if (code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc)
      frame ??= {
        height: (bytes[at + 5]! << 8) | bytes[at + 6]!,
        width: (bytes[at + 7]! << 8) | bytes[at + 8]!,
        components: bytes[at + 9]!,
      }
    at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
  }
  return undefined
}
