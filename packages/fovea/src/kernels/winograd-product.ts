/** The products of a Winograd convolution: per frequency a small matrix product, in register tiles. */
import type { KernelBuilder, Operand } from './builder.ts'
import type { Value } from './ir.ts'
import { lanesOf, lanesOfBlock } from './lanes.ts'
import { multiplyTile, tileSums } from './register-tile.ts'

/** Channels between touches of memory that is needed next: rare enough not to hold up the products. */
const TOUCH_CHANNELS = 64

/** Tiles [begin, end), so many bytes apart. */
interface TileRange {
  readonly at: Value
  readonly begin: Operand
  readonly end: Value
  readonly bytes: number
}

/** Channels of the transformed filters of some blocks of outputs. */
interface FilterPart {
  readonly at: Value
  readonly channels: number
  /** Bytes from block to block. */
  readonly apart?: number
  /** Sums go on from the products of earlier channels. */
  readonly continues?: boolean
  /** As many bytes that are multiplied next: read on the way, little by little, so that they come from far memory in time. */
  readonly next?: Value
}

/**
 * products[tile, block] = Σ_c tiles[tile, c] · filter[c, block] for `rows` tiles at once, and blocks of these widths, whose products are so
 * many bytes apart. What lies behind the last tile is computed along, into room left for it, and never read. A tile by itself takes several
 * blocks: the sums of one would wait for each other.
 */
export function emitProduct(
  k: KernelBuilder,
  tiles: TileRange,
  filter: FilterPart,
  products: { readonly at: Value; readonly apart?: number },
  widths: readonly number[],
  rows = k.target.tileRows,
): void {
  const { channels, apart = 0, next } = filter
  const offsets = widths.flatMap((width, block) =>
    lanesOf(k, width).map((_, vector) => ({ block, offset: vector * k.vectorBytes })),
  )
  const vectors = offsets.map(({ block, offset }) => block * apart + offset)
  const place = (row: number, vector: number): number => {
    const { block, offset } = offsets[vector]!
    return block * (products.apart ?? 0) + row * k.block * 4 + offset
  }
  k.loop(tiles.begin, tiles.end, rows, tile => {
    const x = k.plus(tiles.at, k.mul(tile, tiles.bytes))
    const to = k.plus(products.at, k.mul(tile, k.block * 4))
    const register = { x, weights: filter.at, rowBytes: tiles.bytes, width: k.block, vectors }
    const sums = tileSums(k, rows, register, (row, vector) =>
      filter.continues ? k.load('vec', to, place(row, vector)) : k.vec(0),
    )
    if (next) {
      // The filter's block of floats a channel, spread over as many turns.
      const turn = k.imin(tile, (k.block - 1) * rows)
      const touched = k.plus(next, k.mul(turn, Math.floor((channels * 4) / rows)))
      k.loop(0, channels * 4, TOUCH_CHANNELS * 4, first => {
        for (let at = 0; at < TOUCH_CHANNELS * 4; at += k.target.cache.line)
          k.let(k.load('i32', k.add(touched, first), at))
        multiplyTile(k, register, sums, first, k.let(k.imin(k.add(first, TOUCH_CHANNELS * 4), channels * 4)))
      })
    } else multiplyTile(k, register, sums, 0, channels * 4)
    for (const [row, ofRow] of sums.entries())
      for (const [vector, sum] of ofRow.entries()) k.store(to, sum.get, place(row, vector), lanesOfBlock(k))
  })
}
