/**
 * From pictures to transformed tiles: one row of tiles goes through the transform down its columns as whole lines (lanes along
 * width × channels, what two tiles share is done once, padding is a line of zeros), then along its rows, tile by tile, into the planes
 * [frequency][tile][channel].
 */
import type { Access, TileSide } from '../plan/types.ts'
import { bandStride, type Tiling } from '../plan/winograd.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { LANES, type Value } from './ir.ts'
import { vectorLoop } from './nest.ts'
import { type Transform, transforms } from './winograd-transforms.ts'

/** A picture's tiles on their way to the planes. */
export class TileReader {
  private readonly k: KernelBuilder
  private readonly tiling: Tiling
  private readonly access: Access
  private readonly transform: Transform
  /** t lines of a transformed tile row, then one of zeros. */
  private readonly band: Value
  private readonly bandBytes: number

  /** Clears what stays zero; call once, before any loop. `band`: address of working memory. */
  constructor(k: KernelBuilder, tiling: Tiling, access: Access, band: Value, side: TileSide) {
    this.k = k
    this.tiling = tiling
    this.access = access
    this.transform = transforms[tiling.step][side]
    this.band = band
    this.bandBytes = bandStride(tiling) * 4
    k.loop(0, (tiling.step + 3) * this.bandBytes, 16, offset => k.store(k.add(band, offset), k.vec(0)))
  }

  /** Tile row `line`, counted over all pictures; its first tile goes to `target` and on, planes `planeBytes` apart. */
  read(line: Value, target: Value, planeBytes: number, tileBytes: number): void {
    const { k } = this
    const { picture, points, step, rows, columns } = this.tiling
    const { height, width, channels } = picture
    const [first, last] = this.columnsInside()
    const start = k.let(elementAddress(k, this.access, k.mul(k.div(line, rows), height * width * channels)))
    const top = k.let(k.sub(k.mul(k.rem(line, rows), step), this.tiling.origin[0]))
    const zeros = k.let(k.add(this.band, (step + 2) * this.bandBytes))
    const sources = Array.from({ length: points }, (_, r) => {
      const y = k.let(k.add(top, r))
      const inside = k.and(k.compare('ge', y, 0), k.compare('lt', y, height))
      return k.let(k.select(inside, k.add(start, k.mul(k.add(k.mul(y, width), first), channels * 4)), zeros))
    })
    const line0 = k.let(k.add(this.band, (first + this.tiling.origin[1]) * channels * 4))
    vectorLoop(k, (last - first) * channels, (index, lanes) => {
      const offset = k.let(k.mul(index, 4))
      const loaded = sources.map(source => k.let(k.load('vec', k.add(source, offset))))
      const at = k.let(k.add(line0, offset))
      for (const [i, value] of this.transform(k, loaded).entries()) k.store(at, value, i * this.bandBytes, lanes)
    })
    k.loop(0, columns, 1, column => {
      const from = k.let(k.add(this.band, k.mul(column, step * channels * 4)))
      const to = k.let(k.add(target, k.mul(column, tileBytes)))
      k.loop(0, channels * 4, LANES * 4, channel => {
        const source = k.let(k.add(from, channel))
        const at = k.let(k.add(to, channel))
        k.unroll(step + 2, i => {
          const loaded = Array.from({ length: points }, (_, j) =>
            k.let(k.load('vec', source, i * this.bandBytes + j * channels * 4)),
          )
          const values = this.transform(k, loaded)
          for (const [j, value] of values.entries()) k.store(at, value, (i * (step + 2) + j) * planeBytes)
        })
      })
    })
  }

  /** Columns of the picture that some tile sees. */
  private columnsInside(): [number, number] {
    const { picture, origin, points, step, columns } = this.tiling
    const first = Math.max(0, -origin[1])
    const last = Math.min(picture.width, (columns - 1) * step + points - origin[1])
    return [first, Math.max(first, last)]
  }
}
