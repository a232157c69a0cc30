/**
 * What a layer's units see of its inputs, axis by axis: a view says which positions along one axis. Convolutions and poolings see
 * rows × columns, so their axes can be followed apart. In: the views of a layer call's output. Out: those of each of its inputs.
 */
import type { Shape } from '../base/shape.ts'
import type { LayerType } from '../layers/registry.ts'
import { paddingOf, type WindowGeometry } from '../layers/window.ts'
import type { LayerCall } from '../model/model.ts'

export interface AxisView {
  /** Positions inside, ascending. */
  readonly positions: readonly number[]
  /** How far the view would reach if there were no borders. */
  readonly first: number
  readonly last: number
  /** How far the view moves when the unit moves by one. */
  readonly step: number
}
export type Views = readonly AxisView[]

type Config = Readonly<Record<string, unknown>>
interface Sight {
  readonly config: Config
  readonly inputs: readonly Shape[]
  readonly output: Shape
}
/** Views of every input; undefined for one that is not seen. */
type Rule = (views: Views, sight: Sight) => readonly (Views | undefined)[]

/** The views of each input of a call. Layers that are not in the table (a user's own) see everything. */
export function inputViews(
  { layer, inputShapes, outputShape }: LayerCall,
  views: Views,
): readonly (Views | undefined)[] {
  const rule = Object.hasOwn(rules, layer.type) ? rules[layer.type as LayerType] : wholly
  const config = layer.config as Config
  const sight = { config, inputs: inputShapes, output: outputShape }
  if (config['dataFormat'] !== 'channelsFirst') return rule(views, sight)
  // Such a layer works in channels-last between two transpositions.
  const turned = { config, inputs: inputShapes.map(toLast), output: toLast(outputShape) }
  return rule(toLast(views), turned).map(seen => seen && ([seen[2]!, seen[0]!, seen[1]!] as const))
}

function toLast<T>(axes: readonly T[]): readonly T[] {
  return axes.length === 3 ? [axes[1]!, axes[2]!, axes[0]!] : axes
}

export const pointView = (position: number): AxisView => ({
  positions: [position],
  first: position,
  last: position,
  step: 1,
})

const wholeView = (extent: number): AxisView => ({
  positions: Array.from({ length: extent }, (_, position) => position),
  first: 0,
  last: extent - 1,
  step: 0,
})

const wholly: Rule = (_, { inputs }) => inputs.map(shape => shape.map(wholeView))

/** Element by element. An input of extent 1 is broadcast. */
const alike: Rule = (views, { inputs, output }) =>
  inputs.map(shape => {
    const lead = output.length - shape.length
    return shape.map((extent, axis) => (extent === output[axis + lead] ? views[axis + lead]! : wholeView(extent)))
  })

/** Sees everything along the axes (counted without the batch), else its own position. */
const along =
  (axesOf: (config: Config, rank: number) => readonly number[]): Rule =>
  (views, { config, inputs: [shape] }) => {
    const axes = axesOf(config, shape!.length)
    return [shape!.map((extent, axis) => (axes.includes(axis) ? wholeView(extent) : views[axis]!))]
  }

const lastAxis = (_: Config, rank: number): number[] => [rank - 1]
/** Keras counts axes with the batch: 1 is the first, negative ones from the end. */
const configuredAxes = ({ axis }: Config, rank: number): number[] =>
  [axis as number | readonly number[]].flat().map(each => (each < 0 ? each + rank : each - 1))

/** A view through `follow`, which gives the positions behind one (those outside are dropped), in order. */
function through(
  view: AxisView,
  extent: number,
  step: number,
  follow: (position: number) => readonly number[],
): AxisView {
  const inside = view.positions.flatMap(follow).filter(position => position >= 0 && position < extent)
  return {
    positions: [...new Set(inside)].sort((a, b) => a - b),
    first: follow(view.first)[0]!,
    last: follow(view.last).at(-1)!,
    step: view.step * step,
  }
}

/** Windows over rows and columns; `channels` of the view behind. */
function windowed(
  views: Views,
  [height, width]: Shape,
  geometry: WindowGeometry,
  channels: AxisView,
): readonly [AxisView, AxisView, AxisView] {
  const { top, left } = paddingOf(geometry, height!, width!)
  const [rows, columns] = [top, left].map((before, axis) => {
    const [size, stride, dilation] = [geometry.size[axis]!, geometry.strides[axis]!, geometry.dilation[axis]!]
    const taps = Array.from({ length: size }, (_, tap) => tap * dilation - before)
    return through(views[axis]!, [height!, width!][axis]!, stride, at => taps.map(tap => at * stride + tap))
  })
  return [rows!, columns!, channels]
}

const geometryOf = (config: Config): WindowGeometry => ({
  size: (config['kernelSize'] ?? config['poolSize']) as WindowGeometry['size'],
  strides: config['strides'] as WindowGeometry['strides'],
  dilation: (config['dilationRate'] ?? [1, 1]) as WindowGeometry['dilation'],
  padding: config['padding'] as WindowGeometry['padding'],
})

/** `channelsOf`: the input's channels behind each of the output's. */
const windows =
  (channelsOf: (sight: Sight) => (channel: number) => readonly number[]): Rule =>
  (views, sight) => {
    const [shape] = sight.inputs
    const channels = through(views[2]!, shape![2]!, 0, channelsOf(sight))
    return [windowed(views, shape!, geometryOf(sight.config), channels)]
  }

const range = (begin: number, count: number): number[] => Array.from({ length: count }, (_, index) => begin + index)

/** Rows and columns moved by [top, left]. */
const moved =
  (by: (sight: Sight) => readonly [number, number]): Rule =>
  (views, sight) => {
    const [height, width] = sight.inputs[0]!
    const [top, left] = by(sight)
    return [
      [through(views[0]!, height!, 1, at => [at + top]), through(views[1]!, width!, 1, at => [at + left]), views[2]!],
    ]
  }

/** Output position i reads at (i + ½) · in / out − ½: the nearest position, or the two around. */
const sampled: Rule = (views, { config, inputs: [shape], output }) => {
  const axis = (index: 0 | 1): AxisView => {
    const [extent, ratio] = [shape![index]!, shape![index]! / output[index]!]
    return through(views[index]!, extent, ratio, at => {
      const place = (at + 0.5) * ratio
      if (config['interpolation'] === 'nearest') return [Math.floor(place)]
      const inside = at < 0 || at >= output[index]! ? place - 0.5 : Math.min(Math.max(place - 0.5, 0), extent - 1)
      return [...new Set([Math.floor(inside), Math.ceil(inside)])]
    })
  }
  return [[axis(0), axis(1), views[2]!]]
}

/** The same elements in another shape. */
const reshaped: Rule = (views, sight) => {
  const {
    inputs: [shape],
    output,
  } = sight
  if (views.every(({ positions }, axis) => positions.length === output[axis])) return wholly(views, sight)
  let numbers = [0]
  for (const [axis, { positions }] of views.entries())
    numbers = numbers.flatMap(number => positions.map(position => number * output[axis]! + position))
  const strides = shape!.map((_, axis) => shape!.slice(axis + 1).reduce((product, extent) => product * extent, 1))
  return [
    shape!.map((extent, axis) => {
      const seen = new Set(numbers.map(number => Math.floor(number / strides[axis]!) % extent))
      const positions = [...seen].sort((a, b) => a - b)
      return { positions, first: positions[0] ?? 0, last: positions.at(-1) ?? 0, step: 0 }
    }),
  ]
}

const joined: Rule = (views, { config, inputs }) => {
  const [axis] = configuredAxes(config, views.length) as [number]
  let begin = 0
  return inputs.map(shape => {
    const from = begin
    begin += shape[axis]!
    const own = through(views[axis]!, shape[axis]!, 1, at => [at - from])
    return own.positions.length === 0 ? undefined : views.map((view, index) => (index === axis ? own : view))
  })
}

const pooledChannels = windows(() => channel => [channel])
const pooledWholly: Rule = (views, { inputs: [shape] }) => [
  [wholeView(shape![0]!), wholeView(shape![1]!), views.at(-1)!],
]
const isSoftmax = ({ activation }: Config): boolean =>
  /softmax$/i.test(typeof activation === 'string' ? activation : (activation as { type: string }).type)

const rules: { readonly [T in LayerType]: Rule } = {
  Activation: (views, sight) => (isSoftmax(sight.config) ? along(lastAxis) : alike)(views, sight),
  Add: alike,
  Average: alike,
  AveragePooling2D: pooledChannels,
  BatchNormalization: alike,
  CenterCrop(views, sight) {
    const [rows, columns] = [0, 1].map(axis => sight.inputs[0]![axis]! - sight.output[axis]!) as [number, number]
    // A smaller picture is resized.
    if (rows < 0 || columns < 0) return wholly(views, sight)
    return moved(() => [Math.floor(rows / 2), Math.floor(columns / 2)])(views, sight)
  },
  Concatenate: joined,
  Conv2D: windows(({ config, inputs: [shape], output }) => {
    const groups = config['groups'] as number
    const own = shape![2]! / groups
    return filter => range(Math.floor(filter / (output[2]! / groups)) * own, own)
  }),
  Cropping2D: moved(({ config }) => {
    const [[top], [left]] = config['cropping'] as [[number], [number]]
    return [top, left]
  }),
  Dense: along(lastAxis),
  DepthwiseConv2D: windows(({ config }) => channel => [Math.floor(channel / (config['depthMultiplier'] as number))]),
  Dropout: alike,
  ELU: alike,
  Flatten: reshaped,
  GaussianDropout: alike,
  GaussianNoise: alike,
  GlobalAveragePooling2D: pooledWholly,
  GlobalMaxPooling2D: pooledWholly,
  LayerNormalization: along(configuredAxes),
  LeakyReLU: alike,
  LocalResponseNormalization: along(lastAxis),
  MaxPooling2D: pooledChannels,
  Maximum: alike,
  Minimum: alike,
  Multiply: alike,
  Normalization: alike,
  PReLU: alike,
  Permute: (views, { config }) => {
    const dims = config['dims'] as readonly number[]
    return [dims.map((_, axis) => views[dims.indexOf(axis + 1)]!)]
  },
  RandomAffine: alike,
  // Outside of training it resizes a window of the picture.
  RandomCrop: wholly,
  RandomErasing: alike,
  RandomFlip: alike,
  RandomRotation: alike,
  RandomTranslation: alike,
  RandomZoom: alike,
  ReLU: alike,
  Rescaling: alike,
  Reshape: reshaped,
  Resizing: (views, sight) => (sight.config['cropToAspectRatio'] ? wholly : sampled)(views, sight),
  SeparableConv2D: windows(
    ({ inputs: [shape] }) =>
      () =>
        range(0, shape![2]!),
  ),
  Softmax: along(configuredAxes),
  SpatialDropout2D: alike,
  Subtract: alike,
  UpSampling2D: sampled,
  ZeroPadding2D: moved(({ config }) => {
    const [[top], [left]] = config['padding'] as [[number], [number]]
    return [-top, -left]
  }),
}
