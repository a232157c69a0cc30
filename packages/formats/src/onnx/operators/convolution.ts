/** Conv, ConvTranspose: kernels [out, in per group, height, width] become Fovea's [height, width, in per group, out]. One axis is a picture of one row. */
import { type Constant, transposedConstant } from '../constant.ts'
import {
  constantInput,
  type NodeContext,
  type NodeReader,
  optionalConstant,
  refused,
  textAttribute,
  viewInput,
  wholeAttribute,
  wholesAttribute,
} from '../node-context.ts'
import { arranged, pictureAxes, type View, withShape } from '../view.ts'
import { part } from './rows.ts'

export interface KernelWindow {
  readonly size: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly dilation: readonly [number, number]
}

/** [[top, bottom], [left, right]]. */
export type Pads = readonly [readonly [number, number], readonly [number, number]]

const two = (values: readonly number[], name: string, isOneAxis: boolean, first: number): [number, number] => {
  const both = isOneAxis && values.length === 1 ? [first, ...values] : values
  if (both.length === 2) return [both[0]!, both[1]!]
  throw refused(`${name} has ${values.length} numbers; only pictures, of height and width, can be read.`)
}

/** The value as a picture [channels, height, width]. */
export function asPicture(view: View): { readonly view: View; readonly isOneAxis: boolean } {
  if (view.shape.length === 3) return { view, isOneAxis: false }
  if (view.shape.length === 2) return { view: withShape(view, [view.shape[0]!, 1, view.shape[1]!]), isOneAxis: true }
  throw refused(`It works on ${view.shape.length - 1} axes beside the channels; pictures have two.`)
}

/** A result as ONNX has it. */
export const pictureResult = (value: number, stored: readonly number[], isOneAxis: boolean): View => {
  const [height, width, channels] = stored as [number, number, number]
  const view = arranged(value, [channels, height, width], pictureAxes)
  return isOneAxis ? withShape(view, [channels, width]) : view
}

export function windowOf(context: NodeContext, size: readonly number[], isOneAxis: boolean): KernelWindow {
  const ones = size.map(() => 1)
  return {
    size: two(size, 'kernel_shape', isOneAxis, 1),
    strides: two(wholesAttribute(context, 'strides') ?? ones, 'strides', isOneAxis, 1),
    dilation: two(wholesAttribute(context, 'dilations') ?? ones, 'dilations', isOneAxis, 1),
  }
}

/** Of height and width, as the attributes say, on a picture of this size. */
export function padsOf(
  context: NodeContext,
  { size, strides, dilation }: KernelWindow,
  [, ...extents]: readonly number[],
  isOneAxis: boolean,
): Pads {
  const auto = textAttribute(context, 'auto_pad', 'NOTSET')
  if (auto === 'NOTSET' || auto === '') {
    const pads = wholesAttribute(context, 'pads') ?? (isOneAxis ? [0, 0] : [0, 0, 0, 0])
    const half = pads.length / 2
    const [top, left] = two(pads.slice(0, half), 'pads', isOneAxis, 0)
    const [bottom, right] = two(pads.slice(half), 'pads', isOneAxis, 0)
    if ([top, left, bottom, right].some(pad => pad < 0)) throw refused('It cuts borders away instead of adding some.')
    return [
      [top, bottom],
      [left, right],
    ]
  }
  if (auto === 'VALID') return noPads
  if (auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER') throw refused(`auto_pad ${auto} is not known.`)
  const both = extents.map((extent, axis) => {
    const total = sameTotal(extent, size[axis]!, strides[axis]!, dilation[axis]!)
    const less = Math.floor(total / 2)
    return auto === 'SAME_UPPER' ? ([less, total - less] as const) : ([total - less, less] as const)
  })
  return both as unknown as Pads
}

export const noPads: Pads = [
  [0, 0],
  [0, 0],
]

const sameTotal = (extent: number, size: number, stride: number, dilation: number): number =>
  Math.max((Math.ceil(extent / stride) - 1) * stride + dilation * (size - 1) + 1 - extent, 0)

/** Whether these borders are those of Keras's 'same' on a picture of this size. */
export const isSame = (
  pads: Pads,
  { size, strides, dilation }: KernelWindow,
  [, ...extents]: readonly number[],
): boolean =>
  extents.every((extent, axis) => {
    const total = sameTotal(extent, size[axis]!, strides[axis]!, dilation[axis]!)
    const less = Math.floor(total / 2)
    return pads[axis]![0] === less && pads[axis]![1] === total - less
  })

export const isNone = (pads: Pads): boolean => pads.flat().every(pad => pad === 0)

/** Borders of zeros, as a layer. */
export const zerosAround = (context: NodeContext, value: number, padding: Pads): number =>
  context.network.layer('ZeroPadding2D', { padding }, [value])

/** Two axes of space: one axis is a picture of one row. */
function spatial({ dims, data, type }: Constant): Constant {
  if (dims.length === 4) return { dims, data, type }
  if (dims.length === 3) return { dims: [dims[0]!, dims[1]!, 1, dims[2]!], data, type }
  throw refused(`Its kernel has ${dims.length} axes; that of a convolution over pictures has 4.`)
}

const conv: NodeReader = context => {
  const { view, isOneAxis } = asPicture(viewInput(context))
  const kernel = constantInput(context, 1)
  const bias = optionalConstant(context, 2)
  const { dims, ...numbers } = spatial(kernel)
  const [filters, inEach, height, width] = dims as [number, number, number, number]
  const groups = wholeAttribute(context, 'group', 1)
  const channels = view.shape[0]!
  if (inEach * groups !== channels) {
    throw refused(`Its kernel takes ${inEach * groups} channels, and ${channels} arrive.`)
  }
  const window = windowOf(context, kernel.dims.slice(2), isOneAxis)
  const pads = padsOf(context, window, view.shape, isOneAxis)
  const same = isSame(pads, window, view.shape)
  let { value } = context.network.settle(view, pictureAxes)
  if (!same && !isNone(pads)) value = zerosAround(context, value, pads)
  const common = {
    kernelSize: [height, width],
    strides: window.strides,
    dilationRate: window.dilation,
    padding: same && !isNone(pads) ? 'same' : 'valid',
    useBias: bias !== undefined,
  }
  const isDepthwise = groups > 1 && inEach === 1 && filters % groups === 0
  // [channel · multiplier + m, 1, h, w] → [h, w, channel, m]
  const own = transposedConstant({ dims, ...numbers }, [2, 3, 1, 0]).data
  const weights = { kernel: own, ...(bias && { bias: bias.data }) }
  const made = isDepthwise
    ? context.network.layer('DepthwiseConv2D', { ...common, depthMultiplier: filters / groups }, [value], weights)
    : context.network.layer('Conv2D', { ...common, filters, groups }, [value], weights)
  return { view: pictureResult(made, context.network.shapeOf(made), isOneAxis) }
}

/** Kernels [in, out, height, width] become [height, width, out, in]. What pads say is cut from the whole result. */
const convTranspose: NodeReader = context => {
  const { view, isOneAxis } = asPicture(viewInput(context))
  const kernel = constantInput(context, 1)
  const bias = optionalConstant(context, 2)
  const groups = wholeAttribute(context, 'group', 1)
  const { dims, ...numbers } = spatial(kernel)
  const [channels, filters, height, width] = dims as [number, number, number, number]
  if (groups < 1 || channels % groups !== 0) throw refused(`${channels} channels do not fall into ${groups} groups.`)
  if (channels !== view.shape[0]) throw refused(`Its kernel takes ${channels} channels, and ${view.shape[0]} arrive.`)
  const window = windowOf(context, kernel.dims.slice(2), isOneAxis)
  const none = kernel.dims.slice(2).map(() => 0)
  const outputPadding = two(wholesAttribute(context, 'output_padding') ?? none, 'output_padding', isOneAxis, 0)
  const cropping = transposedPads(context, window, view.shape, outputPadding, isOneAxis)
  const config = {
    filters,
    kernelSize: [height, width],
    strides: window.strides,
    dilationRate: window.dilation,
    padding: 'valid',
    outputPadding,
    useBias: bias !== undefined,
  }
  const inGroup = channels / groups
  // Each group is a transposed convolution of its own.
  const parts = Array.from({ length: groups }, (_, group) => {
    const size = numbers.data.length / groups
    const data = numbers.data.subarray(group * size, (group + 1) * size)
    const own = transposedConstant({ ...numbers, dims: [inGroup, filters, height, width], data }, [2, 3, 1, 0]).data
    const weights = { kernel: own, ...(bias && { bias: bias.data.subarray(group * filters, (group + 1) * filters) }) }
    const input = groups === 1 ? view : part(context, view, 0, group * inGroup, (group + 1) * inGroup)
    return context.network.layer('Conv2DTranspose', config, [context.network.settle(input, pictureAxes).value], weights)
  })
  let made = groups === 1 ? parts[0]! : context.network.layer('Concatenate', { axis: 3 }, parts)
  if (!isNone(cropping)) made = context.network.layer('Cropping2D', { cropping }, [made])
  return { view: pictureResult(made, context.network.shapeOf(made), isOneAxis) }
}

/** Rows and columns to cut from (in − 1) · stride + reach of the kernel + output padding. */
function transposedPads(
  context: NodeContext,
  window: KernelWindow,
  shape: readonly number[],
  extra: readonly number[],
  isOneAxis: boolean,
): Pads {
  const auto = textAttribute(context, 'auto_pad', 'NOTSET')
  const asked = wholesAttribute(context, 'output_shape')?.slice(isOneAxis ? -1 : -2)
  if (asked === undefined && !auto.startsWith('SAME')) return padsOf(context, window, shape, isOneAxis)
  const { size, strides, dilation } = window
  const extents = shape.slice(1)
  const outputs = asked ? two(asked, 'output_shape', isOneAxis, 1) : extents.map((n, axis) => n * strides[axis]!)
  const sides = outputs.map((output, axis) => {
    const all = (extents[axis]! - 1) * strides[axis]! + dilation[axis]! * (size[axis]! - 1) + 1 + extra[axis]!
    if (all < output) throw refused('It gives more rows or columns than its kernel reaches.')
    const half = Math.floor((all - output) / 2)
    return auto === 'SAME_UPPER' ? [half, all - output - half] : [all - output - half, half]
  })
  return sides as unknown as Pads
}

export const convolutions: Readonly<Record<string, NodeReader>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
}
