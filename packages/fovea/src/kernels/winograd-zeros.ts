/**
 * Which outputs of a 3×3 convolution see more than zeros: per row of tiles, first the pixels with any channel that is not ±0, then, along
 * lines and down columns, three of them together. The mask has all bits set where an output is to be kept.
 */

import { maskStride, pixelStride } from '../plan/cpu/winograd-space.ts'
import type { Access } from '../plan/types.ts'
import type { Tiling } from '../plan/winograd.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'

export class ZeroFields {
  /** Bytes of the mask of one row of tiles. */
  readonly lineBytes: number
  private readonly k: KernelBuilder
  private readonly tiling: Tiling
  private readonly access: Access
  /** t lines of pixels. */
  private readonly pixels: Value
  private readonly pixelBytes: number

  /** Clears the padding; call once, before any loop. */
  constructor(k: KernelBuilder, tiling: Tiling, access: Access, pixels: Value) {
    this.k = k
    this.tiling = tiling
    this.access = access
    this.pixels = pixels
    this.pixelBytes = pixelStride(k.target, tiling) * 4
    this.lineBytes = tiling.step * maskStride(k.target, tiling) * 4
    k.loop(0, tiling.points * this.pixelBytes, k.vectorBytes, offset => k.store(k.add(pixels, offset), k.ivec(0)))
  }

  /** The mask of tile row `line` (counted over all pictures), m lines of outputs, at `target`. */
  mask(line: Value, target: Value): void {
    const { k } = this
    const { picture, origin, points, step, rows, columns } = this.tiling
    const { height, width, channels } = picture
    const start = k.let(elementAddress(k, this.access, k.mul(k.div(line, rows), height * width * channels)))
    const top = k.let(k.sub(k.mul(k.rem(line, rows), step), origin[0]))
    const first = Math.max(0, -origin[1])
    const last = Math.max(first, Math.min(width, columns * step + 2 - origin[1]))
    k.loop(0, points, 1, r => {
      const y = k.plus(top, r)
      const from = k.plus(start, k.mul(y, width * channels * 4))
      const to = k.plus(k.add(this.pixels, k.mul(r, this.pixelBytes)), origin[1] * 4)
      k.when(
        k.and(k.compare('ge', y, 0), k.compare('lt', y, height)),
        () =>
          k.loop(first, last, 1, x => {
            const bits = this.bits(k.plus(from, k.mul(x, channels * 4)), channels)
            // Without the sign bit: −0 is zero.
            k.store(k.add(to, k.mul(x, 4)), k.select(k.compare('ne', k.shift('shl', bits, 1), 0), k.int(-1), k.int(0)))
          }),
        () => k.loop(first, last, 1, x => k.store(k.add(to, k.mul(x, 4)), k.int(0))),
      )
    })
    k.loop(0, columns * step * 4, k.lanes * 4, offset => {
      const at = k.plus(this.pixels, offset)
      const along = Array.from({ length: points }, (_, r) => {
        const [a, b, c] = [0, 1, 2].map(x => k.load('ivec', at, r * this.pixelBytes + x * 4)) as [Value, Value, Value]
        return k.let(k.or(k.or(a, b), c))
      })
      const to = k.plus(target, offset)
      for (let y = 0; y < step; y++)
        k.store(to, k.or(k.or(along[y]!, along[y + 1]!), along[y + 2]!), y * maskStride(k.target, this.tiling) * 4)
    })
  }

  /** All channels of a pixel, or-ed. */
  private bits(pixel: Value, channels: number): Value {
    const { k } = this
    const whole = channels - (channels % k.lanes)
    const rest = Array.from({ length: channels - whole }, (_, index) => k.load('i32', pixel, (whole + index) * 4))
    if (whole === 0) return k.let(rest.reduce((all, each) => k.or(all, each)))
    const all = k.variable(k.load('ivec', pixel))
    k.loop(k.lanes * 4, whole * 4, k.lanes * 4, offset => all.set(k.or(all.get, k.load('ivec', k.add(pixel, offset)))))
    const lanes = Array.from({ length: k.lanes }, (_, lane) => k.lane(all.get, lane))
    return k.let([...lanes, ...rest].reduce((sum, each) => k.or(sum, each)))
  }
}
