/** Kernels of dense layers. (Their gradients: lower-dense-gradient.ts.) */
import type { Node, NodeOf } from '../graph/node.ts'
import type { Job } from './fuse.ts'
import { ofEpilogue, packedByTaps } from './lower-shared.ts'
import type { Lowering } from './lowering.ts'
import type { Weight } from './types.ts'

export function lowerMatmul(lowering: Lowering, node: NodeOf<'matmul'>, job: Job): void {
  const { left, common, request } = weightProduct(lowering, node, job)
  lowering.kernel({
    ...request,
    name: 'dense',
    spec: { kind: 'matmul', a: left, ...common },
    units: Math.ceil(common.columns / lowering.target.block),
    scratch: 0,
  })
}

/** What products with a weight have in common. `inner`, `columns`: those of the weight, I × O. */
export function weightProduct(lowering: Lowering, node: NodeOf<'matmul'>, job: Job) {
  const [a, b] = node.inputs as [Node, Node]
  const epilogue = lowering.epilogue(job)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  const left = lowering.contiguous(a)
  const [inner, columns] = b.shape as [number, number]
  const weight = matrixWeight(lowering, b)
  const split: 'rows' | 'units' =
    a.batched && inner * columns <= lowering.target.dense.weightsOfSlice ? 'rows' : 'units'
  return {
    left,
    common: { weight, rows: a.shape[0]!, inner, columns, batched: a.batched, epilogue },
    request: { split, reads: [left.buffer, weight.buffer, ...reads], writes },
  }
}

/** An I × O matrix in blocked order: as it lies, or packed now. */
function matrixWeight(lowering: Lowering, node: Node): Weight {
  const [inner, columns] = node.shape as [number, number]
  const access = lowering.contiguous(node)
  const ready = access.offset === 0 && (columns <= lowering.target.block || access.buffer.layout === 'blocked')
  if (ready) return { buffer: access.buffer, groupSize: inner * columns }
  const buffer = packedByTaps(lowering, node, {
    kind: 'forward',
    taps: 1,
    channels: inner,
    filters: columns,
    groups: 1,
  })
  return { buffer, groupSize: inner * columns }
}
