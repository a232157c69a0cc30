/**
 * How a convolution is shared by threads. A batch goes to them slice by slice. One of a single slice (a picture to be classified) would keep one
 * thread busy: there the outputs are cut otherwise, where that pays for a barrier more. Each is computed as before, so no bit depends on it.
 */
import type { Node } from '../graph/node.ts'
import { convolutionFlops } from './flops.ts'
import { type Direction, isDepthwise, readAndWritten } from './geometry.ts'
import { pictureSplit } from './lower-shared.ts'
import type { Lowering } from './lowering.ts'
import { type ConvGeometry, type Cut, SLICE_ROWS } from './types.ts'

interface Split {
  readonly cut: Cut
  readonly split: 'rows' | 'units'
  readonly units: number
}

/** `direction`: of a depthwise convolution, whose geometry is that of the forward pass. */
export function convolutionSplit(
  lowering: Lowering,
  x: Node,
  geometry: ConvGeometry,
  direction: Direction = 'forward',
): Split {
  const { graph, target } = lowering
  const isOneSlice = graph.batch <= SLICE_ROWS && x.batched
  const isShort = convolutionFlops({ geometry }, graph.batch) < target.alone.kernel
  if (!isOneSlice || isShort || lowering.convolutionWork() < target.alone.step)
    return { cut: 'pictures', ...pictureSplit(x) }
  const { to } = readAndWritten(geometry, direction)
  if (isDepthwise(geometry) || to.height > 1) return { cut: 'lines', split: 'units', units: to.height }
  const { tileRows, block } = target
  const [tiles, blocks] = [Math.ceil(to.width / tileRows), Math.ceil(to.channels / geometry.groups / block)]
  // What is more is shared more evenly; and of more filters than pixels each thread reads its own.
  return blocks > tiles
    ? { cut: 'blocks', split: 'units', units: blocks }
    : { cut: 'tiles', split: 'units', units: tiles }
}
