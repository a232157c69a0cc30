/** A call of a layer, as the rows of layer-rows.ts get it. */

import type { Shape } from 'fovea/internal/base/shape'
import type { ActivationConfig } from 'fovea/internal/layers/activations'
import type { Layer } from 'fovea/internal/layers/layer'
import { activated } from './activations.ts'
import type { LayerGraph } from './graph.ts'
import { type AxisOrder, channelsFirst, type Form, isFlattened, plainOrder, type WrittenValue } from './value.ts'

export interface GivenWeight {
  readonly shape: Shape
  readonly data: Float32Array
}

export interface WrittenCall {
  /** Writes under the layer's name. */
  readonly graph: LayerGraph
  readonly layer: Layer
  /** Without the batch. */
  readonly outputShape: Shape
  /** By their own names: `kernel`. */
  readonly weights: Readonly<Record<string, GivenWeight>>
}

/** Writes the nodes of one call, and says what holds the result. */
export type OnnxRow = (call: WrittenCall, x: WrittenValue, ...others: readonly WrittenValue[]) => WrittenValue

/** The layer's configuration, with every default filled in. */
export const configOf = <T>({ layer }: WrittenCall): T => layer.config as T

export interface PictureConfig {
  readonly dataFormat: 'channelsLast' | 'channelsFirst'
}

/** The order of a layer's pictures in which ONNX computes on them. */
export const pictureOrder = (call: WrittenCall): AxisOrder =>
  configOf<PictureConfig>(call).dataFormat === 'channelsFirst' ? plainOrder(3) : channelsFirst

/** Height and width of a layer's pictures. */
export function extentsOfPicture(
  call: WrittenCall,
  { shape }: Pick<WrittenValue, 'shape'>,
): [height: number, width: number] {
  const [first, second, third] = shape as [number, number, number]
  return configOf<PictureConfig>(call).dataFormat === 'channelsFirst' ? [second, third] : [first, second]
}

/** Bias and activation of a layer have the last axis in mind; `place`: where that lies. */
export const finished = (call: WrittenCall, x: string, place: number): string =>
  activated(call.graph, configOf<{ activation: ActivationConfig }>(call).activation, x, place)

/**
 * An initializer that meets a value's tensor element by element. In: its extents as the network has them, one for each axis of the value or
 * fewer, which then are the last ones.
 */
export function along(
  call: WrittenCall,
  name: string,
  value: WrittenValue,
  form: Form,
  extents: Shape,
  data: Float32Array,
): string {
  if (isFlattened(value)) {
    return data.length === 1
      ? call.graph.weight(name, [1], data)
      : call.graph.weight(name, value.axes, data, form.order, [data.length])
  }
  const missing = value.shape.length - extents.length
  const all = [...new Array<number>(missing).fill(1), ...extents]
  // Extents of 1 in front are what operands of fewer axes have anyway.
  const first = form.order.findIndex(axis => all[axis] !== 1)
  return call.graph.weight(name, all, data, form.order.slice(first))
}
