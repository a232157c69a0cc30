/**
 * Add, Sub, Mul, Div, Max, Min, Mean, Sum, Pow. Between computed values: Fovea's merging layers, both stored in one order. With numbers of
 * the file: a bias of the layer before, where it has none yet, else a fixed scale and offset (Rescaling).
 */
import { largestOf } from 'fovea/internal/base/extremes'
import { broadcastShapes, type Shape, sameShape } from 'fovea/internal/base/shape'
import type { Constant } from '../constant.ts'
import {
  axisIn,
  constantInput,
  inputOf,
  type NodeContext,
  type NodeInput,
  type NodeReader,
  refused,
  viewInput,
  wholeAttribute,
} from '../node-context.ts'
import { arranged, isArranged, onnxPlaces, pictureAxes, plainAxes, type StoredAxes, type View } from '../view.ts'
import { clipped, onEach } from './activations.ts'

type Kind = 'Add' | 'Subtract' | 'Multiply' | 'Maximum' | 'Minimum' | 'Average'

/** With the axes that the other has more, in front: the batch axis is the first of both. */
const ofRank = (view: View, rank: number): View => {
  if (view.shape.length === rank) return view
  throw refused(`Values of ${view.shape.length + 1} and ${rank + 1} axes, which would not be joined sample by sample.`)
}

/** The order in which values of one rank are joined: as pictures where one is stored as such. Those of the whole shape decide. */
const commonOrder = (views: readonly View[]): StoredAxes =>
  views.some(view => view.shape.length === 3 && isArranged(view, pictureAxes))
    ? pictureAxes
    : plainAxes(views[0]!.shape)

const isStoredAlike = (a: View, b: View): boolean =>
  sameShape(a.shape, b.shape) &&
  sameShape(a.stored, b.stored) &&
  sameShape(a.factors, b.factors) &&
  sameShape(a.order, b.order)

export function joinedValues(context: NodeContext, kind: Kind, given: readonly View[]): View {
  const rank = largestOf(given.map(view => view.shape.length))
  const views = given.map(view => ofRank(view, rank))
  const [first] = views as [View, ...View[]]
  if (views.every(view => isStoredAlike(view, first))) {
    return {
      ...first,
      value: context.network.layer(
        kind,
        {},
        views.map(view => view.value),
      ),
    }
  }
  const shape = views.reduce<Shape>((joined, view) => {
    const both = broadcastShapes(joined, view.shape)
    if (both) return both
    throw refused(`Values of shapes [${joined.join(', ')}] and [${view.shape.join(', ')}] cannot be joined.`)
  }, first.shape)
  const wholeAttribute = views.filter(view => sameShape(view.shape, shape))
  const order = commonOrder(wholeAttribute.length > 0 ? wholeAttribute : views)
  const values = views.map(view => context.network.settle(view, order).value)
  return arranged(context.network.layer(kind, {}, values), shape, order)
}

/** The numbers of a constant for one sample, in the axes of a view: those that it does not name are 1. */
function alignedDims(constant: Constant, shape: Shape): Shape {
  const missing = shape.length + 1 - constant.dims.length
  const dims = [...new Array<number>(Math.max(0, missing)).fill(1), ...constant.dims]
  const [batch, ...own] = dims
  if (missing < 0 || batch !== 1) {
    throw refused(
      `Numbers of shape [${constant.dims.join(', ')}] differ between samples, or have more axes than these.`,
    )
  }
  if (own.every((extent, axis) => extent === 1 || extent === shape[axis])) return own
  throw refused(`Numbers of shape [${constant.dims.join(', ')}] do not fit a value of shape [${shape.join(', ')}].`)
}

/** A configuration is text: of more numbers it would be no small one. */
const most = 65_536

interface AffineMaps {
  readonly scale: (value: number) => number
  readonly offset: (value: number) => number
}

/** x · scale + offset, both functions of the numbers of the file. */
function affine(context: NodeContext, view: View, constant: Constant, maps: AffineMaps): View {
  const dims = alignedDims(constant, view.shape)
  const [first] = constant.data
  if (constant.data.every(value => value === first)) {
    return onEach(context, view, ['Rescaling', { scale: maps.scale(first!), offset: maps.offset(first!) }])
  }
  if (constant.data.length > most) throw refused(`It takes ${constant.data.length} fixed numbers, which no layer has.`)
  const rescaled = (stored: View, numbers: readonly number[]): View =>
    onEach(context, stored, ['Rescaling', { scale: numbers.map(maps.scale), offset: numbers.map(maps.offset) }])
  // The axes along which the numbers differ come last, as one; where those are all axes, in the order that they have.
  const others = dims.flatMap((extent, axis) => (extent === 1 ? [[axis]] : []))
  if (others.length === 0) {
    const stored = { ...view, value: context.network.flattened(view), stored: [constant.data.length] }
    return rescaled(
      stored,
      Array.from(onnxPlaces(view), place => constant.data[place]!),
    )
  }
  const varying = dims.flatMap((extent, axis) => (extent === 1 ? [] : [axis]))
  return rescaled(context.network.settle(view, [...others, varying]), [...constant.data])
}

/** What is added to a layer that has no bias yet becomes one: it can be trained. Undefined where it is none. */
function asBias(context: NodeContext, input: number, constant: Constant, sign: number): View | undefined {
  const operand = context.operand(input)
  if (operand?.kind !== 'view' || !operand.isFresh || !context.isOnlyUse(input)) return undefined
  const { view } = operand
  const { type, config } = context.network.callOf(view.value)?.layer ?? {}
  if (!['Conv2D', 'DepthwiseConv2D', 'Conv2DTranspose', 'Dense'].includes(type ?? '') || config!['useBias'] !== false) {
    return undefined
  }
  const axis = type === 'Dense' ? view.shape.length - 1 : 0
  const dims = alignedDims(constant, view.shape)
  if (dims.some((extent, other) => other !== axis && extent !== 1)) return undefined
  const { data } = constant
  const bias = Float32Array.from({ length: view.shape[axis]! }, (_, at) => sign * data[data.length === 1 ? 0 : at]!)
  context.network.change(view.value, { useBias: true }, { bias })
  return view
}

/** Up to opset 6 the second input says at which axis of the first it begins. */
function placed(context: NodeContext, constant: Constant, rank: number): Constant {
  const isOld = context.opset < 7 && wholeAttribute(context, 'broadcast', 0) === 1
  if (!isOld || constant.dims.length === 0) return constant
  const axis = axisIn(wholeAttribute(context, 'axis', rank - constant.dims.length), rank)
  return {
    ...constant,
    dims: [...constant.dims, ...new Array<number>(Math.max(0, rank - axis - constant.dims.length)).fill(1)],
  }
}

/** Two inputs: two values, or a value and numbers of the file on either side. */
const binary =
  (kind: Kind | undefined, right: AffineMaps, left: AffineMaps | undefined, biasSign = 0): NodeReader =>
  context => {
    const [a, b] = [inputOf(context, 0), inputOf(context, 1)]
    if (a.kind === 'view' && b.kind === 'view') {
      if (!kind) throw refused('It divides two computed values by each other.')
      return {
        view: joinedValues(context, kind, [a.view, b.view]),
        isNotNegative: kind !== 'Subtract' && areNotNegative([a, b]),
      }
    }
    const [view, other] = a.kind === 'view' ? [a.view, 1] : [viewInput(context, 1), 0]
    const maps = other === 1 ? right : left
    if (!maps) throw refused('It divides a number by a computed value.')
    const constant = placed(context, constantInput(context, other), view.shape.length + 1)
    const biased = biasSign !== 0 && (other === 1 || biasSign > 0) && asBias(context, 1 - other, constant, biasSign)
    return { view: biased || affine(context, view, constant, maps) }
  }

const areNotNegative = (operands: readonly NodeInput[]): boolean =>
  operands.every(operand => operand.kind === 'view' && operand.isNotNegative)

const one = () => 1
const zero = () => 0
const same = (value: number) => value
const opposite = (value: number) => -value
const add = { scale: one, offset: same }
const multiply = { scale: same, offset: zero }

/** x · factors, which are stretched to its shape. */
export const multiplied = (context: NodeContext, view: View, factors: Constant): View =>
  affine(context, view, factors, multiply)

/** Any number of inputs; the numbers of the file among them one after the other. */
const variadic =
  (kind: Kind, withConstant: (context: NodeContext, view: View, constant: Constant) => View): NodeReader =>
  context => {
    const operands = context.node.inputs.map((_, input) => inputOf(context, input))
    const views = operands.flatMap(operand => (operand.kind === 'view' ? [operand.view] : []))
    const joined = views.length === 1 ? views[0]! : joinedValues(context, kind, views)
    const view = operands.reduce(
      (result, operand) => (operand.kind === 'constant' ? withConstant(context, result, operand.constant) : result),
      joined,
    )
    return { view, isNotNegative: areNotNegative(operands) }
  }

const limit =
  (isLow: boolean) =>
  (context: NodeContext, view: View, constant: Constant): View => {
    const [value] = constant.data
    alignedDims(constant, view.shape)
    if (value === undefined || constant.data.some(other => other !== value))
      throw refused('Its limits differ from place to place.')
    return clipped(context, view, isLow ? value : Number.NEGATIVE_INFINITY, isLow ? Number.POSITIVE_INFINITY : value)
      .view
  }

const pow: NodeReader = context => {
  const view = viewInput(context)
  const { data } = constantInput(context, 1)
  const [power] = data
  if (data.length !== 1 || ![1, 2, 3].includes(power!)) throw refused('Only the powers 1, 2 and 3 can be read.')
  if (power === 1) return { view }
  const value = context.network.layer('Multiply', {}, new Array<number>(power!).fill(view.value))
  return { view: { ...view, value }, isNotNegative: power === 2 }
}

export const arithmetic: Readonly<Record<string, NodeReader>> = {
  Add: binary('Add', add, add, 1),
  Sub: binary('Subtract', { scale: one, offset: opposite }, { scale: () => -1, offset: same }, -1),
  Mul: binary('Multiply', multiply, multiply),
  Div: binary(undefined, { scale: value => 1 / value, offset: zero }, undefined),
  Max: variadic('Maximum', limit(true)),
  Min: variadic('Minimum', limit(false)),
  Mean: variadic('Average', () => {
    throw refused('It takes the mean of computed values and of numbers of the file.')
  }),
  Pow: pow,
  Sum: variadic('Add', (context, view, constant) => affine(context, view, constant, add)),
}
