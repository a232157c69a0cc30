/** Convolutions as the kernels see them: a window moving over a (padded, spread) picture. */
import type { Shape } from '../base/shape.ts'
import type { Convolution } from '../graph/ops.ts'
import type { ConvGeometry } from './types.ts'

export function pictureExtents(shape: Shape): ConvGeometry['input'] {
  return { height: shape[1]!, width: shape[2]!, channels: shape[3]! }
}

/** Forward, and the x side of the filter gradient. */
export function forwardGeometry(conv: Convolution, x: Shape, y: Shape, filter: Shape): ConvGeometry {
  const { padding } = conv
  const input = pictureExtents(x)
  return {
    input,
    output: pictureExtents(y),
    size: [filter[0]!, filter[1]!],
    strides: conv.strides,
    dilation: conv.dilation,
    groups: conv.groups,
    origin: [padding.top, padding.left],
    spread: [1, 1],
    padded: [input.height + padding.top + padding.bottom, input.width + padding.left + padding.right],
  }
}
