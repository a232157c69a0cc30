/** Kernels of Winograd convolutions: the transformed filter first, then slice by slice, or staged over the whole batch. */
import { sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import { MAP_UNIT } from './axes.ts'
import { filterFloats, planeStride, productSpace } from './cpu/winograd-space.ts'
import type { Job } from './fuse.ts'
import { forwardGeometry } from './geometry.ts'
import { type Lowering, natural } from './lowering.ts'
import {
  type Access,
  type Buffer,
  type ConvGeometry,
  type Epilogue,
  SLICE_ROWS,
  type Spec,
  type TileSide,
  type TileSize,
} from './types.ts'
import {
  filterGradBlocks,
  frequencies,
  isStaged,
  isSummedAtOnce,
  isTransposed,
  keepsZeros,
  tileOutput,
  tilingOf,
} from './winograd.ts'

/** Pictures of a batch are rows; of an unbatched tensor units. */
type Split = { readonly split: 'rows' | 'units'; readonly units: number }

export function lowerWinogradConv(
  lowering: Lowering,
  node: NodeOf<'conv2d'> | NodeOf<'conv2dInputGrad'>,
  { geometry, side }: { geometry: ConvGeometry; side: TileSide },
  size: TileSize,
  split: Split,
  epilogue: Epilogue,
): void {
  const [x, filter] = node.inputs as [Node, Node]
  const input = lowering.contiguous(x)
  const isForward = node.kind === 'conv2d'
  const direction = isForward ? 'forward' : side === 'gradient' ? 'exchanged' : 'turned'
  const weight = transformedFilter(lowering, filter, direction, size)
  const reads = lowering.buffersOf(epilogue)
  const writes = epilogue.results.map(({ access }) => access.buffer)
  const name = isForward ? 'convolution' : 'convolution input gradient'
  if (!isStaged(geometry, size, side)) {
    lowering.kernel({
      name: `${name}, Winograd`,
      spec: {
        kind: 'winogradConv',
        x: input,
        weight,
        geometry,
        size,
        side,
        keepsZeros: keepsZeros(isForward, size),
        epilogue,
      },
      ...split,
      reads: [input.buffer, weight, ...reads],
      writes,
    })
    return
  }
  const pictures = x.shape[0]!
  const tiling = tilingOf(geometry, size, side)
  const from = tiles(lowering, input, x, geometry, size, side, split)
  const outputs = tileOutput(geometry, side).channels
  const { floats } = productSpace(lowering.target, pictures * tiling.rows * tiling.columns, outputs, size)
  const to = lowering.newBuffer(`products of ${node.kind} ${node.id}`, floats, { batched: x.batched })
  const common = { geometry, size, side, pictures }
  const zeros = keepsZeros(isForward, size)
  lowering.kernel({
    name: `${name}, Winograd products`,
    spec: { kind: 'winogradProduct', from, weight, to, ...common, batched: x.batched },
    split: 'units',
    units: frequencies(size),
    reads: [from, weight],
    writes: [to],
  })
  lowering.kernel({
    name: `${name}, Winograd outputs`,
    spec: { kind: 'winogradOutput', from: to, zerosOf: zeros ? input : undefined, ...common, epilogue },
    ...split,
    reads: [to, ...(zeros ? [input.buffer] : []), ...reads],
    writes,
  })
}

function transformedFilter(
  lowering: Lowering,
  filter: Node,
  direction: Extract<Spec, { kind: 'winogradFilter' }>['direction'],
  size: TileSize,
): Buffer {
  const { buffer: from } = lowering.contiguous(filter, true)
  const [, , channels, filters] = filter.shape as [number, number, number, number]
  const [inner, outputs] = direction === 'forward' ? [channels, filters] : [filters, channels]
  const to = lowering.newBuffer(
    `transformed ${filter.kind} ${filter.id}`,
    filterFloats(lowering.target, inner, outputs, size),
  )
  lowering.kernel({
    name: `transform ${direction} filter`,
    spec: { kind: 'winogradFilter', from, to, layout: from.layout, direction, channels, filters, size },
    split: 'units',
    units: Math.ceil(outputs / lowering.target.block),
    reads: [from],
    writes: [to],
  })
  return to
}

function tiles(
  lowering: Lowering,
  x: Access,
  node: Node,
  geometry: ConvGeometry,
  size: TileSize,
  side: TileSide,
  split: Split,
): Buffer {
  const tiling = tilingOf(geometry, size, side)
  const pictures = node.shape[0]!
  const floats =
    frequencies(size) * planeStride(lowering.target, pictures * tiling.rows * tiling.columns, tiling.picture.channels)
  const to = lowering.newBuffer(`tiles of ${node.kind} ${node.id}`, floats, { batched: node.batched })
  lowering.kernel({
    name: side === 'input' ? 'Winograd tiles' : 'Winograd tiles of a gradient',
    spec: { kind: 'winogradTiles', x, to, side, geometry, size, pictures },
    ...split,
    reads: [x.buffer],
    writes: [to],
  })
  return to
}

export function lowerWinogradFilterGrad(
  lowering: Lowering,
  job: Job,
  node: NodeOf<'conv2dFilterGrad'>,
  geometry: ConvGeometry,
  size: TileSize,
  split: Split,
): void {
  const [x, dy] = node.inputs as [Node, Node]
  const [input, gradient] = [lowering.contiguous(x), lowering.contiguous(dy)]
  const epilogue = lowering.epilogue(job)
  const destination = epilogue.results[0]!.access
  const layout = lowering.layoutOf(node)
  if (!x.batched || isSummedAtOnce(geometry, size)) {
    const xTiles = tiles(lowering, input, x, geometry, size, 'input', split)
    const dyTiles = tiles(lowering, gradient, dy, geometry, size, 'gradient', split)
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
    })
    return
  }
  const floats = sizeOf(node.shape)
  const sections = Math.ceil(lowering.graph.batch / SLICE_ROWS)
  const parts = lowering.newBuffer(`parts of filter gradient ${node.id}`, sections * floats, { batched: true })
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
  })
  const join: Spec = {
    kind: 'combine',
    fn: 'sum',
    from: parts,
    to: destination,
    size: floats,
    sections: 'slices',
    rowCount: 0,
  }
  lowering.kernel({
    name: 'join filter gradient',
    spec: join,
    split: 'units',
    units: Math.ceil(floats / MAP_UNIT),
    reads: [parts],
    writes: [destination.buffer],
  })
}

/** An input gradient is a convolution with the turned filter, or, where that makes fewer tiles, the forward algorithm transposed. */
export function winogradForm(
  node: NodeOf<'conv2d'> | NodeOf<'conv2dInputGrad'>,
  geometry: ConvGeometry,
  size: TileSize,
): { geometry: ConvGeometry; side: TileSide } {
  if (node.kind === 'conv2d') return { geometry, side: 'input' }
  const [dy, filter] = node.inputs as [Node, Node]
  const forward = forwardGeometry(node.attributes, node.shape, dy.shape, filter.shape)
  return isTransposed(forward, geometry, size) ? { geometry: forward, side: 'gradient' } : { geometry, side: 'input' }
}
