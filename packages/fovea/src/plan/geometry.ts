/** Convolutions as the kernels see them: a window moving over a (padded, spread) picture. */
import type { Shape } from '../base/shape.ts'
import type { Convolution } from '../graph/ops.ts'
import type { ConvGeometry, SpecOf } from './types.ts'

export function pictureExtents(shape: Shape): ConvGeometry['input'] {
  return { height: shape[1]!, width: shape[2]!, channels: shape[3]! }
}

/** Forward, and the x side of the filter gradient. */
export function forwardGeometry(conv: Convolution, x: Shape, y: Shape, filter: Shape): ConvGeometry {
  const { padding } = conv
  const input = pictureExtents(x)
  return lineOfPixels({
    input,
    output: pictureExtents(y),
    size: [filter[0]!, filter[1]!],
    strides: conv.strides,
    dilation: conv.dilation,
    groups: conv.groups,
    origin: [padding.top, padding.left],
    spread: [1, 1],
    padded: [input.height + padding.top + padding.bottom, input.width + padding.left + padding.right],
  })
}

/** Where each pixel is by itself (1×1, stride 1) a picture is one line of pixels, so that tiles go on from line to line. */
export function lineOfPixels(geometry: ConvGeometry): ConvGeometry {
  const { input, output, size, strides, spread, groups, origin, padded } = geometry
  const unmoved = [...size, ...strides, ...spread, groups].every(one => one === 1) && origin.every(zero => zero === 0)
  const pixels = input.height * input.width
  if (!unmoved || padded[0] * padded[1] !== pixels || output.height * output.width !== pixels) return geometry
  const line = { height: 1, width: pixels }
  return { ...geometry, input: { ...input, ...line }, output: { ...output, ...line }, padded: [1, pixels] }
}

export type Direction = SpecOf<'depthwise'>['direction']

/** One filter a channel: lanes can run along channels. */
export function isDepthwise({ groups, input, output }: ConvGeometry): boolean {
  return groups > 1 && groups === input.channels && groups === output.channels
}

/** The picture that is read and the one that is written. */
export function readAndWritten({ input, output }: ConvGeometry, direction: Direction) {
  return direction === 'forward' ? { from: input, to: output } : { from: output, to: input }
}
