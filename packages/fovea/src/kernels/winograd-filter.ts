/**
 * Filters for Winograd convolutions: U = G g Gᵀ as [O/block][frequency][I][block], from the filter as it lies. (For input gradients:
 * winograd-exchanged-filter.ts.)
 */

import { filterStride } from '../plan/cpu/winograd-space.ts'
import type { Spec, TileSize } from '../plan/types.ts'
import { frequencies } from '../plan/winograd.ts'
import { addressIn } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { lanesOf, lanesOfBlock } from './lanes.ts'
import { blockLoop, type Range } from './matmul.ts'
import { transforms } from './winograd-transforms.ts'

export type WinogradFilter = Extract<Spec, { kind: 'winogradFilter' }>

/** Units are blocks of outputs. */
export function emitWinogradFilter(k: KernelBuilder, spec: WinogradFilter, blocks: Range): void {
  const { channels, filters, size } = spec
  const planeBytes = filterStride(k.target, channels) * 4
  const half = k.let(k.global('scratch'))
  blockLoop(k, filters, blocks, (block, width) => {
    const lanes = lanesOf(k, width)
    const first = k.times(block, k.block)
    const [start, step] =
      spec.layout === 'blocked' ? [k.mul(first, 9 * channels), Math.min(width, k.block)] : [first, filters]
    const source = addressIn(k, spec.from, start)
    const target = addressIn(k, spec.to, k.mul(block, frequencies(size) * filterStride(k.target, channels)))
    k.loop(0, channels, 1, channel => {
      k.loop(0, lanes.length * k.vectorBytes, k.vectorBytes, vector => {
        const from = k.plus(k.add(source, k.mul(channel, step * 4)), vector)
        const to = k.plus(k.add(target, k.mul(channel, k.block * 4)), vector)
        storeTransformed(k, size, from, channels * step * 4, half, to, planeBytes)
      })
    })
  })
}

/** 3 × 3 taps, `tapBytes` apart → t × t frequencies, `planeBytes` apart: columns first, into `half`, then rows. */
export function storeTransformed(
  k: KernelBuilder,
  size: TileSize,
  from: Value,
  tapBytes: number,
  half: Value,
  to: Value,
  planeBytes: number,
): void {
  const t = size + 2
  const { filter } = transforms[size]
  k.loop(0, 3, 1, column => {
    const at = k.plus(from, k.mul(column, tapBytes))
    const taps = [0, 1, 2].map(row => k.let(k.load('vec', at, row * 3 * tapBytes)))
    const values = k.plus(half, k.mul(column, k.vectorBytes))
    for (const [i, value] of filter(k, taps).entries()) k.store(values, value, i * 3 * k.vectorBytes)
  })
  k.loop(0, t, 1, i => {
    const at = k.plus(half, k.mul(i, 3 * k.vectorBytes))
    const taps = [0, 1, 2].map(column => k.let(k.load('vec', at, column * k.vectorBytes)))
    const row = k.plus(to, k.mul(i, t * planeBytes))
    for (const [j, value] of filter(k, taps).entries()) k.store(row, value, j * planeBytes, lanesOfBlock(k))
  })
}
