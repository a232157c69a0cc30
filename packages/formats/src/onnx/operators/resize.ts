/**
 * Resize and Upsample. ONNX has many ways to say which places of the input an output is read from; Fovea has Keras's. So both are written
 * down for the sizes at hand, and a layer is taken where it reads the same places.
 */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { listOf } from '../constant.ts'
import {
  floatsAttribute,
  type NodeContext,
  type NodeReader,
  optionalConstant,
  refused,
  textAttribute,
  viewInput,
  wholeAttribute,
  wholesAttribute,
} from '../node-context.ts'
import { arranged, pictureAxes, type View } from '../view.ts'
import { placesAlong } from './rows.ts'

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

const resize: NodeReader = context => {
  const view = viewInput(context)
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
  const mode = textAttribute(context, 'mode', 'nearest')
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'bilinear') throw refused(`Resizing by ${mode} is not known.`)
  const isCut = both.some(({ inputs, outputs, scale }) => Math.abs(inputs * scale - outputs) > 1e-6)
  if (isCut && textAttribute(context, 'coordinate_transformation_mode', '') === 'align_corners') {
    throw refused('Its scales give no whole numbers of rows, and what their corners are is not agreed upon.')
  }
  const isSmaller = both.some(({ inputs, outputs }) => outputs < inputs)
  if (wholeAttribute(context, 'antialias', 0) === 1 && isSmaller && mode !== 'nearest')
    throw refused('It smooths while it shrinks.')
  const placeOf = placesOf(context, mode === 'nearest')
  const interpolation = mode === 'nearest' ? 'nearest' : 'bilinear'
  const [height, width] = both.map(({ outputs }) => outputs) as [number, number]
  if (both.every(axis => isKeras(axis, placeOf, interpolation))) {
    const { value } = context.network.settle(view, pictureAxes)
    const factors = both.map(({ inputs, outputs }) => outputs / inputs)
    const made = factors.every(Number.isInteger)
      ? context.network.layer('UpSampling2D', { size: factors, interpolation }, [value])
      : context.network.layer('Resizing', { height, width, interpolation }, [value])
    return { view: arranged(made, [view.shape[0]!, height, width], pictureAxes) }
  }
  const along = mode === 'nearest' ? picked : mixed
  return { view: both.reduce((result, axis, at) => along(context, result, at + 1, axis, placeOf), view) }
}

type PlaceOf = (i: number, axis: Axis) => number

/** Where outputs read, inside of the axis. */
function placesOf(context: NodeContext, isNearest: boolean): PlaceOf {
  const isOld = context.node.op === 'Upsample' || context.opset < 11
  const coordinates = isOld ? 'asymmetric' : textAttribute(context, 'coordinate_transformation_mode', 'half_pixel')
  const rounding = isOld ? 'floor' : textAttribute(context, 'nearest_mode', 'round_prefer_floor')
  const place = Object.hasOwn(places, coordinates) ? places[coordinates] : undefined
  const round = Object.hasOwn(roundings, rounding) ? roundings[rounding] : undefined
  if (!place || !round) throw refused(`Its places go by ${place ? rounding : coordinates}, which Fovea does not have.`)
  if (wholeAttribute(context, 'exclude_outside', 0) === 1) throw refused('It excludes what lies outside.')
  return (i, axis) => {
    const exact = place(i, axis)
    return Math.min(Math.max(isNearest ? round(exact) : exact, 0), axis.inputs - 1)
  }
}

/** Whether Keras's way reads the same: (i + ½) · in / out, rounded down, or interpolated from half a pixel before. */
function isKeras(axis: Axis, placeOf: PlaceOf, interpolation: 'nearest' | 'bilinear'): boolean {
  const inside = (at: number): number => Math.min(Math.max(at, 0), axis.inputs - 1)
  for (let i = 0; i < axis.outputs; i++) {
    const own = ((i + 0.5) * axis.inputs) / axis.outputs
    const ours = interpolation === 'nearest' ? inside(Math.floor(own)) : inside(own - 0.5)
    if (Math.abs(placeOf(i, axis) - ours) > 1e-6) return false
  }
  return true
}

/** Rows picked by their places. */
const picked = (context: NodeContext, view: View, at: number, axis: Axis, placeOf: PlaceOf): View =>
  placesAlong(
    context,
    view,
    at,
    Array.from({ length: axis.outputs }, (_, i) => placeOf(i, axis)),
  )

/** A fixed matrix [in, out] along the axis: output i is (1 − t) · x[⌊p⌋] + t · x[⌊p⌋ + 1] of its place p = ⌊p⌋ + t. */
function mixed(context: NodeContext, view: View, at: number, axis: Axis, placeOf: PlaceOf): View {
  const { inputs, outputs } = axis
  const kernel = new Float32Array(inputs * outputs)
  for (let i = 0; i < outputs; i++) {
    const place = placeOf(i, axis)
    const low = Math.floor(place)
    kernel[low * outputs + i]! += 1 - (place - low)
    if (place > low) kernel[(low + 1) * outputs + i]! += place - low
  }
  const arrangement = [...view.shape.flatMap((_, other) => (other === at ? [] : [[other]])), [at]]
  const { value } = context.network.settle(view, arrangement)
  const made = context.network.layer('Dense', { units: outputs, useBias: false }, [value], { kernel }, false)
  return arranged(
    made,
    view.shape.map((extent, other) => (other === at ? outputs : extent)),
    arrangement,
  )
}

/** One number for each axis, in either way. */
function asked(context: NodeContext, rank: number) {
  const input = (at: number) => {
    const constant = optionalConstant(context, at)
    return constant && constant.data.length > 0 ? listOf(constant) : undefined
  }
  const isUpsample = context.node.op === 'Upsample'
  const isOld = isUpsample || context.opset < 11
  const scales = context.opset < 9 && isUpsample ? floatsAttribute(context, 'scales') : input(isOld ? 1 : 2)
  const sizes = isOld ? undefined : input(3)
  const named = wholesAttribute(context, 'axes')
  const spread = (values: readonly number[] | undefined, otherwise: (axis: number) => number) => {
    if (!values || !named) return values
    const all = Array.from({ length: rank }, (_, axis) => otherwise(axis))
    for (const [at, axis] of named.entries()) all[axis < 0 ? axis + rank : axis] = values[at]!
    return all
  }
  const view = viewInput(context)
  const result = {
    scales: spread(scales, () => 1),
    sizes: spread(sizes, axis => (axis === 0 ? 1 : view.shape[axis - 1]!)),
  }
  const given = result.scales ?? result.sizes
  if (!given || given.length !== rank) throw refused('Its sizes are missing, or not one for each axis.')
  const policy = textAttribute(context, 'keep_aspect_ratio_policy', 'stretch')
  if (!result.sizes || policy === 'stretch') return result
  // One scale for all axes that are resized: the picture fits into the sizes, or covers them.
  const spatial = (axis: number): boolean =>
    axis > 0 && (!named || named.some(own => (own < 0 ? own + rank : own) === axis))
  const ratios = result.sizes.flatMap((size, axis) => (spatial(axis) ? [size / view.shape[axis - 1]!] : []))
  const scale = policy === 'not_larger' ? smallestOf(ratios) : largestOf(ratios)
  const fitted = result.sizes.map((size, axis) =>
    spatial(axis) ? Math.floor(view.shape[axis - 1]! * scale + 0.5) : size,
  )
  return { scales: fitted.map((size, axis) => (spatial(axis) ? scale : 1) || size), sizes: fitted }
}

export const resizings: Readonly<Record<string, NodeReader>> = {
  Resize: resize,
  Upsample: resize,
}
