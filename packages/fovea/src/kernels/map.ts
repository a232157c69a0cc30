/** Element-wise kernels: any number of results over one iteration space, operands with any strides (so also copies and views). */
import { MAP_UNIT, type MapSpec, mapAxes } from '../plan/axes.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { ElementValues, vectorLoop } from './nest.ts'

/** `begin` … `end`: rows of the batch, or units. No result is summed (map-sums.ts). */
export function emitMap(k: KernelBuilder, spec: MapSpec, begin: Value, end: Value): void {
  const { axes, varying, stored } = mapAxes(spec)
  const accesses = stored.map(({ access }) => access)
  const evaluator = new ElementValues(k, varying, spec.expression, axes, accesses)
  const inner = (index: Value, lanes: number): void => {
    evaluator.enter(index)
    for (const { node, access } of stored) k.store(evaluator.address(access), evaluator.value(node), 0, lanes)
    evaluator.leave()
  }
  if (axes.extents.length === 1) {
    const extent = axes.extents[0]!
    const tail = extent % k.lanes
    // Units end at a multiple of the lanes, the last one at the tensor's end.
    const whole = k.let(k.imin(k.mul(end, MAP_UNIT), extent - tail))
    k.loop(k.mul(begin, MAP_UNIT), whole, k.lanes, index => inner(index, k.lanes))
    if (tail) k.when(k.compare('eq', end, Math.ceil(extent / MAP_UNIT)), () => inner(k.int(extent - tail), tail))
    return
  }
  const descend = (axis: number): void => {
    const extent = axes.extents[axis]!
    if (axis === axes.extents.length - 1) {
      vectorLoop(k, extent, inner)
      return
    }
    k.loop(axis === 0 ? begin : 0, axis === 0 ? end : extent, 1, index => {
      evaluator.enter(index)
      descend(axis + 1)
      evaluator.leave()
    })
  }
  descend(0)
}
