/**
 * Sums and maxima over axes, of expressions computed on the way. Lanes run along the last axis: where it is kept, a few vectors of
 * sums at a time are carried through the reduced axes; where it is reduced, the lanes are joined at the end, in a fixed tree.
 */
import { mergeAxes, varyingOf } from '../plan/axes.ts'
import type { Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder, Variable } from './builder.ts'
import type { Value } from './ir.ts'
import { joins } from './joins.ts'
import { joinLanes, maskLanes, takeLanes } from './lanes.ts'
import { chunks, ElementValues, vectorLoop } from './nest.ts'

type ReduceSpec = Extract<Spec, { kind: 'reduce' }>

/**
 * `begin` … `end`: rows of the batch (kept, or reduced within a slice), or units of the first axis. With `partial`, results have one
 * more section per slice or unit: `section` is its number.
 */
export function emitReduce(k: KernelBuilder, spec: ReduceSpec, begin: Value, end: Value, section: Value): void {
  const { fn } = spec
  const { shape, reducedAxes, expression, varying } = inAxes(spec)
  const last = shape.length - 1
  const reduced = (axis: number): boolean => reducedAxes.includes(axis)
  const outer = [...shape.keys()].slice(0, -1)
  const order = [...outer.filter(axis => !reduced(axis)), ...outer.filter(reduced), last]
  const operands = [...varying, ...expression.results.map(result => result.access)]
  const axes = mergeAxes(
    shape,
    order,
    operands,
    (a, b) => a !== 0 && b !== 0 && b !== last && reduced(a) === reduced(b),
  )
  const evaluator = new ElementValues(k, varying, expression, axes)
  const keptLoops = axes.groups.filter(group => group[0] !== last && !reduced(group[0]!)).length
  const depth = axes.groups.length

  const loopOver = (from: number, to: number, body: () => void): void => {
    if (from === to) {
      body()
      return
    }
    const ranged = axes.groups[from]![0] === 0
    k.loop(ranged ? begin : 0, ranged ? end : axes.extents[from]!, 1, index => {
      evaluator.enter(index)
      loopOver(from + 1, to, body)
      evaluator.leave()
    })
  }
  const { initial, two } = joins[fn]
  const values = (): Value[] => expression.results.map(({ node }) => evaluator.value(node))
  const start = (): Variable[] => expression.results.map(() => k.variable(k.vec(initial)))
  /** Elements of one section of result `index`. */
  const sectionSize = (index: number): number => {
    const { buffer } = expression.results[index]!.access
    const kept = shape.filter((_, axis) => !reduced(axis)).reduce((product, extent) => product * extent, 1)
    return spec.partial ? kept : buffer.size
  }
  const storeAt = (index: number, element: Value, value: Value, lanes: number): void => {
    const { access } = expression.results[index]!
    const place = spec.partial ? k.add(element, k.mul(section, sectionSize(index))) : element
    k.store(elementAddress(k, access, place), value, 0, lanes)
  }

  if (reduced(last)) {
    loopOver(0, keptLoops, () => {
      const sums = start()
      const places = expression.results.map(({ access }) => k.let(evaluator.element(access.strides)))
      loopOver(keptLoops, depth - 1, () =>
        vectorRange(k, shape.length === 1 ? [begin, end] : undefined, axes.extents[depth - 1]!, (index, lanes) => {
          evaluator.enter(index)
          for (const [index, value] of values().entries()) {
            const kept = lanes === k.lanes ? value : maskLanes(k, value, lanes, initial)
            takeLanes(k, sums[index]!, kept, lanes, fn)
          }
          evaluator.leave()
        }),
      )
      for (const [index, sum] of sums.entries()) storeAt(index, places[index]!, k.splat(joinLanes(k, sum.get, fn)), 1)
    })
    return
  }
  loopOver(0, keptLoops, () => {
    const extent = axes.extents[depth - 1]!
    const places = expression.results.map(({ access }) => k.let(evaluator.element(access.strides)))
    chunks(k, extent, (first, lanesOf) => {
      const sums = lanesOf.map(start)
      loopOver(keptLoops, depth - 1, () => {
        for (const [vector, set] of sums.entries()) {
          evaluator.enter(k.add(first, vector * k.lanes))
          for (const [index, value] of values().entries()) set[index]!.set(two(k, set[index]!.get, value))
          evaluator.leave()
        }
      })
      for (const [vector, set] of sums.entries()) {
        for (const [index, sum] of set.entries()) {
          storeAt(index, k.add(places[index]!, k.add(first, vector * k.lanes)), sum.get, lanesOf[vector]!)
        }
      }
    })
  })
}

/** What is reduced, along the axes of the loops: a plain vector [N] gets a unit axis, so that its rows stay a loop of their own. */
function inAxes({ shape, axes, batched, expression }: ReduceSpec) {
  const varying = varyingOf(shape, expression)
  if (!batched || shape.length > 1) return { shape, reducedAxes: axes, expression, varying }
  const pad = (strides: readonly number[]): number[] => [...strides, 0]
  const results = expression.results.map(({ node, access }) => ({
    node,
    access: { ...access, strides: pad(access.strides) },
  }))
  return {
    shape: [...shape, 1],
    reducedAxes: [0, 1],
    expression: { ...expression, results },
    varying: varying.map(each => ({ ...each, strides: pad(each.strides) })),
  }
}

/** Like vectorLoop, over a run-time range whose end is a multiple of the lanes or the extent. */
function vectorRange(
  k: KernelBuilder,
  range: [Value, Value] | undefined,
  extent: number,
  body: (index: Value, lanes: number) => void,
): void {
  if (!range) {
    vectorLoop(k, extent, body)
    return
  }
  const tail = extent % k.lanes
  k.loop(range[0], k.let(k.imin(range[1], extent - tail)), k.lanes, index => body(index, k.lanes))
  if (tail) k.when(k.compare('eq', range[1], extent), () => body(k.int(extent - tail), tail))
}
