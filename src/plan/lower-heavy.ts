/** Kernels of the operations that are not element-wise: which implementation, which weights packed how, split how. */
import { InternalError } from '../base/errors.ts'
import { type Shape, sizeOf, stridesOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import { baseOf, type Job } from './fuse.ts'
import { forwardGeometry, inputGradGeometry } from './geometry.ts'
import { lowerWinogradConv, lowerWinogradFilterGrad, winogradForm } from './lower-winograd.ts'
import { type Lowering, natural } from './lowering.ts'
import { BLOCK, type Buffer, type Epilogue, type Packing, SLICE_ROWS, type Spec, type Weight } from './types.ts'
import { winogradSize } from './winograd.ts'
import {
  filterGradUnits,
  inputGradScratch,
  paddedBytes,
  poolScratch,
  weightGradScratch,
  weightGradUnits,
} from './workspace.ts'

/** Dense layers up to this many weights are split by rows (no barrier); larger ones by outputs, so that weights stream once. */
const ROW_SPLIT_WEIGHTS = 32768
/** Filters up to this many weights are summed per slice, in parallel over the batch; larger ones by filter blocks. */
const PARTIAL_FILTER = 32768

export function lowerHeavy(lowering: Lowering, job: Job): void {
  const node = job.anchor
  switch (node.kind) {
    case 'matmul':
      lowerMatmul(lowering, job, node)
      return
    case 'conv2d':
    case 'conv2dInputGrad':
      lowerConv(lowering, job, node)
      return
    case 'conv2dFilterGrad':
      lowerFilterGrad(lowering, job, node)
      return
    case 'maxPool2d':
    case 'averagePool2d':
      lowerPool(lowering, node)
      return
    case 'maxPool2dGrad':
    case 'averagePool2dGrad':
      lowerPoolGrad(lowering, job, node)
      return
    case 'softmax':
    case 'logSoftmax':
    case 'argmax':
      lowerRowwise(lowering, node)
      return
    case 'batchMoments':
      lowerMoments(lowering, node)
      return
    case 'affineSample':
      lowerAffine(lowering, node)
      return
    case 'pad':
      lowerPad(lowering, node)
      return
    case 'concat':
      lowerConcat(lowering, node)
      return
    default:
      throw new InternalError('plan', `no kernel for ${node.kind}`)
  }
}

/** What the epilogue reads and writes besides the operands. */
function ofEpilogue(lowering: Lowering, epilogue: Epilogue): { reads: Buffer[]; writes: Buffer[] } {
  return { reads: lowering.buffersOf(epilogue), writes: epilogue.results.map(({ access }) => access.buffer) }
}

function lowerMatmul(lowering: Lowering, job: Job, node: NodeOf<'matmul'>): void {
  const [a, b] = node.inputs as [Node, Node]
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
      units: weightGradUnits(inner, columns),
      reads: [left.buffer, right.buffer, ...reads],
      writes,
      scratch: weightGradScratch(spec),
    })
    return
  }
  const rows = a.shape[0]!
  // inner, columns: those of the weight, I × O.
  const [inner, columns] = b.shape as [number, number]
  const weight = matrixWeight(lowering, b)
  const split = a.batched && inner * columns <= ROW_SPLIT_WEIGHTS ? 'rows' : 'units'
  const common = { weight, rows, inner, columns, batched: a.batched, epilogue }
  const shared = { split, reads: [left.buffer, weight.buffer, ...reads], writes } as const
  if (transposeB) {
    const spec = { kind: 'matmulInputGrad', dy: left, ...common, rows: split === 'rows' ? SLICE_ROWS : rows } as const
    lowering.kernel({
      ...shared,
      name: 'dense input gradient',
      spec,
      units: Math.ceil(inner / 4),
      scratch: inputGradScratch(spec),
    })
  } else {
    lowering.kernel({
      ...shared,
      name: 'dense',
      spec: { kind: 'matmul', a: left, ...common },
      units: Math.ceil(columns / BLOCK),
    })
  }
}

/** Pictures of the batch are rows; pictures of an unbatched tensor are units. */
function pictureSplit(x: Node): { split: 'rows' | 'units'; units: number } {
  return x.batched ? { split: 'rows', units: 1 } : { split: 'units', units: x.shape[0]! }
}

/** An I × O matrix in blocked order: as it lies, or packed now. */
function matrixWeight(lowering: Lowering, node: Node): Weight {
  const [inner, columns] = node.shape as [number, number]
  const access = lowering.contiguous(node)
  const ready = access.offset === 0 && (columns <= BLOCK || access.buffer.layout === 'blocked')
  if (ready) return { buffer: access.buffer, groupSize: inner * columns }
  return packed(lowering, node, { kind: 'forward', taps: 1, channels: inner, filters: columns, groups: 1 })
}

function packed(lowering: Lowering, node: Node, packing: Packing): Weight {
  const { buffer: from } = lowering.contiguous(node, true)
  const to = lowering.newBuffer(`packed ${baseOf(node).kind} ${node.id}`, sizeOf(node.shape))
  lowering.kernel({
    name: `pack ${packing.kind}`,
    spec: { kind: 'pack', from, to, packing },
    split: 'units',
    units: packing.taps,
    reads: [from],
    writes: [to],
  })
  return { buffer: to, groupSize: sizeOf(node.shape) / packing.groups }
}

function lowerConv(lowering: Lowering, job: Job, node: NodeOf<'conv2d'> | NodeOf<'conv2dInputGrad'>): void {
  const [x, filter] = node.inputs as [Node, Node]
  const [r, s, channels, filters] = filter.shape as [number, number, number, number]
  const { groups } = node.attributes
  const geometryOf = node.kind === 'conv2d' ? forwardGeometry : inputGradGeometry
  const geometry = geometryOf(node.attributes, x.shape, node.shape, filter.shape)
  const tile = winogradSize(lowering.algorithm, geometry)
  if (tile) {
    lowerWinogradConv(lowering, node, winogradForm(node, geometry, tile), tile, pictureSplit(x), lowering.epilogue(job))
    return
  }
  const input = lowering.contiguous(x)
  const size = { taps: r * s, channels, filters, groups }
  let weight: Weight
  if (node.kind === 'conv2d') {
    const { buffer } = lowering.contiguous(filter, true)
    const ready = groups === 1 && (filters <= BLOCK || buffer.layout === 'blocked')
    weight = ready
      ? { buffer, groupSize: sizeOf(filter.shape) }
      : packed(lowering, filter, { kind: 'forward', ...size })
  } else {
    weight = packed(lowering, filter, { kind: 'turned', ...size, from: lowering.contiguous(filter).buffer.layout })
  }
  const epilogue = lowering.epilogue(job)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  lowering.kernel({
    name: node.kind === 'conv2d' ? 'convolution' : 'convolution input gradient',
    spec: { kind: 'conv2d', x: input, weight, geometry, epilogue },
    ...pictureSplit(x),
    reads: [input.buffer, weight.buffer, ...reads],
    writes,
    scratch: paddedBytes(geometry),
  })
}

function lowerFilterGrad(lowering: Lowering, job: Job, node: NodeOf<'conv2dFilterGrad'>): void {
  const [x, dy] = node.inputs as [Node, Node]
  const [input, gradient] = [lowering.contiguous(x), lowering.contiguous(dy)]
  const geometry = forwardGeometry(node.attributes, x.shape, dy.shape, node.shape)
  const tile = winogradSize(lowering.algorithm, geometry)
  if (tile) {
    lowerWinogradFilterGrad(lowering, job, node, geometry, tile, pictureSplit(x))
    return
  }
  const size = sizeOf(node.shape)
  const partial = x.batched && size <= PARTIAL_FILTER
  const epilogue = lowering.epilogue(job)
  const destination = epilogue.results[0]!.access
  const layout = lowering.layoutOf(node)
  const sections = Math.ceil(lowering.graph.batch / SLICE_ROWS)
  const parts = partial
    ? lowering.newBuffer(`parts of filter gradient ${node.id}`, sections * size, { batched: true })
    : undefined
  const target = parts ? { ...epilogue, results: [{ node, access: natural(parts, node.shape) }] } : epilogue
  const spec = {
    kind: 'conv2dFilterGrad',
    x: input,
    dy: gradient,
    geometry,
    layout,
    rows: x.shape[0]!,
    batched: x.batched,
    partial,
    epilogue: target,
  } as const
  lowering.kernel({
    name: 'filter gradient',
    spec,
    split: partial ? 'rows' : 'units',
    units: filterGradUnits(spec),
    reads: [input.buffer, gradient.buffer],
    writes: [parts ?? destination.buffer],
    scratch: paddedBytes(geometry),
  })
  if (!parts) return
  const join: Spec = { kind: 'combine', fn: 'sum', from: parts, to: destination, size, sections: 'slices', rowCount: 0 }
  lowering.kernel({
    name: 'join filter gradient',
    spec: join,
    split: 'units',
    units: Math.ceil(size / 1024),
    reads: [parts],
    writes: [destination.buffer],
  })
}

function lowerPool(lowering: Lowering, node: NodeOf<'maxPool2d'> | NodeOf<'averagePool2d'>): void {
  const [x] = node.inputs as [Node]
  const input = lowering.contiguous(x)
  const y = lowering.destination(node)
  const fn = node.kind === 'maxPool2d' ? 'max' : 'average'
  const spec = {
    kind: 'pool',
    fn,
    x: input,
    y,
    window: node.attributes,
    inputShape: x.shape,
    outputShape: node.shape,
  } as const
  lowering.kernel({
    name: `${fn} pooling`,
    spec,
    ...pictureSplit(x),
    reads: [input.buffer],
    writes: [y.buffer],
    scratch: poolScratch(spec),
  })
}

function lowerPoolGrad(
  lowering: Lowering,
  job: Job,
  node: NodeOf<'maxPool2dGrad'> | NodeOf<'averagePool2dGrad'>,
): void {
  const epilogue = lowering.epilogue(job)
  const accesses = node.inputs.map(input => lowering.contiguous(input))
  const dy = accesses.at(-1)!
  const common = {
    kind: 'poolGrad',
    dy,
    window: node.attributes,
    inputShape: node.shape,
    outputShape: node.inputs.at(-1)!.shape,
    epilogue,
  } as const
  const spec =
    node.kind === 'maxPool2dGrad'
      ? ({ ...common, fn: 'max', x: accesses[0]!, y: accesses[1]! } as const)
      : ({ ...common, fn: 'average' } as const)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  lowering.kernel({
    name: `${spec.fn} pooling gradient`,
    spec,
    ...pictureSplit(node),
    reads: [...accesses.map(access => access.buffer), ...reads],
    writes,
    scratch: poolScratch(spec),
  })
}

function lowerRowwise(lowering: Lowering, node: NodeOf<'softmax'> | NodeOf<'logSoftmax'> | NodeOf<'argmax'>): void {
  const [x] = node.inputs as [Node]
  const input = lowering.contiguous(x)
  const y = lowering.destination(node)
  const width = x.shape.at(-1)!
  const all = sizeOf(x.shape) / width
  const rows = x.batched ? all / x.shape[0]! : all
  const spec: Spec = { kind: 'rowwise', fn: node.kind, x: input, y, rows, width, batched: x.batched }
  lowering.kernel({
    name: node.kind,
    spec,
    split: x.batched ? 'rows' : 'units',
    units: rows,
    reads: [input.buffer],
    writes: [y.buffer],
  })
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
  lowering.kernel({ name: 'join moments', spec: join, split: 'units', units: 1, reads: [parts], writes: [to.buffer] })
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
  lowering.kernel({ name: 'fill', spec, split: batched ? 'rows' : 'units', reads: [], writes: [to.buffer] })
}

function lowerConcat(lowering: Lowering, node: NodeOf<'concat'>): void {
  const to = lowering.destination(node)
  const { axis } = node.attributes
  const strides = stridesOf(node.shape)
  let start = 0
  for (const piece of node.inputs) {
    lowering.map('concatenate', piece.shape, piece.batched, [
      { node: piece, access: { ...to, offset: start * strides[axis]! } },
    ])
    start += piece.shape[axis]!
  }
}
