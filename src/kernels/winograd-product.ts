/** The products of a Winograd convolution: per frequency a small matrix product, in tiles of 4 × 8 accumulators. */
import type { KernelBuilder } from './builder.ts'
import { LANES, type Value } from './ir.ts'
import { lanesOf } from './matmul.ts'

/**
 * products[tile, 8] = Σ_c tiles[tile, c] · filter[c, 8] for tiles in fours; what lies behind the last one is computed along, into
 * room left for it, and never read.
 */
export function emitProduct(
  k: KernelBuilder,
  tiles: { readonly at: Value; readonly count: Value; readonly bytes: number },
  filter: Value,
  products: Value,
  channels: number,
  width: number,
): void {
  const lanes = lanesOf(width)
  k.loop(0, tiles.count, 4, tile => {
    const x = k.let(k.add(tiles.at, k.mul(tile, tiles.bytes)))
    const sums = Array.from({ length: 4 }, () => lanes.map(() => k.variable(k.vec(0))))
    k.loop(0, channels * 4, 4, channel => {
      const weights = k.let(k.add(filter, k.mul(channel, 8)))
      const vectors = lanes.map((_, vector) => k.let(k.load('vec', weights, vector * 16)))
      const from = k.let(k.add(x, channel))
      for (const [index, sum] of sums.entries()) {
        const value = k.let(k.splatLoad(from, index * tiles.bytes))
        for (const [vector, each] of sum.entries()) each.set(k.muladd(vectors[vector]!, value, each.get))
      }
    })
    const to = k.let(k.add(products, k.mul(tile, 32)))
    for (const [index, sum] of sums.entries())
      for (const [vector, each] of sum.entries()) k.store(to, each.get, index * 32 + vector * 16)
  })
}

export interface Stream {
  /** Address of the first tile's first element. */
  readonly at: Value
  /** Bytes from tile to tile. */
  readonly bytes: number
}

/** sums[c, 8] += Σ_tile x[tile, c] · dy[tile, 8], tile by tile in order, for four channels. */
export function emitGradientProduct(
  k: KernelBuilder,
  x: Stream,
  dy: Stream,
  count: Value,
  sums: Value,
  width: number,
): void {
  const lanes = lanesOf(width)
  const held = Array.from({ length: LANES }, (_, channel) =>
    lanes.map((_, vector) => k.variable(k.load('vec', sums, channel * 32 + vector * 16))),
  )
  const from = k.variable(x.at)
  k.loop(dy.at, k.let(k.add(dy.at, k.mul(count, dy.bytes))), dy.bytes, gradient => {
    const vectors = lanes.map((_, vector) => k.let(k.load('vec', gradient, vector * 16)))
    for (const [channel, sum] of held.entries()) {
      const value = k.let(k.splatLoad(from.get, channel * 4))
      for (const [vector, each] of sum.entries()) each.set(k.muladd(vectors[vector]!, value, each.get))
    }
    from.set(k.add(from.get, x.bytes))
  })
  for (const [channel, sum] of held.entries())
    for (const [vector, each] of sum.entries()) k.store(sums, each.get, channel * 32 + vector * 16)
}
