/**
 * Element-wise kernels that also add up some of their results over all axes but the last (gradients of biases, of a batch norm's scale
 * and shift), a section of sums per slice. Pixels are walked in blocks, so that sums stay in registers along a block and operands in
 * the cache from one piece of channels to the next.
 */
import { type MapSpec, mapAxes } from '../plan/axes.ts'
import type { KernelBuilder, Variable } from './builder.ts'
import { clearSums, sumsStart } from './channel-sums.ts'
import type { Value } from './ir.ts'
import { chunks, ElementValues } from './nest.ts'

/** Pixels in one block. */
const BLOCK_PIXELS = 16

export function emitMapSums(k: KernelBuilder, spec: MapSpec, first: Value, last: Value, section: Value): void {
  const { axes, varying, results, stored } = mapAxes(spec)
  const channels = axes.extents.at(-1)!
  const summed = results.filter(result => result.summed)
  const sections = summed.map(({ access }) => sumsStart(k, access, section, channels))
  const evaluator = new ElementValues(
    k,
    varying,
    spec.expression,
    axes,
    stored.map(({ access }) => access),
  )
  const depth = axes.extents.length
  for (const start of sections) clearSums(k, start, channels)
  /** One pixel's piece of channels. */
  const piece = (first: Value, lanesOf: readonly number[], sums: readonly (readonly Variable[])[]): void => {
    for (const [vector, lanes] of lanesOf.entries()) {
      evaluator.enter(k.add(first, vector * k.lanes))
      for (const { node, access } of stored) k.store(evaluator.address(access), evaluator.value(node), 0, lanes)
      for (const [index, { node }] of summed.entries()) {
        const sum = sums[vector]![index]!
        sum.set(k.add(sum.get, evaluator.value(node)))
      }
      evaluator.leave()
    }
  }
  const block = (begin: Value, end: Value): void => {
    chunks(k, channels, (first, lanesOf) => {
      const places = sections.map(start => k.plus(start, k.mul(first, 4)))
      const sums = lanesOf.map((_, vector) =>
        places.map(place => k.variable(k.load('vec', place, vector * k.lanes * 4))),
      )
      k.loop(begin, end, 1, index => {
        evaluator.enter(index)
        piece(first, lanesOf, sums)
        evaluator.leave()
      })
      for (const [vector, lanes] of lanesOf.entries()) {
        for (const [index, place] of places.entries())
          k.store(place, sums[vector]![index]!.get, vector * k.lanes * 4, lanes)
      }
    })
  }
  const descend = (axis: number): void => {
    const [begin, end] = axis === 0 ? [first, last] : [k.int(0), k.int(axes.extents[axis]!)]
    if (axis < depth - 2) {
      k.loop(begin, end, 1, index => {
        evaluator.enter(index)
        descend(axis + 1)
        evaluator.leave()
      })
    } else if (axis > 0 && axes.extents[axis]! > BLOCK_PIXELS && channels > k.target.carried * k.lanes) {
      k.loop(begin, end, BLOCK_PIXELS, first => {
        const stop = k.imin(k.add(first, BLOCK_PIXELS), axes.extents[axis]!)
        block(first, k.let(stop))
      })
    } else block(begin, end)
  }
  descend(0)
}
