/**
 * What a layer's units see of its inputs, axis by axis (axis-views.ts): one rule a layer type. In: the views of a layer call's output.
 * Out: those of each of its inputs.
 */
import type { Shape } from '../base/shape.ts'
import type { LayerType } from '../layers/registry.ts'
import { paddingOf, type WindowGeometry } from '../layers/window.ts'
import type { LayerCall } from '../model/model.ts'
import { type AxisView, through, type Views, wholeView } from './axis-views.ts'

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

const geometryOf = (config: Config): WindowGeometry => ({
  size: (config['kernelSize'] ?? config['poolSize']) as WindowGeometry['size'],
  strides: config['strides'] as WindowGeometry['strides'],
  dilation: (config['dilationRate'] ?? [1, 1]) as WindowGeometry['dilation'],
  padding: config['padding'] as WindowGeometry['padding'],
})

/** Windows over rows and columns; `channelsOf`: the view of the input's channels. */
const windows =
  (channelsOf: (channels: AxisView, sight: Sight) => AxisView): Rule =>
  (views, sight) => {
    const [height, width] = sight.inputs[0] as readonly [number, number]
    const geometry = geometryOf(sight.config)
    const { top, left } = paddingOf(geometry, height, width)
    const axis = (index: 0 | 1, extent: number, before: number): AxisView => {
      const [size, stride, dilation] = [geometry.size[index], geometry.strides[index], geometry.dilation[index]]
      const taps = Array.from({ length: size }, (_, tap) => tap * dilation - before)
      return through(views[index]!, extent, stride, at => taps.map(tap => at * stride + tap))
    }
    return [[axis(0, height, top), axis(1, width, left), channelsOf(views[2]!, sight)]]
  }

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

const pooled = windows(channels => channels)
const pooledWholly: Rule = (views, { inputs: [shape] }) => [
  [wholeView(shape![0]!), wholeView(shape![1]!), views.at(-1)!],
]
const isSoftmax = ({ activation }: Config): boolean =>
  /softmax$/i.test(typeof activation === 'string' ? activation : (activation as { type: string }).type)

const rules: { readonly [T in LayerType]: Rule } = {
  Activation: (views, sight) => (isSoftmax(sight.config) ? along(lastAxis) : alike)(views, sight),
  Add: alike,
  Average: alike,
  AveragePooling2D: pooled,
  BatchNormalization: alike,
  CenterCrop(views, sight) {
    const [rows, columns] = [0, 1].map(axis => sight.inputs[0]![axis]! - sight.output[axis]!) as [number, number]
    // A smaller picture is resized.
    if (rows < 0 || columns < 0) return wholly(views, sight)
    return moved(() => [Math.floor(rows / 2), Math.floor(columns / 2)])(views, sight)
  },
  Concatenate: joined,
  Conv2D: windows((filters, { config, inputs: [shape], output }) => {
    const groups = config['groups'] as number
    if (groups === 1) return wholeView(shape![2]!)
    const [own, made] = [shape![2]! / groups, output[2]! / groups]
    return through(filters, shape![2]!, 0, filter =>
      Array.from({ length: own }, (_, index) => Math.floor(filter / made) * own + index),
    )
  }),
  Cropping2D: moved(({ config }) => {
    const [[top], [left]] = config['cropping'] as [[number], [number]]
    return [top, left]
  }),
  Dense: along(lastAxis),
  DepthwiseConv2D: windows((channels, { config, inputs: [shape] }) =>
    through(channels, shape![2]!, 0, channel => [Math.floor(channel / (config['depthMultiplier'] as number))]),
  ),
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
  MaxPooling2D: pooled,
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
  SeparableConv2D: windows((_, { inputs: [shape] }) => wholeView(shape![2]!)),
  Softmax: along(configuredAxes),
  SpatialDropout2D: alike,
  Subtract: alike,
  UpSampling2D: sampled,
  ZeroPadding2D: moved(({ config }) => {
    const [[top], [left]] = config['padding'] as [[number], [number]]
    return [-top, -left]
  }),
}
