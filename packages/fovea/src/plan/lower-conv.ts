/** Kernels of convolutions, direct or Winograd. (Their gradients: lower-conv-gradient.ts.) */
import { sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import { paddedBytes } from './cpu/padded-space.ts'
import type { Job } from './fuse.ts'
import { forwardGeometry } from './geometry.ts'
import { convolutionSplit } from './lower-conv-cut.ts'
import { ofEpilogue, packedByTaps, pictureSplit } from './lower-shared.ts'
import { lowerWinogradConv } from './lower-winograd.ts'
import type { Lowering } from './lowering.ts'
import type { Buffer, ConvGeometry } from './types.ts'
import { winogradSize } from './winograd.ts'

export function lowerConv(lowering: Lowering, node: NodeOf<'conv2d'>, job: Job): void {
  const [x, filter] = node.inputs as [Node, Node]
  const geometry = forwardGeometry(node.attributes, x.shape, node.shape, filter.shape)
  const tile = winogradSize(lowering.algorithm, geometry)
  if (tile) {
    const form = { geometry, side: 'input' } as const
    lowerWinogradConv(lowering, node, form, tile, pictureSplit(x), lowering.epilogue(job))
    return
  }
  lowerDirectConv(lowering, node, job, geometry, () => {
    const { buffer } = lowering.contiguous(filter, true)
    const { groups } = node.attributes
    const ready = groups === 1 && (geometry.output.channels <= lowering.target.block || buffer.layout === 'blocked')
    return ready ? buffer : packedByTaps(lowering, filter, { kind: 'forward', ...filterSize(node) })
  })
}

/** Numbers of a filter, as it is packed. */
export function filterSize(node: NodeOf<'conv2d'> | NodeOf<'conv2dInputGrad'>) {
  const [r, s, channels, filters] = node.inputs[1]!.shape as [number, number, number, number]
  return { taps: r * s, channels, filters, groups: node.attributes.groups }
}

/** Also an input gradient: a convolution of the dilated, padded dy. `weightOf` gives the filter as the kernel reads it. */
export function lowerDirectConv(
  lowering: Lowering,
  node: NodeOf<'conv2d'> | NodeOf<'conv2dInputGrad'>,
  job: Job,
  geometry: ConvGeometry,
  weightOf: () => Buffer,
): void {
  const [x, filter] = node.inputs as [Node, Node]
  const input = lowering.contiguous(x)
  const weight = weightOf()
  const epilogue = lowering.epilogue(job)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  const { cut, ...split } = convolutionSplit(lowering, x, geometry)
  lowering.kernel({
    name: node.kind === 'conv2d' ? 'convolution' : 'convolution input gradient',
    spec: {
      kind: 'conv2d',
      x: input,
      weight: { buffer: weight, groupSize: sizeOf(filter.shape) / node.attributes.groups },
      cut,
      geometry,
      epilogue,
    },
    ...split,
    reads: [input.buffer, weight, ...reads],
    writes,
    scratch: paddedBytes(lowering.target, geometry),
  })
}
