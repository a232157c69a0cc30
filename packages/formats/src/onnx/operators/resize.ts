/**
 * Resize and Upsample. ONNX has many ways to say which places of the input an output is read from; Fovea has Keras's. So both are written
 * down for the sizes at hand, and a layer is taken where it reads the same places.
 */
import { listOf } from '../constant.ts'
import {
  float,
  floats,
  type NodeContext,
  type Operator,
  optionalConstant,
  refused,
  text,
  viewOf,
  whole,
  wholes,
} from '../node-context.ts'
import { arranged, picture } from '../view.ts'

interface Axis {
  readonly inputs: number
  readonly outputs: number
  readonly scale: number
}

/** No picture is wider. */
const widest = 2 ** 16

/** Where output i reads, by coordinate_transformation_mode. */
const places: Readonly<Record<string, (i: number, axis: Axis) => number>> = {
  half_pixel: (i, { scale }) => (i + 0.5) / scale - 0.5,
  half_pixel_symmetric: (i, { inputs, outputs, scale }) => {
    const centre = inputs / 2
    return centre * (1 - outputs / (scale * inputs)) + (i + 0.5) / scale - 0.5
  },
  pytorch_half_pixel: (i, { outputs, scale }) => (outputs > 1 ? (i + 0.5) / scale - 0.5 : 0),
  align_corners: (i, { inputs, outputs }) => (outputs > 1 ? (i * (inputs - 1)) / (outputs - 1) : 0),
  asymmetric: (i, { scale }) => i / scale,
  tf_half_pixel_for_nn: (i, { scale }) => (i + 0.5) / scale,
}

const roundings: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: place => Math.ceil(place - 0.5),
  round_prefer_ceil: place => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
}

export const resize: Operator = context => {
  const view = viewOf(context)
  const rank = view.shape.length + 1
  const { scales, sizes } = asked(context, rank)
  if (view.shape.length !== 3) throw refused('It resizes what is no picture.')
  const axes = view.shape.map((inputs, at): Axis => {
    const scale = scales ? scales[at + 1]! : sizes![at + 1]! / inputs
    return { inputs, outputs: sizes ? sizes[at + 1]! : Math.floor(inputs * scale), scale }
  })
  const [channels, ...both] = axes as [Axis, Axis, Axis]
  if (channels.outputs !== channels.inputs || (scales && scales[0] !== 1))
    throw refused('It resizes batch or channels.')
  if (both.some(({ outputs, scale }) => !(outputs >= 1 && outputs <= widest && scale > 0))) {
    throw refused(`It gives pictures of ${both.map(({ outputs }) => outputs).join(' × ')}.`)
  }
  const mode = text(context, 'mode', 'nearest')
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'bilinear') throw refused(`Resizing by ${mode} is not known.`)
  const interpolation = mode === 'nearest' ? 'nearest' : 'bilinear'
  check(context, both, interpolation)
  const { value } = context.network.settle(view, picture)
  const factors = both.map(({ inputs, outputs }) => outputs / inputs)
  const isWhole = factors.every(factor => Number.isInteger(factor))
  const [height, width] = both.map(({ outputs }) => outputs) as [number, number]
  const made = isWhole
    ? context.network.layer('UpSampling2D', { size: factors, interpolation }, [value])
    : context.network.layer('Resizing', { height, width, interpolation }, [value])
  return { view: arranged(made, [view.shape[0]!, height, width], picture) }
}

/** One number for each axis, in either way. */
function asked(context: NodeContext, rank: number) {
  const input = (at: number) => {
    const constant = optionalConstant(context, at)
    return constant && constant.data.length > 0 ? listOf(constant) : undefined
  }
  const isUpsample = context.node.op === 'Upsample'
  const isOld = isUpsample || context.opset < 11
  const scales = context.opset < 9 && isUpsample ? floats(context, 'scales') : input(isOld ? 1 : 2)
  const sizes = isOld ? undefined : input(3)
  const named = wholes(context, 'axes')
  const spread = (values: readonly number[] | undefined, otherwise: (axis: number) => number) => {
    if (!values || !named) return values
    const all = Array.from({ length: rank }, (_, axis) => otherwise(axis))
    for (const [at, axis] of named.entries()) all[axis < 0 ? axis + rank : axis] = values[at]!
    return all
  }
  const view = viewOf(context)
  const result = {
    scales: spread(scales, () => 1),
    sizes: spread(sizes, axis => (axis === 0 ? 1 : view.shape[axis - 1]!)),
  }
  const given = result.scales ?? result.sizes
  if (!given || given.length !== rank) throw refused('Its sizes are missing, or not one for each axis.')
  if (result.sizes && text(context, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') {
    throw refused('It keeps the proportions of the picture.')
  }
  return result
}

/** Throws UserError where Fovea would read other places than the file says. */
function check(context: NodeContext, axes: readonly Axis[], interpolation: 'nearest' | 'bilinear'): void {
  const isOld = context.node.op === 'Upsample' || context.opset < 11
  const coordinates = isOld ? 'asymmetric' : text(context, 'coordinate_transformation_mode', 'half_pixel')
  const rounding = isOld ? 'floor' : text(context, 'nearest_mode', 'round_prefer_floor')
  const place = Object.hasOwn(places, coordinates) ? places[coordinates] : undefined
  const round = Object.hasOwn(roundings, rounding) ? roundings[rounding] : undefined
  const isKnown =
    place && round && float(context, 'extrapolation_value', 0) === 0 && whole(context, 'exclude_outside', 0) === 0
  const isSmaller = axes.some(({ inputs, outputs }) => outputs < inputs)
  const smooths = whole(context, 'antialias', 0) === 1 && isSmaller && interpolation === 'bilinear'
  const isAlike = (axis: Axis): boolean => {
    const inside = (at: number): number => Math.min(Math.max(at, 0), axis.inputs - 1)
    const own = (i: number): number => ((i + 0.5) * axis.inputs) / axis.outputs
    for (let i = 0; i < axis.outputs; i++) {
      const [theirs, ours] =
        interpolation === 'nearest'
          ? [inside(round!(place!(i, axis))), inside(Math.floor(own(i)))]
          : [inside(place!(i, axis)), inside(own(i) - 0.5)]
      if (Math.abs(theirs - ours) > 1e-6) return false
    }
    return true
  }
  if (isKnown && !smooths && axes.every(isAlike)) return
  throw refused(
    `It reads other places than Fovea's resizing: ${interpolation} by ${coordinates}${interpolation === 'nearest' ? `, ${rounding}` : ''}${smooths ? ', smoothed' : ''}.`,
  )
}
