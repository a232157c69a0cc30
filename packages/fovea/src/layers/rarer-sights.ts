/** What units see of their inputs, for layers that move, resize and join them; as in sight.ts. */
import { type AxisView, type SeenCall, type Sight, through } from './axis-views.ts'
import { configuredAxes } from './sight.ts'

/** Rows and columns moved by [top, left]. */
export const moved =
  (by: (call: SeenCall) => readonly [number, number]): Sight =>
  (views, sight) => {
    const [height, width] = sight.inputs[0]!
    const [top, left] = by(sight)
    return [
      [through(views[0]!, height!, 1, at => [at + top]), through(views[1]!, width!, 1, at => [at + left]), views[2]!],
    ]
  }

/** Output position i reads at (i + ½) · in / out − ½: the nearest position, or the two around. */
export const sampled: Sight = (views, { config, inputs: [shape], output }) => {
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

export const joined: Sight = (views, { config, inputs }) => {
  const [axis] = configuredAxes(config, views.length) as [number]
  let begin = 0
  return inputs.map(shape => {
    const from = begin
    begin += shape[axis]!
    const own = through(views[axis]!, shape[axis]!, 1, at => [at - from])
    return own.positions.length === 0 ? undefined : views.map((view, index) => (index === axis ? own : view))
  })
}
