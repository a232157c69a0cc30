/**
 * Where tiles lie in their plane. Rows of whole tiles follow one another. Where the last tile of an axis is short, tiles are sorted
 * by kind over the pictures of a part, right edges, whole ones, lower edges, corners: then those that have a frequency lie together.
 */
import { isMixed, type Tiling } from '../plan/winograd.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'

export class TileOrder {
  private readonly k: KernelBuilder
  private readonly tiling: Tiling
  private readonly first: Value
  private readonly pictures: Value
  private readonly all: Value

  /** Of rows of tiles [first, end), counted over all pictures; whole pictures where tiles are mixed. */
  constructor(k: KernelBuilder, tiling: Tiling, first: Value, end: Value) {
    this.k = k
    this.tiling = tiling
    this.first = first
    const lines = k.let(k.sub(end, first))
    this.pictures = isMixed(tiling) ? k.let(k.div(lines, tiling.rows)) : k.int(0)
    this.all = k.times(lines, tiling.columns)
  }

  /** Index of the first tile of a kind in row `line`. */
  at(line: Value, isShortRow: boolean, isShortColumn: boolean): Value {
    const { k, pictures } = this
    const { rows, columns } = this.tiling
    const index = k.let(k.sub(line, this.first))
    if (!isMixed(this.tiling)) return k.times(index, columns)
    const { right, whole, lower, perRow } = this.counts()
    const [picture, row] = [k.let(k.div(index, rows)), k.let(k.rem(index, rows))]
    if (isShortRow && isShortColumn) return k.plus(k.mul(pictures, right + whole + lower), picture)
    if (isShortRow) return k.plus(k.mul(pictures, right + whole), k.mul(picture, perRow))
    if (isShortColumn) return k.plus(k.mul(picture, right), row)
    return k.plus(k.mul(pictures, right), k.add(k.mul(picture, whole), k.mul(row, perRow)))
  }

  /** The tiles that have a frequency. */
  range(frequency: Value): { first: Value; count: Value } {
    const { k, pictures, all } = this
    if (!isMixed(this.tiling)) return { first: k.int(0), count: all }
    const { right, whole, corner } = this.counts()
    const wholeOnly = (index: Value): Value => k.and(k.compare('ge', index, 3), k.compare('lt', index, 5))
    const [rows, columns] = [wholeOnly(k.let(k.div(frequency, 6))), wholeOnly(k.let(k.rem(frequency, 6)))]
    const isWholeColumn = k.let(columns)
    const first = k.let(k.select(isWholeColumn, k.mul(pictures, right), k.int(0)))
    const upper = k.mul(pictures, right + whole)
    const both = k.select(isWholeColumn, k.sub(all, k.mul(pictures, corner)), all)
    return { first, count: k.let(k.sub(k.select(rows, upper, both), first)) }
  }

  /** Tiles of each kind a picture has. */
  private counts(): { right: number; whole: number; lower: number; corner: number; perRow: number } {
    const { rows, columns, shortRows, shortColumns } = this.tiling
    const [wholeRows, perRow] = [rows - shortRows, columns - shortColumns]
    return {
      right: wholeRows * shortColumns,
      whole: wholeRows * perRow,
      lower: shortRows * perRow,
      corner: shortRows * shortColumns,
      perRow,
    }
  }
}
