/**
 * Filters for Winograd convolutions: U = G g Gᵀ as [O/8][frequency][I][8], from the filter as it lies (forward), or with channels and
 * filters exchanged, and turned by 180° (input gradients); and back, dw = Gᵀ dU G, for filter gradients.
 */
import { type Access, BLOCK, type Spec, type TileSize } from '../plan/types.ts'
import { filterStride, frequencies } from '../plan/winograd.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { LANES, type Value } from './ir.ts'
import { transpose } from './list-product.ts'
import { blockLoop, lanesOf, type Range } from './matmul.ts'
import { transforms } from './winograd-transforms.ts'

type WinogradFilter = Extract<Spec, { kind: 'winogradFilter' }>

/** Units are blocks of outputs. */
export function emitWinogradFilter(k: KernelBuilder, spec: WinogradFilter, blocks: Range): void {
  if (spec.direction !== 'forward') emitExchanged(k, spec, blocks)
  else emitForward(k, spec, blocks)
}

function emitForward(k: KernelBuilder, spec: WinogradFilter, blocks: Range): void {
  const { channels, filters, size } = spec
  const planeBytes = filterStride(channels) * 4
  blockLoop(k, filters, blocks, (block, width) => {
    const lanes = lanesOf(width)
    const first = k.let(k.mul(block, BLOCK))
    const [start, step] =
      spec.layout === 'blocked' ? [k.mul(first, 9 * channels), Math.min(width, BLOCK)] : [first, filters]
    const source = k.let(elementAddress(k, whole(spec.from), start))
    const target = k.let(elementAddress(k, whole(spec.to), k.mul(block, frequencies(size) * filterStride(channels))))
    k.loop(0, channels, 1, channel => {
      k.loop(0, lanes.length * 16, 16, vector => {
        const from = k.let(k.add(k.add(source, k.mul(channel, step * 4)), vector))
        const to = k.let(k.add(k.add(target, k.mul(channel, BLOCK * 4)), vector))
        const taps = Array.from({ length: 9 }, (_, tap) => k.let(k.load('vec', from, tap * channels * step * 4)))
        storeTransformed(k, size, taps, to, planeBytes)
      })
    })
  })
}

/** Outputs are the channels: 4 × 4 pieces (channels × filters) of each tap are transposed on the way. */
function emitExchanged(k: KernelBuilder, spec: WinogradFilter, blocks: Range): void {
  const { channels, filters, size } = spec
  const planeBytes = filterStride(filters) * 4
  const piece = k.let(k.global('scratch'))
  blockLoop(k, channels, blocks, (block, width) => {
    const target = k.let(elementAddress(k, whole(spec.to), k.mul(block, frequencies(size) * filterStride(filters))))
    k.loop(0, lanesOf(width).length, 1, vector => {
      const firstChannel = k.let(k.add(k.mul(block, BLOCK), k.mul(vector, LANES)))
      const rows = Array.from({ length: LANES }, (_, lane) => k.let(k.imin(k.add(firstChannel, lane), channels - 1)))
      const turn = (count: number) => (filter: Value) => {
        const first = k.let(k.mul(k.div(filter, BLOCK), BLOCK))
        const blockWidth = k.let(k.imin(BLOCK, k.sub(k.int(filters), first)))
        const element = (tap: number, row: Value): Value =>
          spec.layout === 'blocked'
            ? k.add(
                k.mul(first, 9 * channels),
                k.add(k.mul(k.add(row, tap * channels), blockWidth), k.sub(filter, first)),
              )
            : k.add(k.mul(k.add(row, tap * channels), filters), filter)
        k.unroll(9, tap => {
          const loaded = rows.map(row => k.let(k.load('vec', elementAddress(k, whole(spec.from), element(tap, row)))))
          for (const [index, value] of transpose(k, loaded).entries())
            k.store(piece, value, ((spec.direction === 'turned' ? 8 - tap : tap) * LANES + index) * 16)
        })
        k.loop(0, count, 1, index => {
          const from = k.let(k.add(piece, k.mul(index, 16)))
          const taps = Array.from({ length: 9 }, (_, tap) => k.let(k.load('vec', from, tap * LANES * 16)))
          const to = k.let(k.add(k.add(target, k.mul(k.add(filter, index), BLOCK * 4)), k.mul(vector, 16)))
          storeTransformed(k, size, taps, to, planeBytes)
        })
      }
      const wholeFilters = filters - (filters % LANES)
      k.loop(0, wholeFilters, LANES, turn(LANES))
      if (filters % LANES) turn(filters % LANES)(k.int(wholeFilters))
    })
  })
}

function whole(buffer: Access['buffer']): Access {
  return { buffer, offset: 0, strides: [] }
}

/** 3 × 3 taps → t × t frequencies, `planeBytes` apart. */
function storeTransformed(
  k: KernelBuilder,
  size: TileSize,
  taps: readonly Value[],
  to: Value,
  planeBytes: number,
): void {
  const t = size + 2
  const { filter } = transforms[size]
  const columns = [0, 1, 2].map(s => filter(k, [taps[s]!, taps[3 + s]!, taps[6 + s]!]).map(value => k.let(value)))
  for (let i = 0; i < t; i++) {
    const row = filter(
      k,
      columns.map(column => column[i]!),
    )
    for (const [j, value] of row.entries()) k.store(to, value, (i * t + j) * planeBytes)
  }
}

/** dw = Gᵀ dU G of one channel and vector of filters: nine values, tap by tap. */
export function filterGradientTaps(k: KernelBuilder, size: TileSize, from: Value, planeBytes: number): Value[] {
  const t = size + 2
  const { filterGradient } = transforms[size]
  const columns = Array.from({ length: t }, (_, j) => {
    const loaded = Array.from({ length: t }, (_, i) => k.let(k.load('vec', from, (i * t + j) * planeBytes)))
    return filterGradient(k, loaded).map(value => k.let(value))
  })
  return [0, 1, 2].flatMap(r =>
    filterGradient(
      k,
      columns.map(column => column[r]!),
    ),
  )
}
