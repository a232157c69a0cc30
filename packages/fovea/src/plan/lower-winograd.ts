/** Kernels of Winograd convolutions: the transformed filter first, then slice by slice, or staged over the whole batch. */
import type { Node, NodeOf } from '../graph/node.ts'
import {
  convolutionSpace,
  filterFloats,
  halfFilter,
  outputSpace,
  planeStride,
  productSpace,
  transformSpace,
  turnedScratch,
} from './cpu/winograd-space.ts'
import type { Lowering } from './lowering.ts'
import type { Access, Buffer, ConvGeometry, Epilogue, Spec, TileSide, TileSize } from './types.ts'
import { frequencies, isStaged, keepsZeros, tileOutput, tilingOf } from './winograd.ts'

/** Pictures of a batch are rows; of an unbatched tensor units. */
export type PictureSplit = { readonly split: 'rows' | 'units'; readonly units: number }

export function lowerWinogradConv(
  lowering: Lowering,
  node: NodeOf<'conv2d'> | NodeOf<'conv2dInputGrad'>,
  { geometry, side }: { geometry: ConvGeometry; side: TileSide },
  size: TileSize,
  split: PictureSplit,
  epilogue: Epilogue,
): void {
  const [x, filter] = node.inputs as [Node, Node]
  const { target } = lowering
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
      scratch: convolutionSpace(target, geometry, size, side).bytes,
    })
    return
  }
  const pictures = x.shape[0]!
  const tiling = tilingOf(geometry, size, side)
  const from = winogradTiles(lowering, input, x, geometry, size, side, split)
  const outputs = tileOutput(geometry, side).channels
  const { floats } = productSpace(target, pictures * tiling.rows * tiling.columns, outputs, size)
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
    scratch: 0,
  })
  lowering.kernel({
    name: `${name}, Winograd outputs`,
    spec: { kind: 'winogradOutput', from: to, zerosOf: zeros ? input : undefined, ...common, epilogue },
    ...split,
    reads: [to, ...(zeros ? [input.buffer] : []), ...reads],
    writes,
    scratch: outputSpace(target, tiling, size, side).bytes,
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
    scratch: direction === 'forward' ? halfFilter(lowering.target) : turnedScratch(lowering.target),
  })
  return to
}

export function winogradTiles(
  lowering: Lowering,
  x: Access,
  node: Node,
  geometry: ConvGeometry,
  size: TileSize,
  side: TileSide,
  split: PictureSplit,
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
    scratch: transformSpace(lowering.target, tiling).bytes,
  })
  return to
}
