/**
 * Losses as records: a Keras class with its options, and how its values over a batch become one number. By name
 * (`'categoricalCrossentropy'`), by factory (`categoricalCrossentropy({labelSmoothing: 0.1})`) or from a Keras configuration.
 */
import { checkArguments } from '../base/arguments.ts'
import { camelCase, camelConfig, lookUp } from '../base/choice-by-name.ts'
import { UserError } from '../base/errors.ts'
import type { Json, JsonRecord } from '../base/json.ts'
import { jsonRecord, oneOf, parse, record } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import { kindOf, show } from '../base/show.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { type LossOptions, type LossRule, type LossType, lossRules } from './loss-formulas.ts'

/** `mean`: over the sum of the sample weights (Keras's `mean_with_sample_weight`). */
export type Reduction = 'sumOverBatchSize' | 'sum' | 'mean' | 'none'

/** A loss with its options. */
export interface Loss {
  /** Keras's class name; what the user wrote for a loss of his own. */
  readonly type: string
  /** As it is written in options and histories: `categoricalCrossentropy`. */
  readonly name: string
  readonly config: LossOptions
  readonly reduction: Reduction
  /** `sparse`: int32 class numbers [N]. `dense`: float values of the output's shape (one-hot rows). */
  readonly target: 'sparse' | 'dense'
  /** One value per position: the prediction's shape without its last axis. */
  values(graph: Graph, target: Node, prediction: Node): Node
  /** One value per sample, [N]: the mean of `values` over all other axes. */
  perSample(graph: Graph, target: Node, prediction: Node): Node
  /** Of a loss that ignores a class: which share of each sample's positions counts, [N]. */
  counted?(graph: Graph, target: Node, prediction: Node): Node
}

/** A loss by its name, such as `'categoricalCrossentropy'`. */
export type LossName = Uncapitalize<LossType>
export type LossChoice = LossName | Loss

/** The loss of this name, or the given one; `units`: of the output's last axis. Throws UserError with the nearest name. */
export function loss(choice: LossChoice | (string & {}), units?: number): Loss {
  if (typeof choice !== 'string') {
    if (typeof Object(choice).perSample === 'function') return choice
    throw new UserError({
      what: 'A loss is neither a name nor a loss.',
      expected: "a name like 'categoricalCrossentropy', or a loss like categoricalCrossentropy({labelSmoothing: 0.1})",
      received: show(choice),
    })
  }
  return makeLoss(lossType('loss', choice, Object.keys(lossRules), units) as LossType, {})
}

/** The class of this name. `crossentropy` and `ce` are the one that suits the output, as in Keras. */
export function lossType(
  kind: string,
  name: string,
  types: readonly string[],
  units: number | undefined,
  aliases: Readonly<Record<string, string>> = {},
): string {
  const type = lookUp(kind, name, types, {
    ...lossAliases,
    ...aliases,
    crossentropy: anyCrossentropy,
    ce: anyCrossentropy,
  })
  if (type !== anyCrossentropy) return type
  return units === 1 ? 'BinaryCrossentropy' : 'CategoricalCrossentropy'
}

const anyCrossentropy = 'Crossentropy'

const targetForm = oneOf(['sparse', 'dense'])

/** A loss of your own, from a formula for one value per sample: [N]. */
export function customLoss(name: string, perSample: Loss['perSample'], target: Loss['target'] = 'dense'): Loss {
  if (typeof name !== 'string' || typeof perSample !== 'function') {
    throw new UserError({
      what: 'customLoss needs a name and a formula.',
      expected: "customLoss('name', (graph, target, prediction) => …)",
      received: `${kindOf(name)}, ${kindOf(perSample)}`,
    })
  }
  checkArguments('customLoss', { target: targetForm }, { target })
  return { type: name, name, config: {}, reduction: 'sumOverBatchSize', target, values: perSample, perSample }
}

/** What Keras also accepts, in lower case without separators. */
export const lossAliases: Readonly<Record<string, LossType>> = {
  mse: 'MeanSquaredError',
  mae: 'MeanAbsoluteError',
  mape: 'MeanAbsolutePercentageError',
  msle: 'MeanSquaredLogarithmicError',
  bce: 'BinaryCrossentropy',
  kld: 'KLDivergence',
  kullbackleiblerdivergence: 'KLDivergence',
}

const reductions: Readonly<Record<string, Reduction>> = {
  sum_over_batch_size: 'sumOverBatchSize',
  sum: 'sum',
  mean: 'sumOverBatchSize',
  mean_with_sample_weight: 'mean',
  none: 'none',
}

/** From a Keras class name and its snake-case configuration. Throws UserError for what is not known. */
export function lossFromConfig(className: string, config: Readonly<Record<string, Json>> = {}): Loss {
  const type = lookUp('loss', className, Object.keys(lossRules), lossAliases) as LossType
  const {
    name: _,
    dtype: __,
    reduction = 'sum_over_batch_size',
    ...options
  } = parse(jsonRecord, config, `Loss ${className}`)
  const found =
    reduction === null
      ? 'none'
      : Object.hasOwn(reductions, String(reduction))
        ? reductions[String(reduction)]
        : undefined
  if (found === undefined) {
    throw new UserError({
      what: `Loss ${className}: unknown reduction.`,
      expected: Object.keys(reductions).join(', '),
      received: String(reduction),
    })
  }
  return { ...makeLoss(type, camelConfig(`Loss ${className}`, options)), reduction: found }
}

/** What a recipe says: a name, or a class with options. */
export const lossOf = (choice: string | { readonly type: string; readonly config: JsonRecord }): string | Loss =>
  typeof choice === 'string' ? choice : lossFromConfig(choice.type, choice.config)

export function makeLoss(type: LossType, given: object): Loss {
  const rule: LossRule = lossRules[type]
  // Classes lie along the last axis everywhere; Keras's axis -1 says the same.
  const { axis, ...others } = Object(given) as { readonly axis?: unknown }
  const options = type !== 'Dice' && axis === -1 ? others : given
  const config = parse(record(rule.options), options, `Loss ${type}`) as LossOptions
  const values: Loss['values'] = (graph, target, prediction) => rule.values(graph, target, prediction, config)
  return {
    type,
    name: camelCase(type),
    config,
    reduction: 'sumOverBatchSize',
    target: rule.target,
    values,
    perSample: (graph, target, prediction) => perRow(graph, values(graph, target, prediction), prediction),
    ...(typeof config['ignoreClass'] === 'number' && {
      counted: (graph, target, prediction) =>
        perRow(graph, notClass(graph, target, Number(config['ignoreClass'])), prediction),
    }),
  }
}

/** 1 where the label is another class, else 0. */
function notClass(graph: Graph, target: Node, ignored: number): Node {
  return graph.sub(1, graph.binary('equal', graph.cast(target), graph.constant(ignored)))
}

/** The mean over all but the batch axis; one value for the whole batch is every row's value. */
function perRow(graph: Graph, values: Node, prediction: Node): Node {
  if (values.shape.length === 0) return graph.broadcast(values, [prediction.shape[0]!], prediction.batched)
  const rest = values.shape.map((_, axis) => axis).slice(1)
  return graph.mean(values, rest)
}

/**
 * Keras's reduction of a loss's values, weighted where `weights` has a node that broadcasts to them:
 * Σ w v / count, Σ w v, or Σ w v / Σ w; `none` leaves w v. `counted`: the share of each value that counts, where a class is
 * ignored; it takes the place of 1 in the count and weighs the weights.
 */
export function reduceLoss(
  graph: Graph,
  values: Node,
  weights: Node | undefined,
  reduction: Reduction,
  counted?: Node,
): Node {
  const weighted = weights === undefined ? values : graph.mul(values, weights)
  const axes = weighted.shape.map((_, axis) => axis)
  if (reduction === 'none' || axes.length === 0) return weighted
  if (reduction === 'sum') return graph.sum(weighted, axes)
  const total = (x: Node): Node =>
    graph.sum(
      x,
      x.shape.map((_, axis) => axis),
    )
  if (reduction === 'mean' && weights !== undefined) {
    return graph.div(graph.sum(weighted, axes), total(counted ? graph.mul(weights, counted) : weights))
  }
  // Where nothing counts, the values are 0 too.
  if (counted) return graph.div(graph.sum(weighted, axes), graph.max(total(counted), 1e-7))
  return graph.mean(weighted, axes)
}

/** What the host feeds as target for an output of this shape (both without the batch axis). */
export function targetOf(loss: Loss, outputShape: Shape): TargetForm {
  if (loss.target === 'dense') return { shape: outputShape, dtype: 'f32', probabilities: likelihoods.has(loss.type) }
  const { ignoreClass } = loss.config
  return {
    shape: outputShape.slice(0, -1),
    dtype: 'i32',
    ...(typeof ignoreClass === 'number' && { ignoredClass: ignoreClass }),
  }
}

export interface TargetForm {
  readonly shape: Shape
  readonly dtype: 'f32' | 'i32'
  /** Values must lie within 0 … 1. */
  readonly probabilities?: boolean | undefined
  /** A label that is not a class; its samples have no loss. */
  readonly ignoredClass?: number | undefined
}

/** Losses that make no sense for targets outside 0 … 1. */
const likelihoods: ReadonlySet<string> = new Set<LossType>([
  'BinaryCrossentropy',
  'BinaryFocalCrossentropy',
  'CategoricalCrossentropy',
  'CategoricalFocalCrossentropy',
  'CategoricalGeneralizedCrossEntropy',
])

interface Smoothing {
  readonly fromLogits?: boolean | undefined
  readonly labelSmoothing?: number | undefined
}

/** −Σ y log p, targets one-hot. Defaults: fromLogits false, labelSmoothing 0. */
export const categoricalCrossentropy = (options: Smoothing = {}): Loss => makeLoss('CategoricalCrossentropy', options)
/** −log p of the class, targets class numbers. Defaults: fromLogits false, labelSmoothing 0, ignoreClass null. */
export const sparseCategoricalCrossentropy = (
  options: Smoothing & { readonly ignoreClass?: number | undefined } = {},
): Loss => makeLoss('SparseCategoricalCrossentropy', options)
/** −(y log p + (1 − y) log(1 − p)), mean over outputs. Defaults: fromLogits false, labelSmoothing 0. */
export const binaryCrossentropy = (options: Smoothing = {}): Loss => makeLoss('BinaryCrossentropy', options)
/** (y − p)², mean over outputs. */
export const meanSquaredError = (): Loss => makeLoss('MeanSquaredError', {})
