/**
 * Where PyTorch keeps what a model of Fovea needs: each layer with weights is a place for one module (a separable convolution for two), each
 * of its weights one tensor of it, in another order of axes. In: a model. Out: its places, in the order of its weights.
 *
 * Kernels of convolutions are [out, in, height, width] in PyTorch, those of dense layers [out, in]. A picture is flattened there channels
 * first, so that what comes behind it has its inputs in another order.
 */
import { type Shape, sizeOf, stridesOf } from 'fovea/internal/base/shape'
import { inOrder } from 'fovea/internal/base/strided'
import type { LayerCall, Model, ModelWeight } from 'fovea/internal/network/model'
import type { TorchTensor } from './torch-modules.ts'

/** A weight, and how it is made of a tensor. */
export interface TorchWeight {
  /** `conv2d/kernel`. */
  readonly name: string
  readonly shape: Shape
  /** What the tensor is called in its module. */
  readonly own: string
  /** Its shape in PyTorch. */
  readonly from: Shape
  /** Axis by axis of `from` (of which axes may be split), the one that comes there. */
  readonly split: Shape
  readonly order: readonly number[]
}

export interface TorchPlace {
  /** The layer, or of one that is two modules its kernel: `separable_conv2d/pointwiseKernel`. */
  readonly name: string
  readonly weights: readonly TorchWeight[]
}

/** [out, in, height, width] → [height, width, in, out]. */
const kernelOrder = [2, 3, 1, 0]

/** Names of tensors whose numbers are one for each channel or feature. */
const vectors: Readonly<Record<string, string>> = {
  bias: 'bias',
  gamma: 'weight',
  beta: 'bias',
  movingMean: 'running_mean',
  movingVariance: 'running_var',
  scale: 'weight',
  alpha: 'weight',
}

export function torchPlaces(model: Model): readonly TorchPlace[] {
  const places = new Map<string, TorchWeight[]>()
  for (const weight of model.weights) {
    const call = model.layers.find(({ layer }) => layer.name === weight.layer)!
    const own = weight.name.slice(weight.layer.length + 1)
    const isTwo = call.layer.type === 'SeparableConv2D'
    const place = isTwo ? `${weight.layer}/${own === 'bias' ? 'pointwiseKernel' : own}` : weight.layer
    places.set(place, [...(places.get(place) ?? []), torchWeight(model, call, weight, own)])
  }
  return [...places].map(([name, weights]) => ({ name, weights }))
}

function torchWeight(model: Model, call: LayerCall, { name, shape }: ModelWeight, own: string): TorchWeight {
  const of = (torch: string, from: Shape, order: readonly number[], split = from): TorchWeight => ({
    name,
    shape,
    own: torch,
    from,
    order,
    split,
  })
  const { type } = call.layer
  const picture = flattenedBefore(model, call)
  if (type === 'Dense' && own === 'kernel') {
    const [features, units] = shape as [number, number]
    if (picture === undefined) return of('weight', [units, features], [1, 0])
    const [height, width, channels] = picture as [number, number, number]
    return of('weight', [units, features], [2, 3, 1, 0], [units, channels, height, width])
  }
  if (shape.length === 4 && (own === 'depthwiseKernel' || type === 'DepthwiseConv2D')) {
    const [height, width, channels, multiplier] = shape as [number, number, number, number]
    const from = [channels * multiplier, 1, height, width]
    return of('weight', from, [2, 3, 0, 1], [channels, multiplier, height, width])
  }
  // Of a transposed convolution the outputs are the second axis here and there.
  if (shape.length === 4) {
    const [height, width, inputs, outputs] = shape as [number, number, number, number]
    return of('weight', [outputs, inputs, height, width], kernelOrder)
  }
  const torch = vectors[own] ?? own
  const from = [sizeOf(shape)]
  // What a dense layer gives is in its own order; what a picture was flattened to is not.
  if (picture !== undefined && sizeOf(picture) === from[0] && type !== 'Dense') {
    const [height, width, channels] = picture as [number, number, number]
    return of(torch, from, [1, 2, 0], [channels, height, width])
  }
  return of(torch, from, [0])
}

/** Layers that keep the order of a flattened picture. */
const keepsOrder = new Set(['activation', 'dropout', 'noise', 'scaling', 'normalization'])

/** The shape of the picture that was flattened to what a layer takes: channels last, more than one of them and more than one place. */
function flattenedBefore(model: Model, { inputs }: LayerCall): Shape | undefined {
  let call = model.layers[inputs[0]! - model.inputs.length]
  while (call && keepsOrder.has(call.layer.traits.family) && call.outputShape.length === 1) {
    call = model.layers[call.inputs[0]! - model.inputs.length]
  }
  const before = call?.layer.type === 'Flatten' ? call.inputShapes[0]! : undefined
  if (before?.length !== 3) return undefined
  return call!.layer.config['dataFormat'] === 'channelsFirst' ? [before[1]!, before[2]!, before[0]!] : before
}

/** Whether a tensor has the numbers for a weight: extents of 1 do not matter, and a kernel as large as the picture is a dense one. */
export function suits({ from, split }: TorchWeight, { shape }: Pick<TorchTensor, 'shape'>): boolean {
  const bare = (extents: Shape): string => String(extents.filter(extent => extent !== 1))
  return shape.length > 0 && (bare(shape) === bare(from) || bare(shape) === bare(split)) && shape[0] === from[0]
}

/** The numbers as the model has them. */
export function translated({ name, shape, split, order }: TorchWeight, { data }: TorchTensor) {
  const strides = stridesOf(split)
  const [extents, steps] = [order.map(axis => split[axis]!), order.map(axis => strides[axis]!)]
  return { name, shape, data: inOrder(Float32Array.from(data), extents, steps, 0, 'A weight') as Float32Array }
}
