/**
 * Windows over pictures: padding and output size of convolutions and poolings, as Keras (TensorFlow) computes them.
 * `same`: outputs = ⌈in / stride⌉, total padding = max((outputs − 1) · stride + extent − in, 0) with half of it, rounded down,
 * at the top and left and the rest at the bottom and right; extent = dilation · (kernel − 1) + 1.
 */
import type { Shape } from '../base/shape.ts'
import type { Padding } from '../graph/ops.ts'
import { convolvedExtents } from '../graph/shape-rules.ts'
import { misfit } from './definition.ts'

export interface WindowGeometry {
  readonly size: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly dilation: readonly [number, number]
  readonly padding: 'valid' | 'same'
}

export const noPadding: Padding = { top: 0, bottom: 0, left: 0, right: 0 }

export function paddingOf(geometry: WindowGeometry, height: number, width: number): Padding {
  if (geometry.padding === 'valid') return noPadding
  const total = ([height, width] as const).map((extent, axis) => {
    const stride = geometry.strides[axis]!
    const reach = geometry.dilation[axis]! * (geometry.size[axis]! - 1) + 1
    return Math.max((Math.ceil(extent / stride) - 1) * stride + reach - extent, 0)
  }) as [number, number]
  const [top, left] = [Math.floor(total[0] / 2), Math.floor(total[1] / 2)]
  return { top, bottom: total[0] - top, left, right: total[1] - left }
}

/** Output height and width; a UserError when the window is larger than the picture. */
export function outputExtents(
  type: string,
  name: string | undefined,
  geometry: WindowGeometry,
  shape: Shape,
): [number, number] {
  const [height, width] = shape as [number, number]
  const padding = paddingOf(geometry, height, width)
  const extents = convolvedExtents(height, width, ...geometry.size, { ...geometry, padding })
  if (extents.some(extent => extent < 1)) {
    const reach = geometry.size.map((size, axis) => geometry.dilation[axis]! * (size - 1) + 1)
    throw misfit(
      type,
      name,
      'the window is larger than the picture.',
      `height ≥ ${reach[0]} and width ≥ ${reach[1]}, or padding "same"`,
      `${height} × ${width}`,
    )
  }
  return extents
}
