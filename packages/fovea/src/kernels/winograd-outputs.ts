/**
 * From products back to pixels, a block of outputs at a time: Aᵀ M A gives a tile's m × m outputs, only real ones are finished and stored.
 * (Where tiles of dy were read: winograd-input-gradient.ts.)
 */

import { maskStride } from '../plan/cpu/winograd-space.ts'
import type { ConvGeometry, TileSize } from '../plan/types.ts'
import type { Tiling } from '../plan/winograd.ts'
import { computedNow } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { ChannelEpilogue } from './epilogue.ts'
import type { Value } from './ir.ts'
import { lanesOf } from './lanes.ts'
import { TileOrder } from './winograd-order.ts'
import { eachFrequency, type TileKind, type Transform, tileKinds, transforms } from './winograd-transforms.ts'

export interface Block {
  /** First output. */
  readonly first: Value
  readonly width: number
  readonly epilogues: readonly ChannelEpilogue[]
}

/** Masks of rows of tiles from `first` on, m lines of outputs each; all bits where an output sees more than zeros. */
export interface Mask {
  readonly at: Value
  readonly first: Value
}

export interface Place {
  /** Picture of the batch, and the tile's place in it. */
  readonly row: Value
  readonly tileRow: Value
  readonly tileColumn: Value
  /** Kinds of tile along the two axes. */
  readonly down: TileKind
  readonly along: TileKind
}

export class TileWriter {
  protected readonly k: KernelBuilder
  protected readonly geometry: ConvGeometry
  protected readonly size: TileSize
  protected readonly grid: Tiling
  private readonly maskBytes: number
  /** Bytes between the planes of products. */
  private readonly planeBytes: number
  /** Planes of a whole batch, in far memory. */
  private readonly isFar: boolean
  /** t × t half-transformed vectors, then the picture tiles are added up in. */
  protected readonly memory: Value

  constructor(
    k: KernelBuilder,
    { geometry, size }: { geometry: ConvGeometry; size: TileSize },
    grid: Tiling,
    products: { readonly planeBytes: number; readonly isFar: boolean },
    memory: Value,
  ) {
    this.k = k
    this.geometry = geometry
    this.size = size
    this.grid = grid
    this.maskBytes = maskStride(k.target, grid) * 4
    this.planeBytes = products.planeBytes
    this.isFar = products.isFar
    this.memory = memory
  }

  /**
   * Rows of tiles [first, end), counted over all pictures; their products begin at `products`. Backward, and where tiles are sorted by
   * kind: whole pictures.
   */
  write(first: Value, end: Value, products: Value, block: Block, mask?: Mask): void {
    const { k, grid } = this
    const { rows, columns, shortRows, shortColumns } = grid
    const order = new TileOrder(k, grid, first, end)
    const [whole, short] = tileKinds(this.size, rows, shortRows)
    k.loop(first, end, 1, line => {
      const [row, tileRow] = [k.let(k.div(line, rows)), k.let(k.rem(line, rows))]
      this.beginLine(tileRow)
      const masks = mask && k.plus(mask.at, k.mul(k.sub(line, mask.first), this.size * this.maskBytes))
      const writeLine = (down: TileKind): void => {
        for (const along of tileKinds(this.size, columns, shortColumns)) {
          const start = k.mul(order.at(line, down.isShort, along.isShort), k.block * 4)
          const product = k.variable(k.add(products, start))
          const [begin, last] = along.isShort ? [columns - 1, columns] : [0, columns - shortColumns]
          k.loop(begin, last, 1, tileColumn => {
            const place = { row, tileRow, tileColumn, down, along }
            this.put(product.get, place, block, masks)
            product.set(k.add(product.get, k.block * 4))
          })
        }
      }
      if (short)
        k.when(
          k.compare('lt', tileRow, rows - 1),
          () => writeLine(whole!),
          () => writeLine(short),
        )
      else writeLine(whole!)
      this.endLine(row, tileRow, block)
    })
  }

  protected transformOf({ form }: TileKind): Transform {
    return transforms[form].output
  }

  /** Before and after each row of tiles. */
  protected beginLine(_tileRow: Value): void {}
  protected endLine(_row: Value, _tileRow: Value, _block: Block): void {}

  /** Transforms the columns of one vector of products into `memory`. */
  protected columns(products: Value, vector: number, { down, along }: Place): void {
    const { k } = this
    const t = this.size + 2
    const column = (position: Value, j: Value): void => {
      const from = computedNow(k, k.add(products, k.mul(j, this.planeBytes)))
      const loaded = down.frequencies.map(i =>
        k.let(k.load('vec', from, i * t * this.planeBytes + vector * k.vectorBytes)),
      )
      const to = computedNow(k, k.add(this.memory, k.mul(position, k.vectorBytes)))
      for (const [y, value] of this.transformOf(down)(k, loaded).entries()) k.store(to, value, y * t * k.vectorBytes)
    }
    // Far planes are fetched ahead where each has a load instruction of its own, which goes from tile to tile.
    if (this.isFar) for (const [position, j] of along.frequencies.entries()) column(k.int(position), k.int(j))
    else eachFrequency(k, along, column)
  }

  protected row(y: Value, { along }: Place): Value[] {
    const { k } = this
    const from = k.plus(this.memory, k.mul(y, (this.size + 2) * k.vectorBytes))
    const loaded = along.frequencies.map((_, j) => k.let(k.load('vec', from, j * k.vectorBytes)))
    return this.transformOf(along)(k, loaded)
  }

  protected put(products: Value, tile: Place, block: Block, masks: Value | undefined): void {
    const { k, size } = this
    const { output } = this.geometry
    const top = k.times(tile.tileRow, size)
    const left = k.times(tile.tileColumn, size)
    const height =
      output.height % size === 0 ? k.int(size) : k.let(k.imin(tile.down.outputs, k.sub(k.int(output.height), top)))
    const width =
      output.width % size === 0 ? k.int(size) : k.let(k.imin(tile.along.outputs, k.sub(k.int(output.width), left)))
    const line = k.plus(k.mul(tile.row, output.height), top)
    const corner = k.plus(k.mul(k.add(k.mul(line, output.width), left), output.channels), block.first)
    for (const [vector, lanes] of lanesOf(k, block.width).entries()) {
      this.columns(products, vector, tile)
      k.loop(0, height, 1, y => {
        const row = k.plus(this.memory, k.mul(y, (size + 2) * k.vectorBytes))
        const element = k.plus(k.add(corner, k.mul(y, output.width * output.channels)), vector * k.lanes)
        const mask = masks && k.plus(masks, k.add(k.mul(y, this.maskBytes), k.mul(left, 4)))
        // Through memory, pixel by pixel: what is done with them is long, and so written once.
        for (const [x, value] of this.row(y, tile).entries()) k.store(row, value, x * k.vectorBytes)
        k.loop(0, width, 1, x => {
          const value = k.load('vec', k.add(row, k.mul(x, k.vectorBytes)))
          const kept = mask ? k.and(value, k.splatLoad(k.add(mask, k.mul(x, 4)))) : value
          block.epilogues[vector]!.store(k.add(element, k.mul(x, output.channels)), kept, lanes)
        })
      })
    }
  }
}
