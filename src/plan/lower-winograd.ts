/** Kernels of Winograd convolutions: the transformed filter first, then slice by slice, or staged over the whole batch. */
import { sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { Job } from './fuse.ts'
import { type Lowering, natural } from './lowering.ts'
import {
  type Access,
  BLOCK,
  type Buffer,
  type ConvGeometry,
  type Epilogue,
  SLICE_ROWS,
  type Spec,
  type TileSize,
} from './types.ts'
import {
  convolutionSpace,
  filterFloats,
  filterGradBlock,
  filterGradBlocks,
  filterGradSpace,
  frequencies,
  gradientTiling,
  inputTiling,
  isStaged,
  OUTPUT_SCRATCH,
  planeStride,
  productSpace,
  sumsStride,
  type Tiling,
  TURNED_SCRATCH,
  transformSpace,
} from './winograd.ts'

/** Filters of up to this many weights (a channel and filter pair each) are summed per slice, larger ones over the whole batch at once. */
const PARTIAL_PAIRS = 8192

/** Pictures of a batch are rows; of an unbatched tensor units. */
type Split = { readonly split: 'rows' | 'units'; readonly units: number }

export function lowerWinogradConv(
  lowering: Lowering,
  node: NodeOf<'conv2d'> | NodeOf<'conv2dInputGrad'>,
  geometry: ConvGeometry,
  size: TileSize,
  split: Split,
  epilogue: Epilogue,
): void {
  const [x, filter] = node.inputs as [Node, Node]
  const turned = node.kind === 'conv2dInputGrad'
  const input = lowering.contiguous(x)
  const weight = transformedFilter(lowering, filter, turned, geometry, size)
  const reads = lowering.buffersOf(epilogue)
  const writes = epilogue.results.map(({ access }) => access.buffer)
  const name = turned ? 'convolution input gradient' : 'convolution'
  if (!isStaged(geometry, size)) {
    lowering.kernel({
      name: `${name}, Winograd`,
      spec: { kind: 'winogradConv', x: input, weight, geometry, size, epilogue },
      ...split,
      reads: [input.buffer, weight, ...reads],
      writes,
      scratch: convolutionSpace(geometry, size).bytes,
    })
    return
  }
  const pictures = x.shape[0]!
  const tiling = inputTiling(geometry, size)
  const from = tiles(lowering, input, x, geometry, size, tiling, 'input', split)
  const { floats } = productSpace(pictures * tiling.rows * tiling.columns, geometry.output.channels, size)
  const to = lowering.newBuffer(`products of ${node.kind} ${node.id}`, floats, { batched: x.batched })
  const common = { geometry, size, pictures }
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
    spec: { kind: 'winogradOutput', from: to, ...common, epilogue },
    ...split,
    reads: [to, ...reads],
    writes,
    scratch: OUTPUT_SCRATCH,
  })
}

function transformedFilter(
  lowering: Lowering,
  filter: Node,
  turned: boolean,
  { input, output }: ConvGeometry,
  size: TileSize,
): Buffer {
  const { buffer: from } = lowering.contiguous(filter, true)
  const to = lowering.newBuffer(
    `transformed ${filter.kind} ${filter.id}`,
    filterFloats(input.channels, output.channels, size),
  )
  const [, , channels, filters] = filter.shape as [number, number, number, number]
  lowering.kernel({
    name: turned ? 'transform turned filter' : 'transform filter',
    spec: { kind: 'winogradFilter', from, to, layout: from.layout, turned, channels, filters, size },
    split: 'units',
    units: Math.ceil(output.channels / BLOCK),
    reads: [from],
    writes: [to],
    scratch: turned ? TURNED_SCRATCH : 0,
  })
  return to
}

function tiles(
  lowering: Lowering,
  x: Access,
  node: Node,
  geometry: ConvGeometry,
  size: TileSize,
  tiling: Tiling,
  side: 'input' | 'gradient',
  split: Split,
): Buffer {
  const pictures = node.shape[0]!
  const floats = frequencies(size) * planeStride(pictures * tiling.rows * tiling.columns, tiling.picture.channels)
  const to = lowering.newBuffer(`tiles of ${node.kind} ${node.id}`, floats, { batched: node.batched })
  lowering.kernel({
    name: side === 'input' ? 'Winograd tiles' : 'Winograd tiles of a gradient',
    spec: { kind: 'winogradTiles', x, to, side, geometry, size, pictures },
    ...split,
    reads: [x.buffer],
    writes: [to],
    scratch: transformSpace(tiling).bytes,
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
  if (!x.batched || geometry.input.channels * geometry.output.channels > PARTIAL_PAIRS) {
    const xTiles = tiles(lowering, input, x, geometry, size, inputTiling(geometry, size), 'input', split)
    const dyTiles = tiles(lowering, gradient, dy, geometry, size, gradientTiling(geometry, size), 'gradient', split)
    const [block, blocks] = [filterGradBlock(geometry), filterGradBlocks(geometry)]
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
      scratch: frequencies(size) * sumsStride(block.channels, block.filters) * 4,
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
    scratch: filterGradSpace(geometry, size).bytes,
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
    units: Math.ceil(floats / 1024),
    reads: [parts],
    writes: [destination.buffer],
  })
}
