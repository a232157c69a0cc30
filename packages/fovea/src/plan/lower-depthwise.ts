/** Kernels of depthwise convolutions, loaded for graphs that have some. (Their filter gradients: lower-conv-gradient.ts.) */
import type { Node, NodeOf } from '../graph/node.ts'
import type { Job } from './fuse.ts'
import { type Direction, forwardGeometry, isDepthwise } from './geometry.ts'
import { lowerConv } from './lower-conv.ts'
import { convolutionSplit } from './lower-conv-cut.ts'
import { type Lowerings, ofEpilogue } from './lower-shared.ts'
import type { Lowering } from './lowering.ts'
import type { ConvGeometry } from './types.ts'

export const depthwiseLowerings: Lowerings<'conv2d'> = {
  conv2d(lowering, node, job) {
    const [x, filter] = node.inputs as [Node, Node]
    const geometry = forwardGeometry(node.attributes, x.shape, node.shape, filter.shape)
    if (isDepthwise(geometry)) lowerDepthwise(lowering, node, job, geometry, 'forward')
    else lowerConv(lowering, node, job)
  },
}

/** Forward or the input gradient; `geometry` is that of the forward pass. Filters lie plain, which is as their kernels read them. */
export function lowerDepthwise(
  lowering: Lowering,
  node: NodeOf<'conv2d'> | NodeOf<'conv2dInputGrad'>,
  job: Job,
  geometry: ConvGeometry,
  direction: Direction,
): void {
  const [x, filter] = node.inputs as [Node, Node]
  const input = lowering.contiguous(x)
  const weight = lowering.contiguous(filter, true).buffer
  const epilogue = lowering.epilogue(job)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  const { cut, ...split } = convolutionSplit(lowering, x, geometry, direction)
  lowering.kernel({
    name: direction === 'forward' ? 'depthwise convolution' : 'depthwise input gradient',
    spec: { kind: 'depthwise', direction, x: input, weight, cut, geometry, epilogue },
    ...split,
    reads: [input.buffer, weight, ...reads],
    writes,
    scratch: 0,
  })
}
