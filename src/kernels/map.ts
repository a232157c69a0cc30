/** Element-wise kernels: any number of results over one iteration space, operands with any strides (so also copies and views). */
import type { Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { LANES, type Value } from './ir.ts'
import { Evaluator, mergeAxes, varyingOf, vectorLoop } from './nest.ts'

/** Elements of one unit of a kernel that is not split by rows. */
export const MAP_UNIT = 1024

type MapSpec = Extract<Spec, { kind: 'map' }>

/**
 * Merged axes of a map. A batched one keeps the batch as axis 0 and has at least one more; where results are not written in steps
 * of one, a last axis of extent 1 is added.
 */
export function mapAxes({ shape, batched, expression }: MapSpec) {
  const own = shape.length === 0 ? [1] : shape
  const varying = varyingOf(shape, expression)
  const merge = (full: readonly number[], separateLast: boolean) => {
    const pad = (strides: readonly number[]): number[] => full.map((_, axis) => strides[axis] ?? 0)
    const results = expression.results.map(({ node, access }) => ({
      node,
      access: { ...access, strides: pad(access.strides) },
    }))
    const padded = varying.map(each => ({ ...each, strides: pad(each.strides) }))
    const together = (outer: number, inner: number): boolean =>
      !(batched && outer === 0) && !(separateLast && inner === full.length - 1)
    const axes = mergeAxes(full, [...full.keys()], [...padded, ...results.map(result => result.access)], together)
    return { axes, varying: padded, results }
  }
  const merged = merge(batched && own.length === 1 ? [...own, 1] : own, false)
  const innermost = merged.axes.groups.at(-1)!.at(-1)!
  const inSteps =
    merged.axes.extents.at(-1) === 1 || merged.results.every(({ access }) => access.strides[innermost] === 1)
  return inSteps ? merged : merge([...own, 1], true)
}

/** Units of an unbatched map: pieces of MAP_UNIT elements when everything merges into one axis, else the outermost axis. */
export function mapUnits(spec: MapSpec): number {
  const { extents } = mapAxes(spec).axes
  return extents.length === 1 ? Math.ceil(extents[0]! / MAP_UNIT) : extents[0]!
}

/** `begin` … `end`: rows of the batch, or units. */
export function emitMap(k: KernelBuilder, spec: MapSpec, begin: Value, end: Value): void {
  const { axes, varying, results } = mapAxes(spec)
  const evaluator = new Evaluator(k, varying, spec.expression, axes)
  const store = (lanes: number): void => {
    for (const { node, access } of results) {
      k.store(elementAddress(k, access, evaluator.element(access.strides)), evaluator.value(node), 0, lanes)
    }
  }
  const inner = (index: Value, lanes: number): void => {
    evaluator.enter(index)
    store(lanes)
    evaluator.leave()
  }
  if (axes.extents.length === 1) {
    const extent = axes.extents[0]!
    const tail = extent % LANES
    // Units end at a multiple of the lanes, the last one at the tensor's end.
    const whole = k.let(k.imin(k.mul(end, MAP_UNIT), extent - tail))
    k.loop(k.mul(begin, MAP_UNIT), whole, LANES, index => inner(index, LANES))
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
