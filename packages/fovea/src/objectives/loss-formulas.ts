/**
 * The formulas of the losses, one row per Keras class. In: target and prediction nodes of one shape, classes last (a sparse
 * target lacks that axis). Out: one value per position, the last axis gone. Semantics are Keras 3's: probabilities are kept
 * within [1e-7, 1 − 1e-7]; a prediction that is a softmax or sigmoid node is taken back to its logits, which is exact.
 */
import type { Json } from '../base/json.ts'
import {
  boolean,
  custom,
  type Fields,
  integer,
  list,
  number as numberField,
  optional,
  orNull,
  union,
} from '../base/schema.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'

export type LossOptions = Readonly<Record<string, Json>>
type Formula = (graph: Graph, target: Node, prediction: Node, options: LossOptions) => Node

export interface LossRule {
  /** `sparse`: class numbers, one per position. `dense`: as many values as the prediction has. */
  readonly target: 'sparse' | 'dense'
  /** Every option with its range and default. */
  readonly options: Fields
  readonly values: Formula
}

const epsilon = 1e-7
/** 1 − 1e-7 as float32 holds it, so that 1 − it is the same on every device. */
const almostOne = Math.fround(1 - epsilon)
const number = (options: LossOptions, key: string): number => options[key] as number
const last = (x: Node): number => x.shape.length - 1
const sumLast = (graph: Graph, x: Node): Node => graph.sum(x, [last(x)])
const meanLast = (graph: Graph, x: Node): Node => graph.mean(x, [last(x)])
const clip = (graph: Graph, x: Node, low: number, high: number): Node => graph.min(graph.max(x, low), high)

/** A sum over the last axis that keeps it with extent 1, so that it broadcasts back. */
const sumKept = (graph: Graph, x: Node): Node => graph.reshape(sumLast(graph, x), [...x.shape.slice(0, -1), 1])

/** A loss that averages an element-wise formula over the last axis. */
const averaged = (formula: Formula, options: Fields = {}): LossRule => ({
  target: 'dense',
  options,
  values: (graph, target, prediction, chosen) =>
    meanLast(graph, formula(graph, graph.cast(target), prediction, chosen)),
})

/** A loss that sums an element-wise formula over the last axis. */
const summed = (formula: Formula, options: Fields = {}): LossRule => ({
  target: 'dense',
  options,
  values: (graph, target, prediction, chosen) => sumLast(graph, formula(graph, graph.cast(target), prediction, chosen)),
})

/** 1 at the class, 0 elsewhere; the classes become the last axis. */
export function oneHot(graph: Graph, classes: Node, count: number): Node {
  const column = graph.reshape(graph.cast(classes), [...classes.shape, 1])
  const numbers = graph.iota([...classes.shape.map(() => 1), count], classes.shape.length)
  return graph.binary('equal', column, numbers)
}

/** A sparse target may come as a column; it loses its last axis then. */
function classesOf(graph: Graph, target: Node, prediction: Node): Node {
  return target.shape.length === prediction.shape.length ? graph.reshape(target, target.shape.slice(0, -1)) : target
}

/** Numbers whose softmax are the probabilities: logits where they are known, else the logarithms of clipped probabilities. */
export function logitsOf(graph: Graph, prediction: Node, fromLogits: boolean): Node {
  if (prediction.kind === 'softmax') return prediction.inputs[0]!
  return fromLogits ? prediction : graph.unary('log', clip(graph, prediction, epsilon, almostOne))
}

/** log p of every class: from logits where they are known, else from normalised and clipped probabilities. */
function logProbabilities(graph: Graph, prediction: Node, fromLogits: boolean): Node {
  if (prediction.kind === 'softmax') return graph.logSoftmax(prediction.inputs[0]!)
  if (fromLogits) return graph.logSoftmax(prediction)
  const normalised = graph.div(prediction, sumKept(graph, prediction))
  return graph.unary('log', clip(graph, normalised, epsilon, almostOne))
}

/** y · (1 − s) + s / classes. */
function smoothed(graph: Graph, target: Node, smoothing: number, classes: number): Node {
  return smoothing === 0 ? target : graph.add(graph.mul(target, 1 - smoothing), smoothing / classes)
}

/** log(1 + eˣ) without overflow: max(x, 0) + log1p(e^−|x|). */
function softplus(graph: Graph, x: Node): Node {
  const decay = graph.unary('exp', graph.unary('neg', graph.unary('abs', x)))
  return graph.add(graph.unary('relu', x), graph.unary('log1p', decay))
}

/** −Σ y log p over the classes. */
function crossEntropy(graph: Graph, target: Node, prediction: Node, fromLogits: boolean): Node {
  const logs = logProbabilities(graph, prediction, fromLogits)
  return graph.unary('neg', sumLast(graph, graph.mul(target, logs)))
}

/** −(y log p + (1 − y) log(1 − p)) per element; from logits: softplus(x) − x y. */
function binaryCrossEntropy(graph: Graph, target: Node, prediction: Node, fromLogits: boolean): Node {
  const isSigmoid = prediction.kind === 'unary' && prediction.attributes.fn === 'sigmoid'
  if (isSigmoid || fromLogits) {
    const logits = isSigmoid ? prediction.inputs[0]! : prediction
    return graph.sub(softplus(graph, logits), graph.mul(logits, target))
  }
  const p = clip(graph, prediction, epsilon, almostOne)
  const yes = graph.mul(target, graph.unary('log', p))
  const no = graph.mul(graph.sub(1, target), graph.unary('log', graph.sub(1, p)))
  return graph.unary('neg', graph.add(yes, no))
}

/** Labels 0 and 1 become −1 and 1; labels that hold anything else stay as they are (decided over the whole batch). */
function hingeLabels(graph: Graph, target: Node): Node {
  const other = graph.sub(1, graph.add(graph.binary('equal', target, 0), graph.binary('equal', target, 1)))
  const axes = target.shape.map((_, axis) => axis)
  const rank = target.shape.map(() => 1)
  const others = graph.reshape(graph.reduceMax(other, axes), rank)
  return graph.select(others, target, graph.sub(graph.mul(target, 2), 1))
}

const hinge: Formula = (graph, target, prediction) =>
  graph.unary('relu', graph.sub(1, graph.mul(hingeLabels(graph, target), prediction)))

/** x / max(‖x‖, 1e-7) over the last axis. */
function unitVector(graph: Graph, x: Node): Node {
  const norm = graph.unary('sqrt', sumKept(graph, graph.unary('square', x)))
  return graph.div(x, graph.max(norm, epsilon))
}

const smoothing = {
  fromLogits: optional(boolean, false),
  /** Above 1 a target would be negative. */
  labelSmoothing: optional(numberField({ least: 0, most: 1 }), 0),
}
const focal = { ...smoothing, gamma: optional(numberField({ least: 0 }), 2) }
/** One axis or several, of predictions with their batch axis. */
const axes = union(
  list(integer, 'axes', { least: 1, most: 8 }),
  custom('an axis', value => (Number.isSafeInteger(value) ? [value] : undefined)),
)

export const lossRules = {
  CategoricalCrossentropy: {
    target: 'dense',
    options: smoothing,
    values: (graph, target, prediction, options) => {
      const labels = smoothed(graph, graph.cast(target), number(options, 'labelSmoothing'), prediction.shape.at(-1)!)
      return crossEntropy(graph, labels, prediction, options['fromLogits'] === true)
    },
  },
  SparseCategoricalCrossentropy: {
    target: 'sparse',
    // Label smoothing is ours: the one-hot form has it, so this one does.
    options: { ...smoothing, ignoreClass: orNull(integer) },
    values: (graph, target, prediction, options) => {
      const count = prediction.shape.at(-1)!
      const classes = classesOf(graph, target, prediction)
      const labels = smoothed(graph, oneHot(graph, classes, count), number(options, 'labelSmoothing'), count)
      const values = crossEntropy(graph, labels, prediction, options['fromLogits'] === true)
      if (options['ignoreClass'] === null) return values
      const ignored = graph.binary('equal', graph.cast(classes), graph.constant(number(options, 'ignoreClass')))
      return graph.select(ignored, 0, values)
    },
  },
  BinaryCrossentropy: averaged((graph, target, prediction, options) => {
    // Two classes share the smoothing, whatever the number of outputs.
    const labels = smoothed(graph, target, number(options, 'labelSmoothing'), 2)
    return binaryCrossEntropy(graph, labels, prediction, options['fromLogits'] === true)
  }, smoothing),
  BinaryFocalCrossentropy: averaged(
    (graph, target, prediction, options) => {
      const labels = smoothed(graph, target, number(options, 'labelSmoothing'), 2)
      const p = options['fromLogits'] === true ? graph.unary('sigmoid', prediction) : prediction
      const negative = graph.sub(1, labels)
      const right = graph.add(graph.mul(labels, p), graph.mul(negative, graph.sub(1, p)))
      const factor = graph.binary('pow', graph.sub(1, right), number(options, 'gamma'))
      const focal = graph.mul(factor, binaryCrossEntropy(graph, labels, p, false))
      if (options['applyClassBalancing'] !== true) return focal
      const alpha = number(options, 'alpha')
      return graph.mul(focal, graph.add(graph.mul(labels, alpha), graph.mul(negative, 1 - alpha)))
    },
    {
      ...focal,
      applyClassBalancing: optional(boolean, false),
      alpha: optional(numberField({ least: 0, most: 1 }), 0.25),
    },
  ),
  CategoricalFocalCrossentropy: summed(
    (graph, target, prediction, options) => {
      const labels = smoothed(graph, target, number(options, 'labelSmoothing'), prediction.shape.at(-1)!)
      const p = options['fromLogits'] === true ? graph.softmax(prediction) : prediction
      const output = clip(graph, graph.div(p, sumKept(graph, p)), epsilon, almostOne)
      const factor = graph.binary('pow', graph.sub(1, output), number(options, 'gamma'))
      const entropy = graph.mul(graph.unary('neg', labels), graph.unary('log', output))
      return graph.mul(graph.mul(factor, number(options, 'alpha')), entropy)
    },
    { ...focal, alpha: optional(numberField({ least: 0 }), 0.25) },
  ),
  /** (1 − p^q) / q, p the probability of the true class. */
  CategoricalGeneralizedCrossEntropy: {
    target: 'sparse',
    options: { q: optional(numberField({ above: 0, most: 1 }), 0.5) },
    values: (graph, target, prediction, options) => {
      const q = number(options, 'q')
      const labels = oneHot(graph, classesOf(graph, target, prediction), prediction.shape.at(-1)!)
      const p = sumLast(graph, graph.mul(prediction, labels))
      return graph.div(graph.sub(1, graph.binary('pow', p, q)), q)
    },
  },
  MeanSquaredError: averaged((graph, target, prediction) => graph.unary('square', graph.sub(prediction, target))),
  MeanAbsoluteError: averaged((graph, target, prediction) => graph.unary('abs', graph.sub(prediction, target))),
  /** 100 · |y − p| / max(|y|, 1e-7). */
  MeanAbsolutePercentageError: averaged((graph, target, prediction) => {
    const scale = graph.max(graph.unary('abs', target), epsilon)
    return graph.mul(graph.unary('abs', graph.div(graph.sub(target, prediction), scale)), 100)
  }),
  MeanSquaredLogarithmicError: averaged((graph, target, prediction) => {
    const log = (x: Node) => graph.unary('log1p', graph.max(x, epsilon))
    return graph.unary('square', graph.sub(log(prediction), log(target)))
  }),
  Huber: averaged(
    (graph, target, prediction, options) => {
      const delta = number(options, 'delta')
      const distance = graph.unary('abs', graph.sub(prediction, target))
      const near = graph.mul(graph.unary('square', distance), 0.5)
      const far = graph.sub(graph.mul(distance, delta), 0.5 * delta * delta)
      return graph.select(graph.binary('lessEqual', distance, graph.constant(delta)), near, far)
    },
    { delta: optional(numberField({ above: 0 }), 1) },
  ),
  /** log cosh x = x + softplus(−2x) − log 2. */
  LogCosh: averaged((graph, target, prediction) => {
    const x = graph.sub(prediction, target)
    return graph.sub(graph.add(x, softplus(graph, graph.mul(x, -2))), Math.LN2)
  }),
  Hinge: averaged(hinge),
  SquaredHinge: averaged((graph, target, prediction, options) =>
    graph.unary('square', hinge(graph, target, prediction, options)),
  ),
  /** max(0, 1 + the best wrong class − the right one). */
  CategoricalHinge: {
    target: 'dense',
    options: {},
    values: (graph, target, prediction) => {
      const labels = graph.cast(target)
      const right = sumLast(graph, graph.mul(labels, prediction))
      const wrong = graph.reduceMax(graph.mul(graph.sub(1, labels), prediction), [last(prediction)])
      return graph.unary('relu', graph.add(graph.sub(wrong, right), 1))
    },
  },
  CosineSimilarity: summed((graph, target, prediction) =>
    graph.unary('neg', graph.mul(unitVector(graph, target), unitVector(graph, prediction))),
  ),
  KLDivergence: summed((graph, target, prediction) => {
    const y = clip(graph, target, epsilon, 1)
    const p = clip(graph, prediction, epsilon, 1)
    return graph.mul(y, graph.unary('log', graph.div(y, p)))
  }),
  Poisson: averaged((graph, target, prediction) =>
    graph.sub(prediction, graph.mul(target, graph.unary('log', graph.add(prediction, epsilon)))),
  ),
  /** 1 − 2 Σ y p / (Σ y + Σ p + 1e-7) over `axis` (everything, the batch too, when null: one value then). */
  Dice: {
    target: 'dense',
    options: { axis: orNull(axes) },
    values: (graph, target, prediction, options) => {
      const axes = (options['axis'] as readonly number[] | null) ?? prediction.shape.map((_, axis) => axis)
      const labels = graph.cast(target)
      const both = graph.sum(graph.mul(labels, prediction), axes)
      const all = graph.add(graph.add(graph.sum(labels, axes), graph.sum(prediction, axes)), epsilon)
      return graph.sub(1, graph.div(graph.mul(both, 2), all))
    },
  },
} as const satisfies Readonly<Record<string, LossRule>>

export type LossType = keyof typeof lossRules
