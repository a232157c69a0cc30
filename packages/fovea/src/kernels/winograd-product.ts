/** The products of a Winograd convolution: per frequency a small matrix product, in register tiles. */
import type { KernelBuilder, Operand } from './builder.ts'
import type { Value } from './ir.ts'
import { lanesOf, lanesOfBlock } from './lanes.ts'

/** Channels between touches of memory that is needed next: rare enough not to hold up the products. */
const TOUCH_CHANNELS = 64

/** Channels of a transformed filter of a block of outputs. */
interface FilterPart {
  readonly at: Value
  readonly channels: number
  /** Sums go on from the products of earlier channels. */
  readonly continues?: boolean
  /** As many bytes that are multiplied next: read on the way, little by little, so that they come from far memory in time. */
  readonly next?: Value
}

/**
 * products[tile, block] = Σ_c tiles[tile, c] · filter[c, block] for some tiles at once; what lies behind the last one is computed along,
 * into room left for it, and never read.
 */
export function emitProduct(
  k: KernelBuilder,
  tiles: { readonly at: Value; readonly count: Value; readonly bytes: number },
  filter: FilterPart,
  products: Value,
  width: number,
): void {
  const lanes = lanesOf(k, width)
  const { channels, next } = filter
  const { tileRows, cache } = k.target
  k.loop(0, tiles.count, tileRows, tile => {
    const x = k.let(k.add(tiles.at, k.mul(tile, tiles.bytes)))
    const to = k.let(k.add(products, k.mul(tile, k.block * 4)))
    const start = (offset: number): Value => (filter.continues ? k.load('vec', to, offset) : k.vec(0))
    const sums = Array.from({ length: tileRows }, (_, index) =>
      lanes.map((_, vector) => k.variable(start(index * k.block * 4 + vector * k.vectorBytes))),
    )
    const sumUp = (begin: Operand, end: Operand): void =>
      k.loop(begin, end, 4, channel => {
        const weights = k.let(k.add(filter.at, k.mul(channel, k.block)))
        const vectors = lanes.map((_, vector) => k.let(k.load('vec', weights, vector * k.vectorBytes)))
        const from = k.let(k.add(x, channel))
        for (const [index, sum] of sums.entries()) {
          const value = k.let(k.splatLoad(from, index * tiles.bytes))
          for (const [vector, each] of sum.entries()) each.set(k.muladd(vectors[vector]!, value, each.get))
        }
      })
    if (next) {
      // The filter's block of floats a channel, spread over as many turns.
      const turn = k.imin(tile, (k.block - 1) * tileRows)
      const touched = k.let(k.add(next, k.mul(turn, Math.floor((channels * 4) / tileRows))))
      k.loop(0, channels * 4, TOUCH_CHANNELS * 4, first => {
        for (let at = 0; at < TOUCH_CHANNELS * 4; at += cache.line) k.let(k.load('i32', k.add(touched, first), at))
        sumUp(first, k.let(k.imin(k.add(first, TOUCH_CHANNELS * 4), channels * 4)))
      })
    } else sumUp(0, channels * 4)
    for (const [index, sum] of sums.entries())
      for (const [vector, each] of sum.entries())
        k.store(to, each.get, index * k.block * 4 + vector * k.vectorBytes, lanesOfBlock(k))
  })
}

/**
 * The same for few tiles, each by itself, and several blocks of outputs whose filters and products are so many bytes apart: the sums of one
 * tile and one block would wait for each other, and a register tile would compute what is never read.
 */
export function emitSingleProducts(
  k: KernelBuilder,
  tiles: { readonly at: Value; readonly begin: Value; readonly end: Value; readonly bytes: number },
  filter: FilterPart & { readonly apart: number },
  products: { readonly at: Value; readonly apart: number },
  widths: readonly number[],
): void {
  const vectors = widths.flatMap((width, block) =>
    lanesOf(k, width).map((_, vector) => ({ block, offset: vector * k.vectorBytes })),
  )
  k.loop(tiles.begin, tiles.end, 1, tile => {
    const x = k.let(k.add(tiles.at, k.mul(tile, tiles.bytes)))
    const to = k.let(k.add(products.at, k.mul(tile, k.block * 4)))
    const places = vectors.map(({ block, offset }) => block * products.apart + offset)
    const sums = places.map(place => k.variable(filter.continues ? k.load('vec', to, place) : k.vec(0)))
    k.loop(0, filter.channels * 4, 4, channel => {
      const weights = k.let(k.add(filter.at, k.mul(channel, k.block)))
      const loaded = vectors.map(({ block, offset }) => k.let(k.load('vec', weights, block * filter.apart + offset)))
      const value = k.let(k.splatLoad(k.add(x, channel), 0))
      for (const [index, sum] of sums.entries()) sum.set(k.muladd(loaded[index]!, value, sum.get))
    })
    for (const [index, sum] of sums.entries()) k.store(to, sum.get, places[index]!, lanesOfBlock(k))
  })
}
