/** Lowerings of what few predictions have: statistics of a batch, sampling, padding, concatenation. */
import { type Shape, sameShape, sizeOf, stridesOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import { type Lowerings, pictureSplit } from './lower-shared.ts'
import type { Lowering, natural } from './lowering.ts'
import { type Result, SLICE_ROWS, type Spec } from './types.ts'

export const rarerLowerings: Lowerings<'batchMoments' | 'affineSample' | 'pad' | 'concat'> = {
  batchMoments: lowerMoments,
  affineSample: lowerAffine,
  pad: lowerPad,
  concat: lowerConcat,
}

function lowerMoments(lowering: Lowering, node: NodeOf<'batchMoments'>): void {
  const [x] = node.inputs as [Node]
  const input = lowering.contiguous(x)
  const channels = x.shape.at(-1)!
  const pixels = sizeOf(x.shape.slice(1, -1))
  const parts = lowering.newBuffer(
    `parts of moments ${node.id}`,
    Math.ceil(lowering.graph.batch / SLICE_ROWS) * 2 * channels,
    { batched: true },
  )
  const to = lowering.destination(node)
  lowering.kernel({
    name: 'moments',
    spec: { kind: 'moments', x: input, to: parts, pixels, channels },
    split: 'rows',
    reads: [input.buffer],
    writes: [parts],
    scratch: 0,
  })
  const join: Spec = {
    kind: 'combine',
    fn: 'moments',
    from: parts,
    to,
    size: 2 * channels,
    sections: 'slices',
    rowCount: pixels,
  }
  lowering.kernel({
    name: 'join moments',
    spec: join,
    split: 'units',
    units: 1,
    reads: [parts],
    writes: [to.buffer],
    scratch: 0,
  })
}

function lowerAffine(lowering: Lowering, node: NodeOf<'affineSample'>): void {
  const [x, transform] = node.inputs.map(input => lowering.contiguous(input)) as [
    ReturnType<typeof natural>,
    ReturnType<typeof natural>,
  ]
  const y = lowering.destination(node)
  const spec: Spec = { kind: 'affineSample', x, transform, y, shape: node.shape, sampling: node.attributes }
  lowering.kernel({
    name: 'affine sampling',
    spec,
    ...pictureSplit(node),
    reads: [x.buffer, transform.buffer],
    writes: [y.buffer],
    scratch: 0,
  })
}

/** Fill everything, then copy the inside. */
function lowerPad(lowering: Lowering, node: NodeOf<'pad'>): void {
  const [x] = node.inputs as [Node]
  const to = lowering.destination(node)
  fill(lowering, to, node.shape, node.batched, node.attributes.value)
  const offset = node.attributes.before.reduce((sum, before, axis) => sum + before * to.strides[axis]!, 0)
  lowering.map('pad', x.shape, x.batched, [{ node: x, access: { ...to, offset } }])
}

function fill(lowering: Lowering, to: ReturnType<typeof natural>, shape: Shape, batched: boolean, value: number): void {
  const spec: Spec = { kind: 'fill', to, shape, batched, value }
  lowering.kernel({ name: 'fill', spec, split: batched ? 'rows' : 'units', reads: [], writes: [to.buffer], scratch: 0 })
}

/** Neighbours of one shape are written by one kernel. */
function lowerConcat(lowering: Lowering, node: NodeOf<'concat'>): void {
  const to = lowering.destination(node)
  const { axis } = node.attributes
  const stride = stridesOf(node.shape)[axis]!
  const runs: Result[][] = []
  let start = 0
  for (const [index, piece] of node.inputs.entries()) {
    const before = node.inputs[index - 1]
    if (!before || !sameShape(before.shape, piece.shape)) runs.push([])
    runs.at(-1)!.push({ node: piece, access: { ...to, offset: start * stride } })
    start += piece.shape[axis]!
  }
  for (const run of runs) lowering.map('concatenate', run[0]!.node.shape, node.batched, run)
}
