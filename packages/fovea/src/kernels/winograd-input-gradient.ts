/**
 * Input gradients by the transposed algorithm: tiles of dy are read, and B M Bᵀ gives what t × t inputs get from a tile. Tiles overlap, so
 * they are added up in a picture of their own, which is finished and stored after its last tile.
 */
import { outputScratch, sumPicture } from '../plan/cpu/winograd-space.ts'
import type { Value } from './ir.ts'
import { lanesOf, lanesOfBlock } from './lanes.ts'
import type { WinogradSide } from './winograd.ts'
import { gradientTransforms } from './winograd-gradient-transforms.ts'
import { type Block, type Place, TileWriter } from './winograd-outputs.ts'
import type { TileRule } from './winograd-tiles.ts'
import type { TileKind, Transform } from './winograd-transforms.ts'

/** Tiles of dy. */
export const gradientTiles: TileRule = {
  transformOf: ({ form }) => gradientTransforms[form].gradient,
  pointsOf: ({ outputs }) => outputs,
}

class GradientWriter extends TileWriter {
  protected override transformOf({ form }: TileKind): Transform {
    return gradientTransforms[form].inputGradient
  }

  protected override beginLine(tileRow: Value): void {
    const { k } = this
    k.when(k.compare('eq', tileRow, 0), () => this.clear())
  }

  protected override endLine(row: Value, tileRow: Value, block: Block): void {
    const { k } = this
    k.when(k.compare('eq', tileRow, this.grid.rows - 1), () => this.finish(row, block))
  }

  private get picture(): { start: Value; width: number; floats: number } {
    const { k } = this
    return { start: k.plus(this.memory, outputScratch(k.target)), ...sumPicture(k.target, this.grid, this.size) }
  }

  private clear(): void {
    const { k } = this
    const { start, floats } = this.picture
    k.loop(0, floats * 4, k.vectorBytes, offset => k.store(k.add(start, offset), k.vec(0)))
  }

  protected override put(products: Value, tile: Place, block: Block): void {
    const { k, size } = this
    const { start, width } = this.picture
    const pixel = k.add(k.mul(k.mul(tile.tileRow, size), width), k.mul(tile.tileColumn, size))
    const corner = k.plus(start, k.mul(pixel, k.block * 4))
    for (const vector of lanesOf(k, block.width).keys()) {
      this.columns(products, vector, tile)
      k.loop(0, tile.down.outputs + 2, 1, y => {
        const values = this.row(y, tile)
        const at = k.plus(corner, k.mul(y, width * k.block * 4))
        for (const [x, value] of values.entries()) {
          const offset = x * k.block * 4 + vector * k.vectorBytes
          k.store(at, k.add(k.load('vec', at, offset), value), offset, lanesOfBlock(k))
        }
      })
    }
  }

  /** The part of the picture that is no padding. */
  private finish(row: Value, block: Block): void {
    const { k } = this
    const { input, origin } = this.geometry
    const { start, width } = this.picture
    k.loop(0, input.height, 1, y => {
      const from = k.plus(start, k.mul(k.add(k.mul(k.add(y, origin[0]), width), origin[1]), k.block * 4))
      const line = k.times(k.add(k.mul(row, input.height), y), input.width)
      k.loop(0, input.width, 1, x => {
        const element = k.plus(k.mul(k.add(line, x), input.channels), block.first)
        const at = k.plus(from, k.mul(x, k.block * 4))
        for (const [vector, lanes] of lanesOf(k, block.width).entries())
          block.epilogues[vector]!.store(
            k.add(element, vector * k.lanes),
            k.load('vec', at, vector * k.vectorBytes),
            lanes,
          )
      })
    })
  }
}

export const gradientSide: WinogradSide = { tiles: gradientTiles, Writer: GradientWriter }
