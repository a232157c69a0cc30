/** Operators that map each number by itself, and Softmax. In: their attributes. Out: Fovea's activations, by its own names and numbers. */
import type { LayerConfig } from 'fovea/internal/layers/layer'
import { stretchedStrides, walk } from '../constant.ts'
import {
  axisIn,
  floatAttribute,
  inputOf,
  type NodeContext,
  type NodeReader,
  optionalConstant,
  refused,
  sampleAxis,
  textAttribute,
  viewInput,
  wholeAttribute,
} from '../node-context.ts'
import { arranged, pictureAxes, plainAxes, type View, withShape } from '../view.ts'

/** Layers one after the other, each keeping shape and order. */
export function onEach(context: NodeContext, view: View, ...layers: readonly (readonly [string, LayerConfig])[]): View {
  return {
    ...view,
    value: layers.reduce((value, [type, config]) => context.network.layer(type, config, [value]), view.value),
  }
}

const activation =
  (name: string, isNotNegative = false): NodeReader =>
  context => ({ view: onEach(context, viewInput(context), ['Activation', { activation: name }]), isNotNegative })

/** An activation that is linear in pieces, of x · scale + offset. */
const rescaling = (scale: number, offset: number): readonly [string, LayerConfig] => ['Rescaling', { scale, offset }]

const leakyRelu: NodeReader = context => ({
  view: onEach(context, viewInput(context), ['LeakyReLU', { negativeSlope: floatAttribute(context, 'alpha', 0.01) }]),
})

const elu: NodeReader = context => ({
  view: onEach(context, viewInput(context), ['ELU', { alpha: floatAttribute(context, 'alpha', 1) }]),
})

const celu: NodeReader = context => {
  const alpha = floatAttribute(context, 'alpha', 1)
  return { view: onEach(context, viewInput(context), ['Activation', { activation: { type: 'celu', alpha } }]) }
}

/** gamma · (x for x > 0, alpha · (eˣ − 1) otherwise); of its usual numbers it is Keras's selu. */
const selu: NodeReader = context => {
  const [alpha, gamma] = [floatAttribute(context, 'alpha', seluAlpha), floatAttribute(context, 'gamma', seluGamma)]
  const isUsual = Math.fround(alpha) === Math.fround(seluAlpha) && Math.fround(gamma) === Math.fround(seluGamma)
  const view = viewInput(context)
  if (isUsual) return { view: onEach(context, view, ['Activation', { activation: 'selu' }]) }
  return { view: onEach(context, view, ['ELU', { alpha }], rescaling(gamma, 0)) }
}
const [seluAlpha, seluGamma] = [1.6732632423543772, 1.0507009873554805]

const hardSigmoid: NodeReader = context => {
  const [alpha, beta] = [floatAttribute(context, 'alpha', 0.2), floatAttribute(context, 'beta', 0.5)]
  const view = viewInput(context)
  const isKeras = Math.abs(alpha - 1 / 6) < 1e-7 && beta === 0.5
  const made = isKeras
    ? onEach(context, view, ['Activation', { activation: 'hardSigmoid' }])
    : onEach(context, view, rescaling(alpha, beta), ['ReLU', { maxValue: 1 }])
  return { view: made, isNotNegative: true }
}

const gelu: NodeReader = context => {
  const approximate = textAttribute(context, 'approximate', 'none')
  if (approximate !== 'none' && approximate !== 'tanh') throw refused(`Gelu by ${approximate} is not known.`)
  const config = approximate === 'none' ? 'gelu' : { type: 'gelu', approximate: true }
  return { view: onEach(context, viewInput(context), ['Activation', { activation: config }]) }
}

const swish: NodeReader = context => {
  if (floatAttribute(context, 'alpha', 1) !== 1) throw refused('Only alpha = 1 can be read.')
  return { view: onEach(context, viewInput(context), ['Activation', { activation: 'silu' }]) }
}

const thresholdedRelu: NodeReader = context => {
  const threshold = floatAttribute(context, 'alpha', 1)
  const config = { activation: { type: 'threshold', threshold, value: 0 } }
  return { view: onEach(context, viewInput(context), ['Activation', config]) }
}

const shrink: NodeReader = context => {
  const [threshold, bias] = [floatAttribute(context, 'lambd', 0.5), floatAttribute(context, 'bias', 0)]
  if (bias !== 0 && bias !== threshold) throw refused('Its bias is neither 0 nor its threshold (lambd).')
  const config = { activation: { type: bias === 0 ? 'hardShrink' : 'softShrink', threshold } }
  return { view: onEach(context, viewInput(context), ['Activation', config]) }
}

/** Limits are attributes, since opset 11 inputs. */
const clip: NodeReader = context => {
  const limit = (input: number, name: string, otherwise: number): number => {
    const constant = context.opset < 11 ? undefined : optionalConstant(context, input)
    if (constant && constant.data.length !== 1) throw refused('A limit should be one number.')
    return constant ? constant.data[0]! : floatAttribute(context, name, otherwise)
  }
  const [low, high] = [limit(1, 'min', Number.NEGATIVE_INFINITY), limit(2, 'max', Number.POSITIVE_INFINITY)]
  return clipped(context, viewInput(context), low, high)
}

/** Larger than all numbers that are computed. */
const unlimited = 3e38

/** min(max(x, low), high) by layers that cut at 0. */
export function clipped(
  context: NodeContext,
  view: View,
  low: number,
  high: number,
): { view: View; isNotNegative: boolean } {
  if (Number.isNaN(low) || Number.isNaN(high)) throw refused(`${low} … ${high} are no limits.`)
  if (low > high) return { view: onEach(context, view, rescaling(0, high)), isNotNegative: high >= 0 }
  const [hasLow, hasHigh] = [low > -unlimited, high < unlimited]
  const isNotNegative = low >= 0
  if (!hasLow && !hasHigh) return { view, isNotNegative }
  // high − max(high − x, 0)
  if (!hasLow)
    return { view: onEach(context, view, rescaling(-1, high), ['ReLU', {}], rescaling(-1, high)), isNotNegative }
  const cut = ['ReLU', hasHigh ? { maxValue: high - low } : {}] as const
  if (low === 0) return { view: onEach(context, view, cut), isNotNegative }
  if (low === -1 && high === 1)
    return { view: onEach(context, view, ['Activation', { activation: 'hardTanh' }]), isNotNegative }
  return { view: onEach(context, view, rescaling(1, -low), cut, rescaling(1, low)), isNotNegative }
}

/** x · alpha below 0: one slope for all, or slopes that are trained, shared along the axes where the file has 1. */
const prelu: NodeReader = context => {
  const view = viewInput(context)
  const slope = optionalConstant(context, 1)
  if (!slope) throw refused('Its slopes are missing.')
  if (slope.data.length === 1) return { view: onEach(context, view, ['LeakyReLU', { negativeSlope: slope.data[0]! }]) }
  const rank = view.shape.length
  // Up to opset 6 a list has one slope for each channel.
  const given =
    context.opset < 7 && slope.dims.length === 1 ? [...slope.dims, ...view.shape.slice(1).map(() => 1)] : slope.dims
  const dims = [...new Array<number>(Math.max(0, rank + 1 - given.length)).fill(1), ...given]
  if (dims.length !== rank + 1 || dims[0] !== 1) throw refused('Its slopes differ between samples.')
  const own = dims.slice(1)
  if (own.some((extent, axis) => extent !== 1 && extent !== view.shape[axis])) {
    throw refused(`Slopes of shape [${slope.dims.join(', ')}] do not fit.`)
  }
  const arrangement = rank === 3 ? pictureAxes : plainAxes(view.shape)
  const order = arrangement.map(([axis]) => axis!)
  const alpha = new Float32Array(slope.data.length)
  const strides = stretchedStrides(own)
  walk(
    order.map(axis => own[axis]!),
    [order.map(axis => strides[axis]!)],
    (at, [place]) => {
      alpha[at] = slope.data[place!]!
    },
  )
  const sharedAxes = order.flatMap((axis, at) => (own[axis] === 1 ? [at + 1] : []))
  const { value } = context.network.settle(view, arrangement)
  const made = context.network.layer('PReLU', { sharedAxes }, [value], { alpha })
  return { view: arranged(made, view.shape, arrangement) }
}

/** Along one axis; up to opset 12 over all axes from that one on, which are 1 … 1 behind it or are joined. */
const softmaxOf =
  (name: 'softmax' | 'logSoftmax'): NodeReader =>
  context => {
    const given = viewInput(context)
    const rank = given.shape.length + 1
    if (context.opset < 13) {
      const axis = axisIn(wholeAttribute(context, 'axis', 1), rank)
      if (axis === 0) throw refused('It works along the batch axis: samples would no longer be apart.')
      const size = given.shape.slice(axis - 1).reduce((product, extent) => product * extent, 1)
      const joined = withShape(given, [...given.shape.slice(0, axis - 1), size])
      return {
        view: withShape(alongLast(context, joined, axis - 1, name), given.shape),
        isNotNegative: name === 'softmax',
      }
    }
    const axis = sampleAxis(wholeAttribute(context, 'axis', -1), rank)
    return { view: alongLast(context, given, axis, name), isNotNegative: name === 'softmax' }
  }

function alongLast(context: NodeContext, view: View, axis: number, name: string): View {
  const others = view.shape.flatMap((_, other) => (other === axis ? [] : [[other]]))
  const arrangement = [...others, [axis]]
  const stored = context.network.settle(view, arrangement)
  return onEach(context, stored, ['Activation', { activation: name }])
}

/** Of formulas.ts: the activation that a node is called after, with its numbers. */
export const formula: NodeReader = context => {
  const { op: type, attributes } = context.node
  if (type === 'sparsemax') {
    const view = viewInput(context)
    return {
      view: alongLast(context, view, sampleAxis(wholeAttribute(context, 'axis', 1), view.shape.length + 1), type),
    }
  }
  const numbers = Object.entries(attributes).map(([name, { kind }]): [string, number | boolean] => [
    name,
    kind === 'int' ? wholeAttribute(context, name, 0) !== 0 : floatAttribute(context, name, 0),
  ])
  const activation = numbers.length === 0 ? type : { ...Object.fromEntries(numbers), type }
  return { view: onEach(context, viewInput(context), ['Activation', { activation }]) }
}

/** |x| is x for x > 0 and −1 · x otherwise. */
const abs: NodeReader = context => ({
  view: onEach(context, viewInput(context), ['LeakyReLU', { negativeSlope: -1 }]),
  isNotNegative: true,
})

const neg: NodeReader = context => ({ view: onEach(context, viewInput(context), rescaling(-1, 0)) })

const relu: NodeReader = context => {
  const operand = inputOf(context, 0)
  const view = viewInput(context)
  if (operand.kind === 'view' && operand.isNotNegative) return { view, isNotNegative: true }
  return { view: onEach(context, view, ['ReLU', {}]), isNotNegative: true }
}

export const activations: Readonly<Record<string, NodeReader>> = {
  Abs: abs,
  Celu: celu,
  Clip: clip,
  Elu: elu,
  Exp: activation('exponential', true),
  Gelu: gelu,
  HardSigmoid: hardSigmoid,
  HardSwish: activation('hardSilu'),
  LeakyRelu: leakyRelu,
  LogSoftmax: softmaxOf('logSoftmax'),
  Mish: activation('mish'),
  Neg: neg,
  PRelu: prelu,
  Relu: relu,
  Selu: selu,
  Shrink: shrink,
  Sigmoid: activation('sigmoid', true),
  Softmax: softmaxOf('softmax'),
  Softplus: activation('softplus', true),
  Softsign: activation('softsign'),
  Swish: swish,
  Tanh: activation('tanh'),
  ThresholdedRelu: thresholdedRelu,
}
