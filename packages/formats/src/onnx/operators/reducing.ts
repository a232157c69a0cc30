/**
 * Means, sums and extremes over axes of each sample: those axes are stored first, as the rows of a picture, and pooled as a whole. (Over
 * height and width that is the order in which pictures are stored anyway.)
 */
import { sizeOf } from 'fovea/internal/base/shape'
import { listOf } from '../constant.ts'
import {
  inputOf,
  type NodeContext,
  type NodeReader,
  optionalConstant,
  sampleAxis,
  viewInput,
  wholeAttribute,
  wholesAttribute,
} from '../node-context.ts'
import { arranged, plainAxes, type StoredAxes, type View, withShape } from '../view.ts'

/** Axes of one sample: an attribute, since opset 13 or 18 an input; all where none are named. */
function axesOf(context: NodeContext, rank: number): number[] | undefined {
  const listed = optionalConstant(context, 1)
  const named = listed ? listOf(listed) : (wholesAttribute(context, 'axes') ?? [])
  if (named.length === 0 && wholeAttribute(context, 'noop_with_empty_axes', 0) === 1) return undefined
  const all = named.length > 0 ? named : Array.from({ length: rank + 1 }, (_, axis) => axis)
  return [...new Set(all.map(axis => sampleAxis(axis, rank + 1)))].sort((a, b) => a - b)
}

/** The values after pooling over the axes. */
function pooledOver(context: NodeContext, view: View, axes: readonly number[], kind: string): View {
  const { network } = context
  const rest = view.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const rows: StoredAxes = axes.length === 2 ? axes.map(axis => [axis]) : [axes, []]
  const stored = network.settle(view, [...rows, rest])
  const value = network.layer(kind, {}, [stored.value])
  const left = rest.map(axis => view.shape[axis]!)
  const pooled = { ...arranged(value, left, plainAxes(left)), stored: network.shapeOf(value) }
  const kept = view.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
  return wholeAttribute(context, 'keepdims', 1) === 1 ? withShape(pooled, kept) : pooled
}

export const scaled = ({ network }: NodeContext, view: View, scale: number): View => ({
  ...view,
  value: network.layer('Rescaling', { scale }, [view.value]),
})

const reduced =
  (pool: (context: NodeContext, view: View, axes: readonly number[]) => View): NodeReader =>
  context => {
    const operand = inputOf(context, 0)
    const view = viewInput(context)
    const axes = axesOf(context, view.shape.length)
    const isNotNegative = operand.kind === 'view' && operand.isNotNegative
    return axes === undefined ? { view } : { view: pool(context, view, axes), isNotNegative }
  }

const countOf = (view: View, axes: readonly number[]): number => sizeOf(axes.map(axis => view.shape[axis]!))
const mean = (context: NodeContext, view: View, axes: readonly number[]): View =>
  pooledOver(context, view, axes, 'GlobalAveragePooling2D')
const largest = (context: NodeContext, view: View, axes: readonly number[]): View =>
  pooledOver(context, view, axes, 'GlobalMaxPooling2D')

const reduceMean = reduced(mean)
const reduceMax = reduced(largest)
const reduceSum = reduced((context, view, axes) => scaled(context, mean(context, view, axes), countOf(view, axes)))
/** Σ x², as layers multiply a value by itself. */
const reduceSumSquare = reduced((context, view, axes) => {
  const square = { ...view, value: context.network.layer('Multiply', {}, [view.value, view.value]) }
  return scaled(context, mean(context, square, axes), countOf(view, axes))
})
/** The least number is minus the largest of their opposites. */
const reduceMin = reduced((context, view, axes) =>
  scaled(context, largest(context, scaled(context, view, -1), axes), -1),
)

export const reductions: Readonly<Record<string, NodeReader>> = {
  ReduceMax: reduceMax,
  ReduceMean: reduceMean,
  ReduceMin: reduceMin,
  ReduceSum: reduceSum,
  ReduceSumSquare: reduceSumSquare,
}
