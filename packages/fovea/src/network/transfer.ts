/**
 * A network that begins with what another one learned. In: a trained network, how many classes are to be told apart. Out: its layers up to
 * the cut under their old names, and behind them a new head whose names the old network does not have. So weights are carried by name: what
 * the old network has is taken from it, all others begin anew. (Yosinski et al. 2014: the first layers learn what many tasks need.)
 */
import { UserError } from '../base/errors.ts'
import { oneOf, type Schema, union, whole } from '../base/schema.ts'
import { formatShape, type Shape, sameShape } from '../base/shape.ts'
import { dense } from '../layers/dense.ts'
import type { Layer } from '../layers/layer.ts'
import { dropout as dropoutLayer } from '../layers/noise.ts'
import { globalAveragePooling2d } from '../layers/pooling.ts'
import { l2 } from '../layers/regularizers.ts'
import { flatten } from '../layers/shaping.ts'
import { assemble, layerNamed, layersOf, type Model, withTrainable } from './model.ts'
import { freeName, snakeCase } from './naming.ts'
import { initialWeights } from './weights.ts'

/** Which layers are not trained: all but the last one that has weights, the first so many of the summary, or none. */
export type Freeze = 'all-but-head' | 'none' | number

export const freezeValue: Schema<Freeze> = union(oneOf(['all-but-head', 'none']), whole(1))

export interface NewHead {
  readonly classes: number
  /** The last layer that is kept; by default the one before the last Dense layer and the dropout at its door; before all Dense
   * layers where they stand on pictures pooled as a whole. */
  readonly cut?: string | undefined
  /** Share of the values that the head's dropout sets to 0 in training; 0 leaves it out. Default 0.2. */
  readonly dropout?: number | undefined
  /** Factor of the penalty on the squares of the head's kernel; none by default. */
  readonly penalty?: number | undefined
}

/** Throws UserError for a cut that is no layer, and where nothing that learned stands before the head. */
export function withNewHead(model: Model, { classes, cut, dropout = 0.2, penalty }: NewHead): Model {
  const named = cut === undefined ? undefined : layerNamed(model, cut)
  const end = named === undefined ? defaultCut(model) : model.layers.findLastIndex(call => call.layer === named)
  const kept = callsUpTo(model, end)
  const inputs = model.inputs.length
  /** Old value number → new one. */
  const places = new Map([...model.inputs.keys(), ...kept.map(index => inputs + index)].map((old, at) => [old, at]))
  const calls = kept.map(index => ({
    layer: model.layers[index]!.layer,
    inputs: model.layers[index]!.inputs.map(value => places.get(value)!),
  }))
  const taken = new Set([...model.inputs, ...layersOf(model)].map(({ name }) => name))
  const counts = new Map<string, number>()
  for (const layer of headLayers(model.layers[end]!.outputShape, classes, dropout, penalty)) {
    const name = freeName(layer.name || snakeCase(layer.type), taken, counts)
    calls.push({ layer: { ...layer, name }, inputs: [inputs + calls.length - 1] })
  }
  const { name, kind } = model
  return assemble({ name, kind, inputs: model.inputs, calls, outputs: [inputs + calls.length - 1] })
}

/**
 * The network with these layers frozen and all others thawed. Layers without weights stay as they are. Throws UserError where nothing would
 * be left to train.
 */
export function withFrozen(model: Model, freeze: Freeze): Model {
  const weighed = new Set(model.weights.map(({ layer }) => layer))
  const layers = layersOf(model)
  const head = layers.findLast(({ name }) => weighed.has(name))
  const first = new Set(typeof freeze === 'number' ? layers.slice(0, freeze) : [])
  if (head !== undefined && first.has(head)) {
    throw new UserError({
      what: `Model '${model.name}' would have nothing left to train.`,
      expected: `at most ${layers.indexOf(head)} frozen layers: the next one is '${head.name}'`,
      received: `the first ${freeze}`,
    })
  }
  return withTrainable(model, layer =>
    weighed.has(layer.name)
      ? freeze === 'none' || (freeze === 'all-but-head' ? layer === head : !first.has(layer))
      : layer.trainable,
  )
}

/**
 * The network with these layers before it, at its only input: pictures come in otherwise in each step of training, as where the layers come
 * from. They have no weights, and names that the network does not have.
 */
export function withFirst(model: Model, first: readonly Layer[]): Model {
  const [input, ...others] = model.inputs
  if (first.length === 0 || others.length > 0) return model
  const taken = new Set([...model.inputs, ...layersOf(model)].map(({ name }) => name))
  const counts = new Map<string, number>()
  const before = first.map((layer, index) => ({
    layer: { ...layer, name: freeName(layer.name || snakeCase(layer.type), taken, counts) },
    inputs: [index],
  }))
  const calls = model.layers.map(({ layer, inputs }) => ({ layer, inputs: inputs.map(value => value + first.length) }))
  const { name, kind, outputs } = model
  return assemble({
    name,
    kind,
    inputs: [input!],
    calls: [...before, ...calls],
    outputs: outputs.map(({ value }) => value + first.length),
  })
}

/**
 * The random layers that a network's pictures go through first, behind a change of their range: those that turn, move and mirror them,
 * which suit pictures of any range.
 */
export function firstRandomLayers({ layers }: Model): Layer[] {
  const families = layers.map(({ layer }) => layer.traits.family)
  const end = families.findIndex(family => family !== 'augmentation' && family !== 'scaling')
  return layers
    .slice(0, end < 0 ? undefined : end)
    .map(({ layer }) => layer)
    .filter(({ traits, config }) => traits.family === 'augmentation' && config['valueRange'] === undefined)
}

/** A weight of the network that is begun with. */
export interface KnownWeight {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: ArrayLike<number>
}

/** First values by name: those that are known, new ones for all others. Throws UserError for a name whose shape is another. */
export function carriedWeights(
  model: Model,
  known: readonly KnownWeight[],
  seed: number,
): Record<string, ArrayLike<number>> {
  const byName = new Map(known.map(weight => [weight.name, weight]))
  const others = model.weights.filter(
    ({ name, shape }) => byName.has(name) && !sameShape(byName.get(name)!.shape, shape),
  )
  if (others.length > 0) {
    throw new UserError(
      others.map(({ name, shape }) => ({
        what: `Weight '${name}' has another shape in the network that is begun with.`,
        expected: formatShape(shape),
        received: formatShape(byName.get(name)!.shape),
        fix: 'Give the layer another name, then it begins anew.',
      })),
    )
  }
  const first = initialWeights(model, seed)
  return Object.fromEntries(Object.entries(first).map(([name, value]) => [name, byName.get(name)?.data ?? value]))
}

function headLayers(shape: Shape, classes: number, rate: number, penalty: number | undefined): Layer[] {
  const vector = shape.length === 3 ? [globalAveragePooling2d()] : shape.length === 1 ? [] : [flatten()]
  const kernelRegularizer = penalty === undefined ? undefined : l2(penalty)
  const head = dense({ units: classes, activation: 'softmax', name: 'head', kernelRegularizer })
  return [...vector, ...(rate > 0 ? [dropoutLayer({ rate })] : []), head]
}

/**
 * The call before the last Dense layer (else before the last layer with weights), and before dropout that stands there. Global pooling is
 * the cut where nothing but Dense layers and their companions stand behind it.
 */
function defaultCut(model: Model): number {
  const weighed = new Set(model.weights.map(({ layer }) => layer))
  const calls = model.layers
  const isDense = calls.some(({ layer }) => layer.traits.family === 'dense')
  const last = calls.findLastIndex(({ layer }) => (isDense ? layer.traits.family === 'dense' : weighed.has(layer.name)))
  let end = last < 0 ? -1 : calls[last]!.inputs[0]! - model.inputs.length
  const before = (index: number): number => calls[index]!.inputs[0]! - model.inputs.length
  const behind = (index: number, families: readonly string[]): number => {
    let at = index
    while (at >= 0 && families.includes(calls[at]!.layer.traits.family)) at = before(at)
    return at
  }
  end = behind(end, ['dropout'])
  // A head of several dense layers on whole pictures pooled is one head: what it learned is about its classes.
  const pooled = behind(end, ['dense', 'dropout', 'activation', 'normalization'])
  if (pooled >= 0 && calls[pooled]!.layer.traits.sight === 'pooledWholly') end = pooled
  if (end >= 0 && callsUpTo(model, end).some(index => weighed.has(calls[index]!.layer.name))) return end
  throw new UserError({
    what: `Model '${model.name}' has nothing to begin with: no layer before its last one has weights.`,
    expected: 'layers with weights before the head',
    received: layersOf(model)
      .map(({ name }) => name)
      .join(', '),
  })
}

/** The calls that this one needs, and itself, in the model's order. */
function callsUpTo(model: Model, end: number): number[] {
  const needed = new Set([end])
  for (let index = end; index >= 0; index--) {
    if (!needed.has(index)) continue
    for (const value of model.layers[index]!.inputs) {
      if (value >= model.inputs.length) needed.add(value - model.inputs.length)
    }
  }
  return [...needed].sort((a, b) => a - b)
}
