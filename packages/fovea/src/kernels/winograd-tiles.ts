/**
 * From pictures to transformed tiles: one row of tiles goes through the transform down its columns as whole lines (lanes along
 * width × channels, what two tiles share is done once, padding is a line of zeros), then along its rows, tile by tile, into the planes
 * [frequency][tile][channel].
 */

import { bandStride } from '../plan/cpu/winograd-space.ts'
import type { Access } from '../plan/types.ts'
import type { Tiling } from '../plan/winograd.ts'
import { computedNow, elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { vectorLoop } from './nest.ts'
import { eachFrequency, type TileKind, type Transform, tileKinds, transforms } from './winograd-transforms.ts'

/** What tiles of a picture are cut and transformed by. */
export interface TileRule {
  readonly transformOf: (kind: TileKind) => Transform
  /** Along one axis. */
  readonly pointsOf: (kind: TileKind) => number
}

/** Tiles of x. (Of dy: winograd-input-gradient.ts.) */
export const inputTiles: TileRule = {
  transformOf: ({ form }) => transforms[form].input,
  pointsOf: ({ outputs }) => outputs + 2,
}

/** A picture's tiles on their way to the planes. */
export class TileReader {
  private readonly k: KernelBuilder
  private readonly tiling: Tiling
  private readonly access: Access
  private readonly rule: TileRule
  /** t lines of a transformed tile row, then one of zeros. */
  private readonly band: Value
  private readonly bandBytes: number

  /** Clears what stays zero; call once, before any loop. `band`: address of working memory. */
  constructor(k: KernelBuilder, tiling: Tiling, access: Access, band: Value, rule: TileRule) {
    this.k = k
    this.tiling = tiling
    this.access = access
    this.rule = rule
    this.band = band
    this.bandBytes = bandStride(k.target, tiling) * 4
    k.loop(0, (tiling.step + 3) * this.bandBytes, k.vectorBytes, offset => k.store(k.add(band, offset), k.vec(0)))
  }

  /**
   * Tile row `line`, counted over all pictures. `place`: address of the first tile of a kind of this row; others follow, planes are
   * `planeBytes` apart.
   */
  read(
    line: Value,
    place: (isShortRow: boolean, isShortColumn: boolean) => Value,
    planeBytes: number,
    tileBytes: number,
  ): void {
    const { k } = this
    const { step, rows, shortRows } = this.tiling
    const tileRow = k.let(k.rem(line, rows))
    const [whole, short] = tileKinds(step, rows, shortRows)
    const read = (kind: TileKind): void => {
      this.down(line, tileRow, kind)
      this.along(kind, place, planeBytes, tileBytes)
    }
    if (short)
      k.when(
        k.compare('lt', tileRow, rows - 1),
        () => read(whole!),
        () => read(short),
      )
    else read(whole!)
  }

  /** The lines of a row of tiles through the transform into the band. */
  private down(line: Value, tileRow: Value, kind: TileKind): void {
    const { k } = this
    const { picture, origin, step, rows } = this.tiling
    const { height, width, channels } = picture
    const [first, last] = this.columnsInside()
    const start = k.let(elementAddress(k, this.access, k.mul(k.div(line, rows), height * width * channels)))
    const top = k.let(k.sub(k.mul(tileRow, step), origin[0]))
    const zeros = k.plus(this.band, (step + 2) * this.bandBytes)
    const sources = Array.from({ length: this.rule.pointsOf(kind) }, (_, r) => {
      const y = k.plus(top, r)
      const inside = k.and(k.compare('ge', y, 0), k.compare('lt', y, height))
      return k.let(k.select(inside, k.add(start, k.mul(k.add(k.mul(y, width), first), channels * 4)), zeros))
    })
    const line0 = k.plus(this.band, (first + origin[1]) * channels * 4)
    vectorLoop(k, (last - first) * channels, (index, lanes) => {
      const offset = k.times(index, 4)
      const loaded = sources.map(source => k.let(k.load('vec', k.add(source, offset))))
      const at = k.plus(line0, offset)
      for (const [i, value] of this.rule.transformOf(kind)(k, loaded).entries())
        k.store(at, value, i * this.bandBytes, lanes)
    })
  }

  /** The band, tile by tile, into the planes. */
  private along(
    row: TileKind,
    place: (isShortRow: boolean, isShortColumn: boolean) => Value,
    planeBytes: number,
    tileBytes: number,
  ): void {
    const { k } = this
    const { picture, step, columns, shortColumns } = this.tiling
    const { channels } = picture
    const t = step + 2
    for (const kind of tileKinds(step, columns, shortColumns)) {
      const begin = kind.isShort ? columns - shortColumns : 0
      const target = place(row.isShort, kind.isShort)
      k.loop(0, kind.isShort ? shortColumns : columns - shortColumns, 1, column => {
        const from = k.plus(this.band, k.mul(k.add(column, begin), step * channels * 4))
        const to = k.plus(target, k.mul(column, tileBytes))
        eachFrequency(k, row, (line, i) => {
          const source = k.plus(from, k.mul(line, this.bandBytes))
          const planes = computedNow(k, k.add(to, k.mul(i, t * planeBytes)))
          k.loop(0, channels * 4, k.lanes * 4, channel => {
            const at = k.plus(source, channel)
            const loaded = Array.from({ length: this.rule.pointsOf(kind) }, (_, j) =>
              k.let(k.load('vec', at, j * channels * 4)),
            )
            const target = computedNow(k, k.add(planes, channel))
            for (const [j, value] of this.rule.transformOf(kind)(k, loaded).entries())
              k.store(target, value, kind.frequencies[j]! * planeBytes)
          })
        })
      })
    }
  }

  /** Columns of the picture that some tile sees. */
  private columnsInside(): [number, number] {
    const { picture, origin, points, step, columns } = this.tiling
    const first = Math.max(0, -origin[1])
    const last = Math.min(picture.width, (columns - 1) * step + points - origin[1])
    return [first, Math.max(first, last)]
  }
}
