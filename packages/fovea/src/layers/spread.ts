/** Where a transposed convolution's outputs lie, along one axis: of conv-transpose.ts and of what looks back through it. */
import type { WindowGeometry } from './window.ts'

/** One axis of a transposed convolution: how many outputs there are, and what is cut before and after them. */
export interface Spread {
  readonly outputs: number
  readonly before: number
  readonly after: number
}

/** The inputs along one axis spread by the stride, as Keras (TensorFlow) does it: the convolution whose input gradient it is. */
export function spreadOf(
  geometry: WindowGeometry,
  outputPadding: readonly [number, number] | null,
  axis: 0 | 1,
  inputs: number,
): Spread {
  const stride = geometry.strides[axis]
  const reach = geometry.dilation[axis] * (geometry.size[axis] - 1) + 1
  const whole = (inputs - 1) * stride + reach
  const least = geometry.padding === 'valid' ? whole : whole - reach + (reach % 2)
  const most = geometry.padding === 'valid' ? Math.max(whole, inputs * stride) : inputs * stride
  const outputs = outputPadding === null ? most : least + outputPadding[axis]
  const before = Math.floor(Math.max(whole - outputs, 0) / 2)
  return { outputs, before, after: Math.max(whole - outputs - before, 0) }
}
