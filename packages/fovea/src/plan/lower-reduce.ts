/**
 * Reductions. Over the batch: per slice, then joined in slice order. Over everything in an unbatched tensor: per block of elements,
 * then joined in block order. Else at once.
 */
import { sizeOf } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { MAP_UNIT } from './axes.ts'
import type { Job } from './fuse.ts'
import { sumsChannels } from './fuse-reductions.ts'
import { type Lowering, natural } from './lowering.ts'
import { isInline, isPositional, isReduction, type NodeIn, type ReductionKind } from './operations.ts'
import type { Access, Buffer, Expression } from './types.ts'

/** Adds up the slices' sums of channels that a job's kernel has written. */
export function joinSums(lowering: Lowering, job: Job): void {
  for (const node of job.results) {
    if (isReduction(node)) combine(lowering, node, lowering.partsOf(node), lowering.destination(node), 'slices')
  }
}

function combine(
  lowering: Lowering,
  node: NodeIn<ReductionKind>,
  from: Buffer,
  to: Access,
  sections: number | 'slices',
): void {
  const { fn, axes } = node.attributes
  const size = sizeOf(node.shape)
  lowering.kernel({
    name: `join ${fn} over ${axes.join(',')}`,
    spec: { kind: 'combine', fn, from, to, size, sections, rowCount: 0 },
    split: 'units',
    units: Math.ceil(size / MAP_UNIT),
    reads: [from],
    writes: [to.buffer],
    scratch: 0,
  })
}

export function lowerReduce(lowering: Lowering, job: Job): void {
  const anchor = job.anchor as NodeIn<ReductionKind>
  const [operand] = anchor.inputs as [NodeIn<ReductionKind>['inputs'][number]]
  const { fn, axes } = anchor.attributes
  const overBatch = operand.batched && axes.includes(0)
  const destinations = job.results.map(node => lowering.destination(node))
  const keptSize = sizeOf(anchor.shape)

  // What is reduced, and where it goes, as seen along the operand's axes.
  const kept = (access: Access): number[] => {
    let axis = 0
    return operand.shape.map((_, index) => (axes.includes(index) ? 0 : access.strides[axis++]!))
  }
  const computed = lowering.expression(
    job.results.map(node => ({ node: node.inputs[0]!, access: natural(destinations[0]!.buffer, operand.shape) })),
    operand.shape,
  )
  const along = (accesses: readonly Access[]): Expression => ({
    leaves: computed.leaves,
    results: computed.results.map(({ node }, index) => ({
      node,
      access: { ...accesses[index]!, strides: kept(accesses[index]!) },
    })),
  })
  const name = `${fn} ${job.results.length > 1 ? `× ${job.results.length} ` : ''}over ${axes.join(',')}`
  const reads = lowering.buffersOf(computed)
  const base = { kind: 'reduce', fn, batched: operand.batched } as const

  const nodes = job.results as NodeIn<ReductionKind>[]
  const placed = (buffers: readonly Buffer[]): Access[] =>
    nodes.map((node, index) => ({ ...natural(destinations[index]!.buffer, node.shape), buffer: buffers[index]! }))
  if (overBatch && sumsChannels(anchor)) {
    lowering.map(name, operand.shape, true, lowering.resultsOf(job), job)
    joinSums(lowering, job)
    return
  }
  if (overBatch) {
    const parts = placed(nodes.map(node => lowering.partsOf(node)))
    lowering.kernel({
      name,
      spec: { ...base, shape: operand.shape, axes, expression: along(parts), partial: true },
      split: 'rows',
      reads,
      writes: parts.map(part => part.buffer),
      scratch: 0,
    })
    joinSums(lowering, job)
    return
  }
  const extents = operand.shape
  const ordered = [...computed.leaves.values()].every(
    ({ strides }) => isScalar(strides, extents) || isNatural(strides, extents),
  )
  const drawn = computed.results.some(({ node }) => draws(node))
  if (!operand.batched && axes.length === extents.length && ordered && !drawn) {
    const size = sizeOf(extents)
    const units = Math.ceil(size / MAP_UNIT)
    const parts =
      units > 1
        ? placed(nodes.map(node => lowering.newBuffer(`parts of reduce ${node.id}`, units * keptSize)))
        : destinations
    const expression = lowering.flattened(along(parts), extents)
    const flat = {
      ...expression,
      results: expression.results.map(({ node, access }) => ({ node, access: { ...access, strides: [0] } })),
    }
    lowering.kernel({
      name,
      spec: { ...base, shape: [size], axes: [0], expression: flat, partial: units > 1 },
      split: 'units',
      units,
      reads,
      writes: parts.map(part => part.buffer),
      scratch: 0,
    })
    for (const [index, part] of parts.entries()) {
      if (units > 1) combine(lowering, nodes[index]!, part.buffer, destinations[index]!, units)
    }
    return
  }
  lowering.kernel({
    name,
    spec: { ...base, shape: extents, axes, expression: along(destinations), partial: false },
    split: operand.batched ? 'rows' : 'units',
    units: 1,
    reads,
    writes: destinations.map(destination => destination.buffer),
    scratch: 0,
  })
}

/** Counts or draws somewhere: then the axes matter. */
function draws(node: Node): boolean {
  return isPositional(node) || (isInline(node) && node.inputs.some(draws))
}

function isScalar(strides: readonly number[], shape: readonly number[]): boolean {
  return strides.every((stride, axis) => stride === 0 || shape[axis] === 1)
}

function isNatural(strides: readonly number[], shape: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false
    expected *= shape[axis]!
  }
  return true
}
