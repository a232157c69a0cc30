/** Kernels of the gradients of dense layers: products that have one side transposed. */
import type { Node, NodeOf } from '../graph/node.ts'
import { inputGradParts, inputPanel, weightGradParts, weightGradUnits } from './cpu/gradient-space.ts'
import type { Job } from './fuse.ts'
import { lowerMatmul, weightProduct } from './lower-dense.ts'
import { ofEpilogue } from './lower-shared.ts'
import type { Lowering } from './lowering.ts'
import { SLICE_ROWS } from './types.ts'

export function lowerAnyMatmul(lowering: Lowering, node: NodeOf<'matmul'>, job: Job): void {
  if (node.attributes.transposeA) lowerWeightGrad(lowering, node, job)
  else if (node.attributes.transposeB) lowerDenseInputGrad(lowering, node, job)
  else lowerMatmul(lowering, node, job)
}

function lowerWeightGrad(lowering: Lowering, node: NodeOf<'matmul'>, job: Job): void {
  const [a, b] = node.inputs as [Node, Node]
  const epilogue = lowering.epilogue(job)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  const [left, right] = [lowering.contiguous(a), lowering.contiguous(b)]
  const [inner, columns] = node.shape as [number, number]
  const spec = {
    kind: 'matmulWeightGrad',
    x: left,
    dy: right,
    rows: a.shape[0]!,
    inner,
    columns,
    batched: a.batched,
    layout: lowering.layoutOf(node),
    epilogue,
  } as const
  lowering.kernel({
    name: 'weight gradient',
    spec,
    split: 'units',
    units: weightGradUnits(lowering.target, inner, columns),
    reads: [left.buffer, right.buffer, ...reads],
    writes,
    scratch: weightGradParts(lowering.target, spec).end,
  })
}

function lowerDenseInputGrad(lowering: Lowering, node: NodeOf<'matmul'>, job: Job): void {
  const { left, common, request } = weightProduct(lowering, node, job)
  const rows = request.split === 'rows' ? SLICE_ROWS : common.rows
  const spec = { kind: 'matmulInputGrad', dy: left, ...common, rows } as const
  lowering.kernel({
    ...request,
    name: 'dense input gradient',
    spec,
    units: Math.ceil(common.inner / inputPanel(lowering.target)),
    scratch: inputGradParts(lowering.target, spec).end,
  })
}
