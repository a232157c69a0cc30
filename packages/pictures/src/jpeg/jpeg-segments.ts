/**
 * A JPEG file as the list of its segments (ITU T.81, Annex B), up to its end-of-image marker; what lies behind that does not count.
 * Bytes between segments are passed over, as libjpeg does. Comes in: bytes. Goes out: segments, and with a scan its coded data.
 */

export interface JpegSegment {
  /** The second byte of its marker; the first is 0xff. */
  readonly code: number
  /** Without marker and length. */
  readonly content: Uint8Array
  /** What follows a start of scan: entropy-coded data with their restart markers. Empty for all other segments. */
  readonly coded: Uint8Array
}

/** Second bytes of markers. */
export const markers = {
  huffmanTables: 0xc4,
  arithmeticConditions: 0xcc,
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  quantizationTables: 0xdb,
  numberOfLines: 0xdc,
  restartInterval: 0xdd,
  app0: 0xe0,
  app1: 0xe1,
  app14: 0xee,
  app15: 0xef,
  comment: 0xfe,
} as const

/** @throws Error when the file ends before its end-of-image marker. */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment> {
  for (let at = 2; ; ) {
    at = behindMarker(bytes, at)
    const code = bytes[at - 1]!
    if (code === markers.endOfImage) return
    if (code === markers.startOfImage) throw new Error('it begins twice')
    if (standsAlone(code)) continue
    if (at + 2 > bytes.length) throw truncated()
    // A length counts its own two bytes; libjpeg takes less as an empty segment.
    const end = at + Math.max(2, bytes[at]! * 256 + bytes[at + 1]!)
    if (end > bytes.length) throw truncated()
    const content = bytes.subarray(at + 2, end)
    at = code === markers.startOfScan ? endOfCoded(bytes, end) : end
    yield { code, content, coded: bytes.subarray(end, at) }
  }
}

/** Restart markers and 0x01 have no content. */
function standsAlone(code: number): boolean {
  return code === 0x01 || isRestart(code)
}

function isRestart(code: number): boolean {
  return code >= 0xd0 && code <= 0xd7
}

/** The place behind the next marker, which is one or more bytes 0xff and a byte that is neither 0xff nor 0. */
function behindMarker(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at++)
    if (bytes[at - 1] === 0xff && bytes[at] !== 0xff && bytes[at] !== 0) return at + 1
  throw truncated()
}

/** The place of the next marker that is no restart. In coded data a byte 0xff is followed by 0. */
function endOfCoded(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1]
    if (code !== undefined && code !== 0 && !isRestart(code)) return at
  }
  throw truncated()
}

const truncated = (): Error => new Error('it is truncated')
