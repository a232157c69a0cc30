/** Kernels of dense layers: forward, input gradient, weight gradient. */
import type { Node, NodeOf } from '../graph/node.ts'
import { inputPanel, weightGradUnits } from './cpu/workspace.ts'
import type { Job } from './fuse.ts'
import { ofEpilogue, packed } from './lower-shared.ts'
import type { Lowering } from './lowering.ts'
import { SLICE_ROWS, type Weight } from './types.ts'

export function lowerMatmul(lowering: Lowering, node: NodeOf<'matmul'>, job: Job): void {
  const [a, b] = node.inputs as [Node, Node]
  const { target } = lowering
  const { transposeA, transposeB } = node.attributes
  const epilogue = lowering.epilogue(job)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  const left = lowering.contiguous(a)
  if (transposeA) {
    const right = lowering.contiguous(b)
    const [inner, columns] = node.shape as [number, number]
    const layout = lowering.layoutOf(node)
    const spec = {
      kind: 'matmulWeightGrad',
      x: left,
      dy: right,
      rows: a.shape[0]!,
      inner,
      columns,
      batched: a.batched,
      layout,
      epilogue,
    } as const
    lowering.kernel({
      name: 'weight gradient',
      spec,
      split: 'units',
      units: weightGradUnits(target, inner, columns),
      reads: [left.buffer, right.buffer, ...reads],
      writes,
    })
    return
  }
  const rows = a.shape[0]!
  // inner, columns: those of the weight, I × O.
  const [inner, columns] = b.shape as [number, number]
  const weight = matrixWeight(lowering, b)
  const split = a.batched && inner * columns <= target.dense.weightsOfSlice ? 'rows' : 'units'
  const common = { weight, rows, inner, columns, batched: a.batched, epilogue }
  const shared = { split, reads: [left.buffer, weight.buffer, ...reads], writes } as const
  if (transposeB) {
    const spec = { kind: 'matmulInputGrad', dy: left, ...common, rows: split === 'rows' ? SLICE_ROWS : rows } as const
    lowering.kernel({
      ...shared,
      name: 'dense input gradient',
      spec,
      units: Math.ceil(inner / inputPanel(target)),
    })
  } else {
    lowering.kernel({
      ...shared,
      name: 'dense',
      spec: { kind: 'matmul', a: left, ...common },
      units: Math.ceil(columns / target.block),
    })
  }
}

/** An I × O matrix in blocked order: as it lies, or packed now. */
function matrixWeight(lowering: Lowering, node: Node): Weight {
  const [inner, columns] = node.shape as [number, number]
  const access = lowering.contiguous(node)
  const ready = access.offset === 0 && (columns <= lowering.target.block || access.buffer.layout === 'blocked')
  if (ready) return { buffer: access.buffer, groupSize: inner * columns }
  const buffer = packed(lowering, node, { kind: 'forward', taps: 1, channels: inner, filters: columns, groups: 1 })
  return { buffer, groupSize: inner * columns }
}
