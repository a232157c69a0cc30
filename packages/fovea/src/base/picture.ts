/** A picture in memory: bytes row by row, channels of one pixel side by side (HWC). The last channel of 2 and 4 is alpha, not premultiplied. */
export interface Picture {
  readonly width: number
  readonly height: number
  /** 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 2 | 3 | 4
  /** height · width · channels bytes, 0 = black. */
  readonly data: Uint8Array
}
