/** Kernels of convolutions: forward, input gradient, filter gradient; direct or Winograd. */
import { sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import { MAP_UNIT } from './axes.ts'
import { filterGradUnits, scatters } from './cpu/workspace.ts'
import type { Job } from './fuse.ts'
import { forwardGeometry, inputGradGeometry } from './geometry.ts'
import { ofEpilogue, packed, pictureSplit } from './lower-shared.ts'
import { lowerWinogradConv, lowerWinogradFilterGrad, winogradForm } from './lower-winograd.ts'
import { type Lowering, natural } from './lowering.ts'
import { type Buffer, type ConvGeometry, SLICE_ROWS, type Spec } from './types.ts'
import { winogradSize } from './winograd.ts'

/** Filters up to this many weights are summed per slice, in parallel over the batch; larger ones by filter blocks. Decides bits. */
const PARTIAL_FILTER = 32768

export function lowerConv(lowering: Lowering, node: NodeOf<'conv2d'> | NodeOf<'conv2dInputGrad'>, job: Job): void {
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
  if (node.kind === 'conv2dInputGrad') {
    const forward = forwardGeometry(node.attributes, node.shape, x.shape, filter.shape)
    if (scatters(forward)) {
      lowerScatter(lowering, job, node, forward)
      return
    }
  }
  const input = lowering.contiguous(x)
  const size = { taps: r * s, channels, filters, groups }
  let weight: Buffer
  if (node.kind === 'conv2d') {
    const { buffer } = lowering.contiguous(filter, true)
    const ready = groups === 1 && (filters <= lowering.target.block || buffer.layout === 'blocked')
    weight = ready ? buffer : packed(lowering, filter, { kind: 'forward', ...size })
  } else {
    weight = packed(lowering, filter, { kind: 'turned', ...size, from: lowering.contiguous(filter).buffer.layout })
  }
  const epilogue = lowering.epilogue(job)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  lowering.kernel({
    name: node.kind === 'conv2d' ? 'convolution' : 'convolution input gradient',
    spec: {
      kind: 'conv2d',
      x: input,
      weight: { buffer: weight, groupSize: sizeOf(filter.shape) / groups },
      geometry,
      epilogue,
    },
    ...pictureSplit(x),
    reads: [input.buffer, weight, ...reads],
    writes,
  })
}

function lowerScatter(lowering: Lowering, job: Job, node: NodeOf<'conv2dInputGrad'>, geometry: ConvGeometry): void {
  const [dy, filter] = node.inputs as [Node, Node]
  const gradient = lowering.contiguous(dy)
  const weight = packed(lowering, filter, { kind: 'runs', geometry, from: lowering.contiguous(filter).buffer.layout })
  const epilogue = lowering.epilogue(job)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  lowering.kernel({
    name: 'convolution input gradient',
    spec: { kind: 'conv2dInputGrad', dy: gradient, weight, geometry, epilogue },
    ...pictureSplit(dy),
    reads: [gradient.buffer, weight, ...reads],
    writes,
  })
}

export function lowerFilterGrad(lowering: Lowering, node: NodeOf<'conv2dFilterGrad'>, job: Job): void {
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
    units: filterGradUnits(lowering.target, spec),
    reads: [input.buffer, gradient.buffer],
    writes: [parts ?? destination.buffer],
  })
  if (!parts) return
  const join: Spec = { kind: 'combine', fn: 'sum', from: parts, to: destination, size, sections: 'slices', rowCount: 0 }
  lowering.kernel({
    name: 'join filter gradient',
    spec: join,
    split: 'units',
    units: Math.ceil(size / MAP_UNIT),
    reads: [parts],
    writes: [destination.buffer],
  })
}
