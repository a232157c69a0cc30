/** Filters for Winograd input gradients: with channels and filters exchanged, and turned by 180° unless the algorithm is transposed. */
import { filterStride, halfFilter } from '../plan/cpu/winograd-space.ts'
import { frequencies } from '../plan/winograd.ts'
import { addressIn } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { transpose } from './gathered-lanes.ts'
import type { Value } from './ir.ts'
import { lanesOf, lanesOfBlock } from './lanes.ts'
import { blockLoop, type Range } from './matmul.ts'
import { storeTransformed, type WinogradFilter } from './winograd-filter.ts'

/** Outputs are the channels: square pieces (channels × filters, those of one block) of each tap are transposed on the way. */
export function emitExchangedFilter(k: KernelBuilder, spec: WinogradFilter, blocks: Range): void {
  const { channels, filters, size } = spec
  const planeBytes = filterStride(k.target, filters) * 4
  const half = k.let(k.global('scratch'))
  const most = lanesOfBlock(k)
  const piece = k.plus(half, halfFilter(k.target))
  blockLoop(k, channels, blocks, (block, width) => {
    const target = addressIn(k, spec.to, k.mul(block, frequencies(size) * filterStride(k.target, filters)))
    k.loop(0, lanesOf(k, width).length, 1, vector => {
      const firstChannel = k.plus(k.mul(block, k.block), k.mul(vector, k.lanes))
      const rows = Array.from({ length: k.lanes }, (_, lane) => k.let(k.imin(k.add(firstChannel, lane), channels - 1)))
      const turn = (count: number) => (filter: Value) => {
        const first = k.times(k.div(filter, k.block), k.block)
        const blockWidth = k.let(k.imin(k.block, k.sub(k.int(filters), first)))
        const element = (row: Value): Value =>
          spec.layout === 'blocked'
            ? k.add(k.mul(first, 9 * channels), k.add(k.mul(row, blockWidth), k.sub(filter, first)))
            : k.add(k.mul(row, filters), filter)
        k.loop(0, 9, 1, tap => {
          const loaded = rows.map(row =>
            k.let(k.load('vec', addressIn(k, spec.from, element(k.add(row, k.mul(tap, channels)))))),
          )
          const to = k.plus(piece, k.mul(spec.direction === 'turned' ? k.sub(8, tap) : tap, k.lanes * k.vectorBytes))
          for (const [index, value] of transpose(k, loaded).slice(0, most).entries())
            k.store(to, value, index * k.vectorBytes)
        })
        k.loop(0, count, 1, index => {
          const from = k.plus(piece, k.mul(index, k.vectorBytes))
          const to = k.plus(k.add(target, k.mul(k.add(filter, index), k.block * 4)), k.mul(vector, k.vectorBytes))
          storeTransformed(k, size, from, k.lanes * k.vectorBytes, half, to, planeBytes)
        })
      }
      const wholeFilters = filters - (filters % most)
      k.loop(0, wholeFilters, most, turn(most))
      if (filters % most) turn(filters % most)(k.int(wholeFilters))
    })
  })
}
