/** BatchNormalization, InstanceNormalization, GroupNormalization, LayerNormalization, LRN as Fovea's layers, which can be trained on. */
import { sizeOf } from 'fovea/internal/base/shape'
import type { Constant } from '../constant.ts'
import {
  constantInput,
  floatAttribute,
  type NodeContext,
  type NodeReader,
  optionalConstant,
  refused,
  sampleAxis,
  viewInput,
  wholeAttribute,
  wholesAttribute,
} from '../node-context.ts'
import { arranged, pictureAxes, plainAxes, type StoredAxes, type View } from '../view.ts'

/** Channels, ONNX's first axis, last. */
const channelsLast = ({ shape }: View): StoredAxes => [...shape.slice(1).map((_, axis) => [axis + 1]), [0]]

function onChannelsLast(context: NodeContext, view: View, layer: (value: number) => number): View {
  const arrangement = channelsLast(view)
  return arranged(layer(context.network.settle(view, arrangement).value), view.shape, arrangement)
}

function epsilonOf(context: NodeContext): number {
  const epsilon = floatAttribute(context, 'epsilon', 1e-5)
  if (epsilon > 0) return epsilon
  throw refused('Its epsilon is not above 0.')
}

const batchNormalization: NodeReader = context => {
  const view = viewInput(context)
  if (
    wholeAttribute(context, 'training_mode', 0) !== 0 ||
    (context.opset < 7 && wholeAttribute(context, 'is_test', 0) === 0)
  ) {
    throw refused(
      'It is in training mode, and would normalise by the batch.',
      'Export the model for inference: model.eval().',
    )
  }
  if (wholeAttribute(context, 'spatial', 1) !== 1) throw refused('It normalises each place by itself (spatial = 0).')
  const [gamma, beta, movingMean, movingVariance] = [1, 2, 3, 4].map(input => constantInput(context, input).data)
  const weights = { gamma: gamma!, beta: beta!, movingMean: movingMean!, movingVariance: movingVariance! }
  const config = { epsilon: epsilonOf(context), momentum: floatAttribute(context, 'momentum', 0.9) }
  return {
    view: onChannelsLast(context, view, value => context.network.layer('BatchNormalization', config, [value], weights)),
  }
}

function groupsOf(context: NodeContext, view: View, groups: number, gamma: Constant, beta: Constant): View {
  const config = { groups, epsilon: epsilonOf(context) }
  const weights = { gamma: gamma.data, beta: beta.data }
  return onChannelsLast(context, view, value => context.network.layer('GroupNormalization', config, [value], weights))
}

const instanceNormalization: NodeReader = context => ({
  view: groupsOf(context, viewInput(context), -1, constantInput(context, 1), constantInput(context, 2)),
})

/** Up to opset 20 factors and offsets are those of groups, since then of channels. */
const groupNormalization: NodeReader = context => {
  const view = viewInput(context)
  const groups = wholeAttribute(context, 'num_groups', 0)
  const channels = view.shape[0] ?? 1
  if (groups < 1 || channels % groups !== 0) throw refused(`${channels} channels do not fall into ${groups} groups.`)
  const [gamma, beta] = [1, 2].map((input): Constant => {
    const constant = constantInput(context, input)
    if (context.opset >= 21) return constant
    const each = channels / groups
    return {
      ...constant,
      dims: [channels],
      data: Float32Array.from({ length: channels }, (_, at) => constant.data[Math.floor(at / each)]!),
    }
  })
  return { view: groupsOf(context, view, groups, gamma!, beta!) }
}

const layerNormalization: NodeReader = context => {
  const view = viewInput(context)
  if (context.isUsed(1) || context.isUsed(2))
    throw refused('Its mean or deviation is used as well, which Fovea does not give.')
  const axes = normalizedAxes(context, view)
  const [gamma, beta] = [constantInput(context, 1), optionalConstant(context, 2)]
  if (!isAlong(gamma, view, axes) || (beta && !isAlong(beta, view, axes))) {
    throw refused(`Its scale [${gamma.dims.join(', ')}] or its offset is not of the axes that are normalised.`)
  }
  const others = view.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const arrangement: StoredAxes = [...others, ...axes].map(axis => [axis])
  const { value } = context.network.settle(view, arrangement)
  const config = {
    axis: axes.map((_, at) => others.length + 1 + at),
    epsilon: epsilonOf(context),
    center: beta !== undefined,
  }
  const weights = { gamma: gamma.data, ...(beta && { beta: beta.data }) }
  const made = context.network.layer('LayerNormalization', config, [value], weights)
  return { view: arranged(made, view.shape, arrangement) }
}

/** Whether a weight has the extents of these axes of a sample, and 1 along all others. */
function isAlong({ dims }: Constant, { shape }: View, axes: readonly number[]): boolean {
  const rank = shape.length
  const padded = [...new Array<number>(Math.max(0, rank - dims.length)).fill(1), ...dims].slice(-rank)
  const isWhole = sizeOf(padded) === sizeOf(dims)
  return isWhole && padded.every((extent, axis) => extent === (axes.includes(axis) ? shape[axis] : 1))
}

/** All from the named one on; those of a pattern (patterns.ts) are named one by one. */
function normalizedAxes(context: NodeContext, view: View): readonly number[] {
  const rank = view.shape.length + 1
  const named = wholesAttribute(context, 'axes')
  const first = sampleAxis(wholeAttribute(context, 'axis', -1), rank)
  const axes = named?.map(axis => sampleAxis(axis, rank)) ?? view.shape.map((_, axis) => axis).slice(first)
  return [...new Set(axes)].sort((a, b) => a - b)
}

/** Of formulas.ts: normalizations of each example by its deviation or its length, over axes of any number. */
const overAxes =
  (type: 'LayerNormalization' | 'RMSNormalization' | 'UnitNormalization'): NodeReader =>
  context => {
    const view = viewInput(context)
    const axes = normalizedAxes(context, view)
    const scale = optionalConstant(context, 1)
    if (scale && !isAlong(scale, view, axes))
      throw refused('Its scale lies along other axes than those that are normalised.')
    const { value } = context.network.settle(view, plainAxes(view.shape))
    const config = {
      axis: axes.map(axis => axis + 1),
      ...(type !== 'UnitNormalization' && { epsilon: epsilonOf(context) }),
      ...(type === 'LayerNormalization' && { rmsScaling: true, center: false, scale: scale !== undefined }),
    }
    const weights = scale && { [type === 'LayerNormalization' ? 'gamma' : 'scale']: scale.data }
    const made = context.network.layer(type, config, [value], weights)
    return { view: arranged(made, view.shape, plainAxes(view.shape)) }
  }

/** By the operators of the domain of formulas.ts. */
export const normalizationFormulas: Readonly<Record<string, NodeReader>> = {
  LayerNormalization: overAxes('LayerNormalization'),
  RMSNormalization: overAxes('RMSNormalization'),
  UnitNormalization: overAxes('UnitNormalization'),
}

const lengthNormalization: NodeReader = context => {
  if (wholeAttribute(context, 'p', 2) !== 2) throw refused('It divides by the sum of absolute numbers (p = 1).')
  const view = viewInput(context)
  const axis = sampleAxis(wholeAttribute(context, 'axis', -1), view.shape.length + 1) + 1
  const { value } = context.network.settle(view, plainAxes(view.shape))
  const made = context.network.layer('UnitNormalization', { axis }, [value])
  return { view: arranged(made, view.shape, plainAxes(view.shape)) }
}

/** ONNX divides the sum by the number of neighbours; Fovea does not. */
const localResponseNormalization: NodeReader = context => {
  const view = viewInput(context)
  const size = wholeAttribute(context, 'size', 0)
  if (view.shape.length !== 3 || size < 3 || size % 2 === 0) {
    throw refused('It works over an even number of channels, or not on pictures.')
  }
  const config = {
    depthRadius: (size - 1) / 2,
    bias: floatAttribute(context, 'bias', 1),
    alpha: floatAttribute(context, 'alpha', 1e-4) / size,
    beta: floatAttribute(context, 'beta', 0.75),
  }
  const { value } = context.network.settle(view, pictureAxes)
  const made = context.network.layer('LocalResponseNormalization', config, [value])
  return { view: arranged(made, view.shape, pictureAxes) }
}

export const normalizations: Readonly<Record<string, NodeReader>> = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: localResponseNormalization,
  LayerNormalization: layerNormalization,
  LpNormalization: lengthNormalization,
}
