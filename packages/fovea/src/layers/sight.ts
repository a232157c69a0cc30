/**
 * What a layer's units see of its inputs, axis by axis (axis-views.ts): the rules that layers choose from in their traits. In: the views of
 * a layer call's output. Out: those of each of its inputs; undefined for one that is not seen.
 */
import { type AxisView, type SeenCall, type Sight, through, wholeView } from './axis-views.ts'
import { paddingOf, type WindowGeometry } from './window.ts'

type Config = Readonly<Record<string, unknown>>

export const wholly: Sight = (_, { inputs }) => inputs.map(shape => shape.map(wholeView))

/** Element by element. An input of extent 1 is broadcast. */
export const alike: Sight = (views, { inputs, output }) =>
  inputs.map(shape => {
    const lead = output.length - shape.length
    return shape.map((extent, axis) => (extent === output[axis + lead] ? views[axis + lead]! : wholeView(extent)))
  })

/** Sees everything along the axes (counted without the batch), else its own position. */
export const along =
  (axesOf: (config: Config, rank: number) => readonly number[]): Sight =>
  (views, { config, inputs: [shape] }) => {
    const axes = axesOf(config, shape!.length)
    return [shape!.map((extent, axis) => (axes.includes(axis) ? wholeView(extent) : views[axis]!))]
  }

export const lastAxis = (_: Config, rank: number): number[] => [rank - 1]
/** Keras counts axes with the batch: 1 is the first, negative ones from the end. */
export const configuredAxes = ({ axis }: Config, rank: number): number[] =>
  [axis as number | readonly number[]].flat().map(each => (each < 0 ? each + rank : each - 1))

const geometryOf = (config: Config): WindowGeometry => ({
  size: (config['kernelSize'] ?? config['poolSize']) as WindowGeometry['size'],
  strides: config['strides'] as WindowGeometry['strides'],
  dilation: (config['dilationRate'] ?? [1, 1]) as WindowGeometry['dilation'],
  padding: config['padding'] as WindowGeometry['padding'],
})

/** Windows over rows and columns; `channelsOf`: the view of the input's channels. */
export const windows =
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

/** The same elements in another shape. */
export const reshapedSight: Sight = (views, sight) => {
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

export const pooled = windows(channels => channels)
export const pooledWholly: Sight = (views, { inputs: [shape] }) => [
  [wholeView(shape![0]!), wholeView(shape![1]!), views.at(-1)!],
]
