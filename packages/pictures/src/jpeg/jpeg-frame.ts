/**
 * The frame header of a JPEG file (start of frame; ITU T.81, B.2.2): size and channels of the picture.
 * Kinds of JPEG that hardly anything reads are refused by name; what libjpeg-turbo calls an error is one.
 */

export interface JpegChannel {
  readonly id: number
  /** Sampling factors, 1 to 4: how many blocks of 8 × 8 it has, side by side and below each other, in the smallest unit coded together. */
  readonly across: number
  readonly down: number
  /** Number of its quantization table. */
  readonly quantization: number
}

export interface JpegFrame {
  /** The second byte of its marker: 0xc0 baseline, 0xc1 extended, 0xc2 progressive. */
  readonly code: number
  readonly width: number
  readonly height: number
  /** 1, 3 or 4. */
  readonly channels: readonly JpegChannel[]
}

/** A file that is well formed, as far as one can see, but of a kind that is not read. The message names the kind. */
export class UnsupportedJpeg extends Error {
  override readonly name = 'UnsupportedJpeg'
}

export const progressive = 0xc2

const unsupported: Readonly<Record<number, string>> = {
  195: 'lossless JPEG',
  197: 'hierarchical JPEG',
  198: 'hierarchical progressive JPEG',
  199: 'hierarchical lossless JPEG',
  201: 'arithmetic coding',
  202: 'progressive JPEG with arithmetic coding',
  203: 'lossless JPEG with arithmetic coding',
  205: 'hierarchical JPEG with arithmetic coding',
  206: 'hierarchical progressive JPEG with arithmetic coding',
  207: 'hierarchical lossless JPEG with arithmetic coding',
  222: 'hierarchical JPEG',
  223: 'hierarchical JPEG',
  247: 'JPEG-LS',
}

export function isFrame(code: number): boolean {
  return (code >= 0xc0 && code <= progressive) || code in unsupported
}

/** `content` of the segment with this marker. @throws Error; UnsupportedJpeg. */
export function readFrame(code: number, content: Uint8Array): JpegFrame {
  if (code in unsupported) throw new UnsupportedJpeg(unsupported[code])
  const [bits, height, width, count] = [content[0], numberAt(content, 1), numberAt(content, 3), content[5]]
  if (bits === undefined || count === undefined) throw new Error('its frame header is too short')
  if (bits !== 8) throw new UnsupportedJpeg(`${bits} bits a channel`)
  if (width === 0 || height === 0) throw new Error('its size is 0')
  if (count === 0) throw new Error('it has no channels')
  if (content.length !== 6 + 3 * count)
    throw new Error(`its frame header has ${content.length} bytes, not ${6 + 3 * count}`)
  if (count !== 1 && count !== 3 && count !== 4) throw new UnsupportedJpeg(`${count} channels`)
  const channels = Array.from({ length: count }, (_, index) => {
    const [id, sampling, quantization] = [...content.subarray(6 + 3 * index)] as [number, number, number]
    return { id, across: sampling >> 4, down: sampling & 15, quantization }
  })
  checkSampling(channels.map(({ across }) => across))
  checkSampling(channels.map(({ down }) => down))
  return { code, width, height, channels }
}

function checkSampling(factors: readonly number[]): void {
  if (factors.some(factor => factor < 1 || factor > 4)) throw new Error('its sampling factors are not 1 to 4')
  const most = Math.max(...factors)
  if (factors.some(factor => most % factor !== 0)) throw new UnsupportedJpeg(`sampling factors ${factors.join(', ')}`)
}

export function numberAt(content: Uint8Array, at: number): number {
  return content[at]! * 256 + content[at + 1]!
}
