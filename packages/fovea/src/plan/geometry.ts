/** Convolutions as the kernels see them: a window moving over a (padded, spread) picture. */
import type { Shape } from '../base/shape.ts'
import type { Convolution } from '../graph/ops.ts'
import type { ConvGeometry } from './types.ts'

function extents(shape: Shape): ConvGeometry['input'] {
  return { height: shape[1]!, width: shape[2]!, channels: shape[3]! }
}

/** Forward, and the x side of the filter gradient. */
export function forwardGeometry(conv: Convolution, x: Shape, y: Shape, filter: Shape): ConvGeometry {
  const { padding } = conv
  const input = extents(x)
  return {
    input,
    output: extents(y),
    size: [filter[0]!, filter[1]!],
    strides: conv.strides,
    dilation: conv.dilation,
    groups: conv.groups,
    origin: [padding.top, padding.left],
    spread: [1, 1],
    padded: [input.height + padding.top + padding.bottom, input.width + padding.left + padding.right],
  }
}

/** dx from dy: dy's pixels are spread by the stride, (R − 1)·dilation zeros around them, the filter turned. */
export function inputGradGeometry(conv: Convolution, dy: Shape, dx: Shape, filter: Shape): ConvGeometry {
  const reach = [conv.dilation[0] * (filter[0]! - 1), conv.dilation[1] * (filter[1]! - 1)] as const
  const output = extents(dx)
  return {
    input: extents(dy),
    output,
    size: [filter[0]!, filter[1]!],
    strides: [1, 1],
    dilation: conv.dilation,
    groups: conv.groups,
    origin: [reach[0] - conv.padding.top, reach[1] - conv.padding.left],
    spread: conv.strides,
    padded: [output.height + reach[0], output.width + reach[1]],
  }
}
