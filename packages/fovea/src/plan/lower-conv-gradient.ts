/** Kernels of the gradients of convolutions, direct or Winograd. */
import { type Shape, sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { Convolution } from '../graph/ops.ts'
import { MAP_UNIT } from './axes.ts'
import { filterGradUnits, runsSize, scatters } from './cpu/gradient-space.ts'
import { paddedBytes, paddedPictureBytes } from './cpu/padded-space.ts'
import { filterGradSpace, filterProductBytes } from './cpu/winograd-gradient-space.ts'
import type { Job } from './fuse.ts'
import { forwardGeometry, isDepthwise, lineOfPixels, pictureExtents } from './geometry.ts'
import { filterSize, lowerDirectConv } from './lower-conv.ts'
import { lowerDepthwise } from './lower-depthwise.ts'
import { ofEpilogue, packed, packedByTaps, pictureSplit } from './lower-shared.ts'
import { lowerWinogradConv, type PictureSplit, winogradTiles } from './lower-winograd.ts'
import { type Lowering, natural } from './lowering.ts'
import { type Access, type Buffer, type ConvGeometry, SLICE_ROWS, type TileSide, type TileSize } from './types.ts'
import { winogradSize } from './winograd.ts'
import { filterGradBlocks, isSummedAtOnce, isTransposed } from './winograd-gradient.ts'

/** Filters up to this many weights are summed per slice, in parallel over the batch; larger ones by filter blocks. Decides bits. */
const PARTIAL_FILTER = 32768

export function lowerInputGrad(lowering: Lowering, node: NodeOf<'conv2dInputGrad'>, job: Job): void {
  const [dy, filter] = node.inputs as [Node, Node]
  const geometry = inputGradGeometry(node.attributes, dy.shape, node.shape, filter.shape)
  const tile = winogradSize(lowering.algorithm, geometry)
  const forward = forwardGeometry(node.attributes, node.shape, dy.shape, filter.shape)
  if (isDepthwise(forward)) lowerDepthwise(lowering, node, job, forward, 'gradient')
  else if (tile) {
    const form = winogradForm(forward, geometry, tile)
    lowerWinogradConv(lowering, node, form, tile, pictureSplit(dy), lowering.epilogue(job))
  } else if (scatters(forward)) lowerScatter(lowering, job, node, forward)
  else {
    lowerDirectConv(lowering, node, job, geometry, () => {
      const from = lowering.contiguous(filter).buffer.layout
      return packedByTaps(lowering, filter, { kind: 'turned', ...filterSize(node), from })
    })
  }
}

/** A convolution with the turned filter, or, where that makes fewer tiles, the forward algorithm transposed. */
function winogradForm(
  forward: ConvGeometry,
  geometry: ConvGeometry,
  size: TileSize,
): { geometry: ConvGeometry; side: TileSide } {
  return isTransposed(forward, geometry, size) ? { geometry: forward, side: 'gradient' } : { geometry, side: 'input' }
}

function lowerScatter(lowering: Lowering, job: Job, node: NodeOf<'conv2dInputGrad'>, geometry: ConvGeometry): void {
  const [dy, filter] = node.inputs as [Node, Node]
  const gradient = lowering.contiguous(dy)
  const packing = { kind: 'runs', geometry, from: lowering.contiguous(filter).buffer.layout } as const
  const weight = packed(lowering, filter, packing, runsSize(lowering.target, geometry), geometry.size[0])
  const epilogue = lowering.epilogue(job)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  lowering.kernel({
    name: 'convolution input gradient',
    spec: { kind: 'conv2dInputGrad', dy: gradient, weight, geometry, epilogue },
    ...pictureSplit(dy),
    reads: [gradient.buffer, weight, ...reads],
    writes,
    scratch: paddedPictureBytes(lowering.target, geometry),
  })
}

export function lowerFilterGrad(lowering: Lowering, node: NodeOf<'conv2dFilterGrad'>, job: Job): void {
  const [x, dy] = node.inputs as [Node, Node]
  const [input, gradient] = [lowering.contiguous(x), lowering.contiguous(dy)]
  const geometry = forwardGeometry(node.attributes, x.shape, dy.shape, node.shape)
  if (isDepthwise(geometry)) {
    lowerDepthwiseFilterGrad(lowering, job, node, geometry)
    return
  }
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
  const parts = partial ? filterGradParts(lowering, node) : undefined
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
    scratch: paddedBytes(lowering.target, geometry),
  })
  if (parts) joinFilterGrad(lowering, parts, destination, size)
}

/** Adds up the slices' filter gradients of `size` numbers. */
function joinFilterGrad(lowering: Lowering, from: Buffer, to: Access, size: number): void {
  lowering.kernel({
    name: 'join filter gradient',
    spec: { kind: 'combine', fn: 'sum', from, to, size, sections: 'slices', rowCount: 0 },
    split: 'units',
    units: Math.ceil(size / MAP_UNIT),
    reads: [from],
    writes: [to.buffer],
    scratch: 0,
  })
}

/** Of a batch slice by slice: a filter of one channel each is small. */
function lowerDepthwiseFilterGrad(
  lowering: Lowering,
  job: Job,
  node: NodeOf<'conv2dFilterGrad'>,
  geometry: ConvGeometry,
): void {
  const [x, dy] = node.inputs as [Node, Node]
  const [input, gradient] = [lowering.contiguous(x), lowering.contiguous(dy)]
  const destination = lowering.epilogue(job).results[0]!.access
  const parts = x.batched ? filterGradParts(lowering, node) : undefined
  const to = parts ? natural(parts, node.shape) : destination
  const { batched } = x
  lowering.kernel({
    name: 'depthwise filter gradient',
    spec: { kind: 'depthwiseFilterGrad', x: input, dy: gradient, to, geometry, rows: x.shape[0]!, batched },
    split: batched ? 'rows' : 'units',
    units: 1,
    reads: [input.buffer, gradient.buffer],
    writes: [to.buffer],
    scratch: 0,
  })
  if (parts) joinFilterGrad(lowering, parts, destination, sizeOf(node.shape))
}

/** A section for each slice of the batch. */
function filterGradParts(lowering: Lowering, node: NodeOf<'conv2dFilterGrad'>): Buffer {
  const sections = Math.ceil(lowering.graph.batch / SLICE_ROWS)
  return lowering.newBuffer(`parts of filter gradient ${node.id}`, sections * sizeOf(node.shape), { batched: true })
}

function lowerWinogradFilterGrad(
  lowering: Lowering,
  job: Job,
  node: NodeOf<'conv2dFilterGrad'>,
  geometry: ConvGeometry,
  size: TileSize,
  split: PictureSplit,
): void {
  const [x, dy] = node.inputs as [Node, Node]
  const [input, gradient] = [lowering.contiguous(x), lowering.contiguous(dy)]
  const epilogue = lowering.epilogue(job)
  const destination = epilogue.results[0]!.access
  const layout = lowering.layoutOf(node)
  if (!x.batched || isSummedAtOnce(geometry, size)) {
    const xTiles = winogradTiles(lowering, input, x, geometry, size, 'input', split)
    const dyTiles = winogradTiles(lowering, gradient, dy, geometry, size, 'gradient', split)
    const blocks = filterGradBlocks(geometry)
    lowering.kernel({
      name: 'filter gradient, Winograd',
      spec: {
        kind: 'winogradFilterProduct',
        xTiles,
        dyTiles,
        geometry,
        size,
        pictures: x.shape[0]!,
        batched: x.batched,
        layout,
        epilogue,
      },
      split: 'units',
      units: blocks.channels * blocks.filters,
      reads: [xTiles, dyTiles],
      writes: [destination.buffer],
      scratch: filterProductBytes(lowering.target, geometry, size),
    })
    return
  }
  const parts = filterGradParts(lowering, node)
  lowering.kernel({
    name: 'filter gradient, Winograd',
    spec: {
      kind: 'winogradFilterGrad',
      x: input,
      dy: gradient,
      geometry,
      size,
      layout,
      epilogue: { ...epilogue, results: [{ node, access: natural(parts, node.shape) }] },
    },
    split: 'rows',
    reads: [input.buffer, gradient.buffer],
    writes: [parts],
    scratch: filterGradSpace(lowering.target, geometry, size).bytes,
  })
  joinFilterGrad(lowering, parts, destination, sizeOf(node.shape))
}

/** dx from dy: dy's pixels are spread by the stride, (R − 1)·dilation zeros around them, the filter turned. */
function inputGradGeometry(conv: Convolution, dy: Shape, dx: Shape, filter: Shape): ConvGeometry {
  const reach = [conv.dilation[0] * (filter[0]! - 1), conv.dilation[1] * (filter[1]! - 1)] as const
  const output = pictureExtents(dx)
  return lineOfPixels({
    input: pictureExtents(dy),
    output,
    size: [filter[0]!, filter[1]!],
    strides: [1, 1],
    dilation: conv.dilation,
    groups: conv.groups,
    origin: [reach[0] - conv.padding.top, reach[1] - conv.padding.left],
    spread: conv.strides,
    padded: [output.height + reach[0], output.width + reach[1]],
  })
}
