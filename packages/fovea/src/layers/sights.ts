/**
 * What a layer's units see of its inputs, axis by axis (axis-views.ts): one rule for each name that a layer can have in its traits. In: the
 * views of a layer call's output. Out: those of each of its inputs; undefined for one that is not seen.
 */
import { type AxisView, type SeenCall, type Sight, through, type Views, wholeView } from './axis-views.ts'
import type { SightName } from './layer.ts'
import { spreadOf } from './spread.ts'
import { paddingOf, type WindowGeometry } from './window.ts'

type Config = Readonly<Record<string, unknown>>

const wholly: Sight = (_, { inputs }) => inputs.map(shape => shape.map(wholeView))

/** Element by element. An input of extent 1 is broadcast. */
const alike: Sight = (views, { inputs, output }) =>
  inputs.map(shape => {
    const lead = output.length - shape.length
    return shape.map((extent, axis) => (extent === output[axis + lead] ? views[axis + lead]! : wholeView(extent)))
  })

/** Sees everything along the axes (counted without the batch), else its own position. */
const along =
  (axesOf: (config: Config, rank: number) => readonly number[]): Sight =>
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
  (channelsOf: (channels: AxisView, call: SeenCall) => AxisView): Sight =>
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

/** The inputs whose windows, a stride apart, reach an output. */
const spread: Sight = (views, { config, inputs: [shape] }) => {
  const geometry = geometryOf(config)
  const outputPadding = config['outputPadding'] as readonly [number, number] | null
  const axis = (index: 0 | 1): AxisView => {
    const [stride, dilation, extent] = [geometry.strides[index], geometry.dilation[index], shape![index]!]
    const { before } = spreadOf(geometry, outputPadding, index, extent)
    const taps = Array.from({ length: geometry.size[index] }, (_, tap) => tap * dilation)
    const { positions, first, last, step } = views[index]!
    const seen = positions
      .flatMap(at => taps.map(tap => (at + before - tap) / stride))
      .filter(position => Number.isInteger(position) && position >= 0 && position < extent)
    return {
      positions: [...new Set(seen)].sort((a, b) => a - b),
      first: Math.ceil((first + before - taps.at(-1)!) / stride),
      last: Math.floor((last + before) / stride),
      step: step / stride,
    }
  }
  return [[axis(0), axis(1), wholeView(shape![2]!)]]
}

/** The same elements in another shape. */
const reshaped: Sight = (views, sight) => {
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

/** Rows and columns moved by [top, left]. */
const moved =
  (by: (call: SeenCall) => readonly [number, number]): Sight =>
  (views, sight) => {
    const [height, width] = sight.inputs[0]!
    const [top, left] = by(sight)
    return [
      [through(views[0]!, height!, 1, at => [at + top]), through(views[1]!, width!, 1, at => [at + left]), views[2]!],
    ]
  }

/** Output position i reads at (i + ½) · in / out − ½: the nearest position, or the two around. */
const sampled: Sight = (views, { config, inputs: [shape], output }) => {
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

const joined: Sight = (views, { config, inputs }) => {
  const [axis] = configuredAxes(config, views.length) as [number]
  let begin = 0
  return inputs.map(shape => {
    const from = begin
    begin += shape[axis]!
    const own = through(views[axis]!, shape[axis]!, 1, at => [at - from])
    return own.positions.length === 0 ? undefined : views.map((view, index) => (index === axis ? own : view))
  })
}

/** The rows and columns in the middle; a smaller picture is resized instead. */
const middle: Sight = (views, call) => {
  const [rows, columns] = [0, 1].map(axis => call.inputs[0]![axis]! - call.output[axis]!) as [number, number]
  if (rows < 0 || columns < 0) return wholly(views, call)
  return moved(() => [Math.floor(rows / 2), Math.floor(columns / 2)])(views, call)
}

/** Of the input's channels, those that the filters of a group see. */
function channelsOfGroup(seen: AxisView, { config, inputs: [shape] }: SeenCall): AxisView {
  const channels = shape![2]!
  const groups = (config['groups'] ?? 1) as number
  if (groups === 1) return wholeView(channels)
  const [own, made] = [channels / groups, (config['filters'] as number) / groups]
  return through(seen, channels, 0, filter =>
    Array.from({ length: own }, (_, index) => Math.floor(filter / made) * own + index),
  )
}

/** Of the input's channels, those of which a depthwise convolution makes these. */
const channelsMultiplied = (seen: AxisView, { config, inputs: [shape] }: SeenCall): AxisView =>
  through(seen, shape![2]!, 0, channel => [Math.floor(channel / (config['depthMultiplier'] as number))])

/** [[top, bottom], [left, right]] of an option. */
type Borders = readonly [readonly [number, number], readonly [number, number]]

const permuted: Sight = (views, { config }) => {
  const dims = config['dims'] as readonly number[]
  return [dims.map((_, axis) => views[dims.indexOf(axis + 1)]!)]
}

const sights: { readonly [S in SightName]: Sight } = {
  alike,
  channelwise: windows(channelsMultiplied),
  configuredAxes: along(configuredAxes),
  convolved: windows(channelsOfGroup),
  cropped: moved(({ config }) => {
    const [[top], [left]] = config['cropping'] as Borders
    return [top, left]
  }),
  joined,
  lastAxis: along(lastAxis),
  middle,
  padded: moved(({ config }) => {
    const [[top], [left]] = config['padding'] as Borders
    return [-top, -left]
  }),
  permuted,
  pooled: windows(channels => channels),
  pooledWholly: (views, { inputs: [shape] }) => [[wholeView(shape![0]!), wholeView(shape![1]!), views.at(-1)!]],
  reshaped,
  sampled,
  spread,
  wholly,
}

/** The views of each input of a call by a rule. */
export function seenBy(name: SightName, views: Views, call: SeenCall): readonly (Views | undefined)[] {
  return sights[name](views, call)
}
