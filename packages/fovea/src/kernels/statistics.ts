/**
 * Batch statistics and the joining of partial results. Each slice gives per channel its mean and M2 = Σ (x − mean)²; slices are
 * merged in order by Chan's formula, so neither cancellation nor the number of threads matters.
 */
import { MAP_UNIT } from '../plan/axes.ts'
import type { Spec } from '../plan/types.ts'
import { addressIn, elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { joins } from './joins.ts'
import type { Range } from './matmul.ts'
import { chunks, vectorLoop } from './nest.ts'

type Moments = Extract<Spec, { kind: 'moments' }>
type Combine = Extract<Spec, { kind: 'combine' }>

/** Pixels in one block: two passes over it find it in the first cache. The same on every target, since blocks are merged in order. */
function blockPixels(channels: number): number {
  return Math.max(16, Math.min(128, 2 ** Math.floor(Math.log2(4096 / channels))))
}

/**
 * Writes section `slice` of the buffer: means [C], then M2 [C], over rows [begin, end). Pixels are taken in blocks, which are merged in
 * order by Chan's formula.
 */
export function emitMoments(k: KernelBuilder, spec: Moments, rows: Range, slice: Value): void {
  const { pixels, channels } = spec
  const start = k.let(elementAddress(k, spec.x, k.mul(rows.begin, pixels * channels)))
  const to = addressIn(k, spec.to, k.mul(slice, 2 * channels))
  const count = k.times(k.sub(rows.end, rows.begin), pixels)
  const block = blockPixels(channels)
  vectorLoop(k, 2 * channels, (index, lanes) => k.store(k.add(to, k.mul(index, 4)), k.vec(0), 0, lanes))
  k.loop(0, count, block, before => {
    const here = k.let(k.imin(block, k.sub(count, before)))
    const from = k.plus(start, k.mul(before, channels * 4))
    const stop = k.plus(from, k.mul(here, channels * 4))
    const scale = k.let(k.splat(k.div(k.float(1), k.floatOf('toFloat', here))))
    const share = k.let(k.splat(k.div(k.floatOf('toFloat', here), k.floatOf('toFloat', k.add(before, here)))))
    const weight = k.times(share, k.splat(k.floatOf('toFloat', before)))
    chunks(k, channels, (first, lanesOf) => {
      const pixel = k.plus(from, k.mul(first, 4))
      const place = k.plus(to, k.mul(first, 4))
      const means = sumOver(k, pixel, stop, lanesOf.length, channels).map(sum => k.times(sum, scale))
      const around = sumAround(k, pixel, stop, means, channels)
      for (const [vector, lanes] of lanesOf.entries()) {
        // The rounded mean leaves a rest: it moves the mean and is taken off M2 (corrected two-pass: Chan, Golub, LeVeque 1983).
        const { rest, squares } = around[vector]!
        const shift = k.times(rest, scale)
        const mean = k.let(k.load('vec', place, vector * k.vectorBytes))
        const m2 = k.load('vec', place, channels * 4 + vector * k.vectorBytes)
        const delta = k.let(k.sub(k.add(means[vector]!, shift), mean))
        const sum = k.add(k.add(m2, k.sub(squares, k.mul(rest, shift))), k.mul(k.mul(delta, weight), delta))
        k.store(place, sum, channels * 4 + vector * k.vectorBytes, lanes)
        k.store(place, k.add(mean, k.mul(delta, share)), vector * k.vectorBytes, lanes)
      }
    })
  })
}

/** Σ x of some vectors of channels; `start`: of the first pixel's. */
function sumOver(k: KernelBuilder, start: Value, stop: Value, vectors: number, channels: number): Value[] {
  const sums = Array.from({ length: vectors }, () => k.variable(k.vec(0)))
  k.loop(start, stop, channels * 4, pixel => {
    for (const [vector, sum] of sums.entries()) sum.set(k.add(sum.get, k.load('vec', pixel, vector * k.vectorBytes)))
  })
  return sums.map(sum => k.let(sum.get))
}

/** Σ (x − mean) and Σ (x − mean)². */
function sumAround(
  k: KernelBuilder,
  start: Value,
  stop: Value,
  means: readonly Value[],
  channels: number,
): { rest: Value; squares: Value }[] {
  const sums = means.map(() => ({ rest: k.variable(k.vec(0)), squares: k.variable(k.vec(0)) }))
  k.loop(start, stop, channels * 4, pixel => {
    for (const [vector, { rest, squares }] of sums.entries()) {
      const centred = k.let(k.sub(k.load('vec', pixel, vector * k.vectorBytes), means[vector]!))
      rest.set(k.add(rest.get, centred))
      squares.set(k.add(squares.get, k.mul(centred, centred)))
    }
  })
  return sums.map(({ rest, squares }) => ({ rest: k.let(rest.get), squares: k.let(squares.get) }))
}

/** Joins sections 0, 1, 2 … in this order. */
export function emitCombine(k: KernelBuilder, spec: Combine, units: Range, sliceRows: number): void {
  const { size, fn } = spec
  const sections = k.let(
    spec.sections === 'slices' ? k.div(k.add(k.global('rows'), sliceRows - 1), sliceRows) : k.int(spec.sections),
  )
  const from = (index: Value): Value => addressIn(k, spec.from, index)
  if (fn === 'moments') {
    emitMergeMoments(k, spec, sections, from, sliceRows)
    return
  }
  const join = (index: Value, lanes: number): void => {
    const first = from(index)
    const sum = k.variable(k.load('vec', first))
    k.loop(1, sections, 1, section => {
      const value = k.load('vec', k.add(first, k.mul(section, size * 4)))
      sum.set(joins[fn].two(k, sum.get, value))
    })
    k.store(elementAddress(k, spec.to, index), sum.get, 0, lanes)
  }
  const tail = size % k.lanes
  k.loop(k.mul(units.begin, MAP_UNIT), k.let(k.imin(k.mul(units.end, MAP_UNIT), size - tail)), k.lanes, index =>
    join(index, k.lanes),
  )
  if (tail) k.when(k.compare('eq', units.end, Math.ceil(size / MAP_UNIT)), () => join(k.int(size - tail), tail))
}

/** count = a + b, d = mean_b − mean_a: mean = mean_a + d · b/count, M2 = M2_a + M2_b + d² · a·b/count. Variance = M2 / count. */
function emitMergeMoments(
  k: KernelBuilder,
  spec: Combine,
  sections: Value,
  from: (index: Value) => Value,
  sliceRows: number,
): void {
  const channels = spec.size / 2
  const rows = k.let(k.global('rows'))
  vectorLoop(k, channels, (channel, lanes) => {
    const first = from(channel)
    const mean = k.variable(k.load('vec', first))
    const m2 = k.variable(k.load('vec', first, channels * 4))
    k.loop(1, sections, 1, section => {
      const at = k.plus(first, k.mul(section, spec.size * 4))
      const before = k.times(section, sliceRows)
      const here = k.let(k.imin(sliceRows, k.sub(rows, before)))
      const share = k.let(k.splat(k.div(k.floatOf('toFloat', here), k.floatOf('toFloat', k.add(before, here)))))
      const delta = k.let(k.sub(k.load('vec', at), mean.get))
      mean.set(k.add(mean.get, k.mul(delta, share)))
      const weight = k.times(share, k.splat(k.floatOf('toFloat', k.mul(before, spec.rowCount))))
      m2.set(k.add(k.add(m2.get, k.load('vec', at, channels * 4)), k.mul(k.mul(delta, delta), weight)))
    })
    const place = k.let(elementAddress(k, spec.to, channel))
    k.store(place, mean.get, 0, lanes)
    k.store(place, k.div(m2.get, k.splat(k.floatOf('toFloat', k.mul(rows, spec.rowCount)))), channels * 4, lanes)
  })
}
