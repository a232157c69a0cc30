/**
 * Activations: one composed function each, element-wise (but softmax, logSoftmax and sparsemax, which run over the last axis), so that the
 * compiler can fuse them into the operation before. Formulas and defaults are Keras 3's. Every branch that is not taken stays
 * finite, so gradients hold no NaN.
 */

import { nearest, UserError } from '../base/errors.ts'
import { custom, optional, type Schema } from '../base/schema.ts'
import { show } from '../base/show.ts'
import type { Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import { toCamel } from './options.ts'

export type ActivationName = keyof typeof activationTable
/** JSON form: the name alone, or with its numbers: `{type: 'leakyRelu', negativeSlope: 0.1}`. */
export type ActivationConfig =
  | ActivationName
  | { readonly type: ActivationName; readonly [parameter: string]: number | boolean | string | null }

type Parameters = Readonly<Record<string, number | boolean | null>>
interface Entry {
  /** Keras's defaults. */
  readonly parameters: Parameters
  readonly build: (graph: Graph, x: Node, parameters: Readonly<Record<string, number>>) => Node
}

const entry = (build: Entry['build'], parameters: Parameters = {}): Entry => ({ build, parameters })
const seluAlpha = 1.6732632423543772
const seluScale = 1.0507009873554805
const sqrtTwoOverPi = 0.7978845608028654

/** x for x > 0, alpha · (eˣ − 1) otherwise; min(x, 0) keeps the branch not taken from overflowing. */
function elu(graph: Graph, x: Node, alpha: number): Node {
  if (alpha === 1) return graph.unary('elu', x)
  return graph.select(
    graph.binary('less', graph.constant(0), x),
    x,
    graph.mul(graph.unary('expm1', graph.min(x, 0)), alpha),
  )
}

/** log(1 + eˣ) = (x + |x|) / 2 + log1p(e^−|x|): no overflow, and slope ½ at 0. */
function softplus(graph: Graph, x: Node): Node {
  const magnitude = graph.unary('abs', x)
  const positivePart = graph.mul(graph.add(x, magnitude), 0.5)
  return graph.add(positivePart, graph.unary('log1p', graph.unary('exp', graph.unary('neg', magnitude))))
}

const clip = (graph: Graph, x: Node, low: number, high: number): Node => graph.min(graph.max(x, low), high)
const hardSigmoid = (graph: Graph, x: Node, alpha = 1 / 6, beta = 0.5): Node =>
  clip(graph, graph.add(graph.mul(x, alpha), beta), 0, 1)

/** x − lambda outside (−lambda, lambda), pulled towards 0; else 0. */
function softShrink(graph: Graph, x: Node, threshold: number): Node {
  return graph.add(graph.max(graph.sub(x, threshold), 0), graph.min(graph.add(x, threshold), 0))
}

/** min(x, maxValue) for x > threshold, negativeSlope · (x − threshold) otherwise. maxValue: null means no limit. */
function relu(graph: Graph, x: Node, { negativeSlope, maxValue, threshold }: Readonly<Record<string, number>>): Node {
  const limit = maxValue ?? Number.POSITIVE_INFINITY
  let y: Node
  if (negativeSlope === 0 && threshold === 0) y = graph.unary('relu', x)
  else {
    const below = negativeSlope === 0 ? graph.constant(0) : graph.mul(graph.sub(x, threshold!), negativeSlope!)
    const passes = graph.binary('less', graph.constant(threshold!), x)
    y = graph.select(passes, x, below)
  }
  return limit === Number.POSITIVE_INFINITY ? y : graph.min(y, limit)
}

/**
 * max(x − t, 0) with the t that makes each row sum to 1 (Martins and Astudillo 2016): t = (Σ S − 1) / |S| over the support S, where z is in S
 * if Σ max(x − z, 0) < 1. Elements are compared pair by pair, which needs no sorting.
 */
function sparsemax(graph: Graph, x: Node): Node {
  const rows = x.shape.slice(0, -1)
  const [axis, width] = [rows.length, x.shape.at(-1)!]
  const above = graph.sub(graph.reshape(x, [...rows, 1, width]), graph.reshape(x, [...rows, width, 1]))
  const support = graph.binary('less', graph.sum(graph.max(above, 0), [axis + 1]), graph.constant(1))
  const sum = graph.sub(graph.sum(graph.mul(support, x), [axis]), 1)
  const threshold = graph.div(sum, graph.sum(support, [axis]))
  return graph.max(graph.sub(x, graph.reshape(threshold, [...rows, 1])), 0)
}

export const activationTable = {
  linear: entry((_, x) => x),
  relu: entry(relu, { negativeSlope: 0, maxValue: null, threshold: 0 }),
  relu6: entry((graph, x) => graph.min(graph.unary('relu', x), 6)),
  leakyRelu: entry(
    (graph, x, { negativeSlope }) =>
      graph.select(graph.binary('less', graph.constant(0), x), x, graph.mul(x, negativeSlope!)),
    { negativeSlope: 0.2 },
  ),
  elu: entry((graph, x, { alpha }) => elu(graph, x, alpha!), { alpha: 1 }),
  /** elu with Klambauer et al.'s constants, which keep mean 0 and variance 1. */
  selu: entry((graph, x) => graph.mul(elu(graph, x, seluAlpha), seluScale)),
  /** max(x, 0) + min(0, alpha · (e^(x/alpha) − 1)). */
  celu: entry(
    (graph, x, { alpha }) =>
      graph.select(
        graph.binary('less', graph.constant(0), x),
        x,
        graph.mul(graph.unary('expm1', graph.div(graph.min(x, 0), alpha!)), alpha!),
      ),
    { alpha: 1 },
  ),
  /** x · Φ(x) = x/2 · (1 + erf(x/√2)); approximate: the tanh form. */
  gelu: entry(
    (graph, x, { approximate }) => {
      // normalCdf, not erf: 1 + erf(x/√2) would cancel for negative x.
      if (!approximate) return graph.mul(x, graph.unary('normalCdf', x))
      const inner = graph.unary(
        'tanh',
        graph.mul(graph.mul(x, graph.add(graph.mul(graph.unary('square', x), 0.044715), 1)), sqrtTwoOverPi),
      )
      return graph.mul(graph.mul(x, 0.5), graph.add(inner, 1))
    },
    { approximate: false },
  ),
  /** x · sigmoid(x), also called swish. */
  silu: entry((graph, x) => graph.mul(x, graph.unary('sigmoid', x))),
  tanh: entry((graph, x) => graph.unary('tanh', x)),
  sigmoid: entry((graph, x) => graph.unary('sigmoid', x)),
  softmax: entry((graph, x) => graph.softmax(x)),
  logSoftmax: entry((graph, x) => graph.logSoftmax(x)),
  exponential: entry((graph, x) => graph.unary('exp', x)),
  sparsemax: entry((graph, x) => sparsemax(graph, x)),
  softplus: entry((graph, x) => softplus(graph, x)),
  /** 0 up to −1, (x + 1)² / 4 up to 1, then x. */
  sparsePlus: entry((graph, x) =>
    graph.select(
      graph.binary('less', x, graph.constant(1)),
      graph.mul(graph.unary('square', graph.add(clip(graph, x, -1, 1), 1)), 0.25),
      x,
    ),
  ),
  softsign: entry((graph, x) => graph.div(x, graph.add(graph.unary('abs', x), 1))),
  /** x/2 + 0.5 held in [0, 1]. */
  sparseSigmoid: entry((graph, x) => hardSigmoid(graph, x, 0.5)),
  logSigmoid: entry((graph, x) => graph.unary('neg', softplus(graph, graph.unary('neg', x)))),
  /** alpha · x + beta held in [0, 1]: x/6 + 0.5 in Keras 3; 0.2 x + 0.5 in Keras 2 and, unless it says otherwise, in ONNX. */
  hardSigmoid: entry((graph, x, { alpha, beta }) => hardSigmoid(graph, x, alpha, beta), { alpha: 1 / 6, beta: 0.5 }),
  /** x · hardSigmoid(x), also called hard swish. */
  hardSilu: entry((graph, x) => graph.mul(x, hardSigmoid(graph, x))),
  hardTanh: entry((graph, x) => clip(graph, x, -1, 1)),
  /** x · tanh(softplus(x)). */
  mish: entry((graph, x) => graph.mul(x, graph.unary('tanh', softplus(graph, x)))),
  tanhShrink: entry((graph, x) => graph.sub(x, graph.unary('tanh', x))),
  softShrink: entry((graph, x, { threshold }) => softShrink(graph, x, threshold!), { threshold: 0.5 }),
  hardShrink: entry(
    (graph, x, { threshold }) =>
      graph.select(graph.binary('lessEqual', graph.unary('abs', x), graph.constant(threshold!)), 0, x),
    { threshold: 0.5 },
  ),
  /** x where x > threshold, else `value`. */
  threshold: entry(
    (graph, x, { threshold, value }) =>
      graph.select(graph.binary('less', graph.constant(threshold!), x), x, graph.constant(value!)),
    { threshold: 0, value: 0 },
  ),
  /** (x + √(x² + b)) / 2. */
  squareplus: entry(
    (graph, x, { b }) => graph.mul(graph.add(x, graph.unary('sqrt', graph.add(graph.unary('square', x), b!))), 0.5),
    { b: 4 },
  ),
} satisfies Record<string, Entry>

const aliases: Readonly<Record<string, ActivationName>> = {
  swish: 'silu',
  hardSwish: 'hardSilu',
  leakyReLU: 'leakyRelu',
}

/** The activation of `x`. Throws UserError for an unknown name or parameter. */
export function activationFormula(graph: Graph, config: ActivationConfig, x: Node): Node {
  const normal = activationConfig(config)
  const { type, ...given } = typeof normal === 'string' ? { type: normal } : normal
  const { build, parameters }: Entry = activationTable[type]
  return build(graph, x, { ...parameters, ...given } as Record<string, number>)
}

/** Normalises a name (also snake_case) or a configuration; throws UserError when it is neither. */
export function activationConfig(given: unknown): ActivationConfig {
  const { type, ...parameters } =
    typeof given === 'object' && given !== null ? (given as { type?: unknown }) : { type: given }
  const name = typeof type === 'string' ? nameOf(type) : undefined
  if (name === undefined) {
    const suggestion = typeof type === 'string' ? nearest(toCamel(type), Object.keys(activationTable)) : undefined
    throw new UserError({
      what: 'Unknown activation.',
      expected: Object.keys(activationTable).join(', '),
      received: show(given),
      ...(suggestion === undefined ? {} : { fix: `did you mean "${suggestion}"?` }),
    })
  }
  const defaults: Parameters = activationTable[name].parameters
  for (const [parameter, value] of Object.entries(parameters as Record<string, unknown>)) {
    const fine =
      Object.hasOwn(defaults, parameter) &&
      (Number.isFinite(typeof value === 'number' ? Math.fround(value) : value) ||
        typeof value === 'boolean' ||
        value === null)
    if (!fine) {
      throw new UserError({
        what: `Activation "${name}" cannot take ${parameter} = ${show(value)}.`,
        expected:
          Object.keys(defaults).length === 0 ? 'no parameters' : `parameters ${Object.keys(defaults).join(', ')}`,
      })
    }
  }
  return Object.keys(parameters).length === 0 ? name : ({ ...parameters, type: name } as ActivationConfig)
}

function nameOf(word: string): ActivationName | undefined {
  const camel = toCamel(word)
  const name = Object.hasOwn(aliases, camel) ? aliases[camel]! : camel
  return Object.hasOwn(activationTable, name) ? (name as ActivationName) : undefined
}

export const activationField: Schema<ActivationConfig> = optional(
  custom(
    `an activation: ${Object.keys(activationTable).join(', ')}; or one with numbers, {type: "leakyRelu", negativeSlope: 0.1}`,
    value => (value === null ? 'linear' : activationConfig(value)),
  ),
  'linear',
)
