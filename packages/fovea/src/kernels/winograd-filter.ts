/**
 * Filters for Winograd convolutions: U = G g Gᵀ as [O/block][frequency][I][block], from the filter as it lies (forward), or with channels and
 * filters exchanged, and turned by 180° (input gradients).
 */

import { filterStride, halfFilter } from '../plan/cpu/winograd-space.ts'
import type { Access, Spec, TileSize } from '../plan/types.ts'
import { frequencies } from '../plan/winograd.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { lanesOf, lanesOfBlock, transpose } from './lanes.ts'
import { blockLoop, type Range } from './matmul.ts'
import { transforms } from './winograd-transforms.ts'

type WinogradFilter = Extract<Spec, { kind: 'winogradFilter' }>

/** Units are blocks of outputs. */
export function emitWinogradFilter(k: KernelBuilder, spec: WinogradFilter, blocks: Range): void {
  if (spec.direction !== 'forward') emitExchanged(k, spec, blocks)
  else emitForward(k, spec, blocks)
}

function emitForward(k: KernelBuilder, spec: WinogradFilter, blocks: Range): void {
  const { channels, filters, size } = spec
  const planeBytes = filterStride(k.target, channels) * 4
  const half = k.let(k.global('scratch'))
  blockLoop(k, filters, blocks, (block, width) => {
    const lanes = lanesOf(k, width)
    const first = k.let(k.mul(block, k.block))
    const [start, step] =
      spec.layout === 'blocked' ? [k.mul(first, 9 * channels), Math.min(width, k.block)] : [first, filters]
    const source = k.let(elementAddress(k, whole(spec.from), start))
    const target = k.let(
      elementAddress(k, whole(spec.to), k.mul(block, frequencies(size) * filterStride(k.target, channels))),
    )
    k.loop(0, channels, 1, channel => {
      k.loop(0, lanes.length * k.vectorBytes, k.vectorBytes, vector => {
        const from = k.let(k.add(k.add(source, k.mul(channel, step * 4)), vector))
        const to = k.let(k.add(k.add(target, k.mul(channel, k.block * 4)), vector))
        storeTransformed(k, size, from, channels * step * 4, half, to, planeBytes)
      })
    })
  })
}

/** Outputs are the channels: square pieces (channels × filters, those of one block) of each tap are transposed on the way. */
function emitExchanged(k: KernelBuilder, spec: WinogradFilter, blocks: Range): void {
  const { channels, filters, size } = spec
  const planeBytes = filterStride(k.target, filters) * 4
  const half = k.let(k.global('scratch'))
  const most = lanesOfBlock(k)
  const piece = k.let(k.add(half, halfFilter(k.target)))
  blockLoop(k, channels, blocks, (block, width) => {
    const target = k.let(
      elementAddress(k, whole(spec.to), k.mul(block, frequencies(size) * filterStride(k.target, filters))),
    )
    k.loop(0, lanesOf(k, width).length, 1, vector => {
      const firstChannel = k.let(k.add(k.mul(block, k.block), k.mul(vector, k.lanes)))
      const rows = Array.from({ length: k.lanes }, (_, lane) => k.let(k.imin(k.add(firstChannel, lane), channels - 1)))
      const turn = (count: number) => (filter: Value) => {
        const first = k.let(k.mul(k.div(filter, k.block), k.block))
        const blockWidth = k.let(k.imin(k.block, k.sub(k.int(filters), first)))
        const element = (row: Value): Value =>
          spec.layout === 'blocked'
            ? k.add(k.mul(first, 9 * channels), k.add(k.mul(row, blockWidth), k.sub(filter, first)))
            : k.add(k.mul(row, filters), filter)
        k.loop(0, 9, 1, tap => {
          const loaded = rows.map(row =>
            k.let(k.load('vec', elementAddress(k, whole(spec.from), element(k.add(row, k.mul(tap, channels)))))),
          )
          const to = k.let(
            k.add(piece, k.mul(spec.direction === 'turned' ? k.sub(8, tap) : tap, k.lanes * k.vectorBytes)),
          )
          for (const [index, value] of transpose(k, loaded).slice(0, most).entries())
            k.store(to, value, index * k.vectorBytes)
        })
        k.loop(0, count, 1, index => {
          const from = k.let(k.add(piece, k.mul(index, k.vectorBytes)))
          const to = k.let(k.add(k.add(target, k.mul(k.add(filter, index), k.block * 4)), k.mul(vector, k.vectorBytes)))
          storeTransformed(k, size, from, k.lanes * k.vectorBytes, half, to, planeBytes)
        })
      }
      const wholeFilters = filters - (filters % most)
      k.loop(0, wholeFilters, most, turn(most))
      if (filters % most) turn(filters % most)(k.int(wholeFilters))
    })
  })
}

function whole(buffer: Access['buffer']): Access {
  return { buffer, offset: 0, strides: [] }
}

/** 3 × 3 taps, `tapBytes` apart → t × t frequencies, `planeBytes` apart: columns first, into `half`, then rows. */
function storeTransformed(
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
    const at = k.let(k.add(from, k.mul(column, tapBytes)))
    const taps = [0, 1, 2].map(row => k.let(k.load('vec', at, row * 3 * tapBytes)))
    const values = k.let(k.add(half, k.mul(column, k.vectorBytes)))
    for (const [i, value] of filter(k, taps).entries()) k.store(values, value, i * 3 * k.vectorBytes)
  })
  k.loop(0, t, 1, i => {
    const at = k.let(k.add(half, k.mul(i, 3 * k.vectorBytes)))
    const taps = [0, 1, 2].map(column => k.let(k.load('vec', at, column * k.vectorBytes)))
    const row = k.let(k.add(to, k.mul(i, t * planeBytes)))
    for (const [j, value] of filter(k, taps).entries()) k.store(row, value, j * planeBytes, lanesOfBlock(k))
  })
}
