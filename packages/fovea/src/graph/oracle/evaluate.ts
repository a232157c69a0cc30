/**
 * The float64 oracle: runs a step graph in plain loops, one rule per operation, and shares no code with plan and kernels.
 * In: the fed inputs, the states' values and n, the number of real rows. Out: the outputs and the new values of updated states
 * (everything reads the old ones). Batched tensors hold exactly n rows, so nothing can leak from rows that do not exist.
 */
import { InternalError, UserError } from '../../base/errors.ts'
import { fold, type RandomKey, uniform } from '../../base/random.ts'
import { formatShape, type Shape, sizeOf } from '../../base/shape.ts'
import { type Node, type NodeOf, nodesOf, type StepGraph } from '../node.ts'
import type { OpKind } from '../ops.ts'
import { evaluateConv2d, evaluateConv2dFilterGrad, evaluateConv2dInputGrad } from './evaluate-convolution.ts'
import {
  broadcastValues,
  evaluateBinary,
  evaluateSelect,
  evaluateUnary,
  type OracleTensor,
} from './evaluate-elementwise.ts'
import {
  evaluateArgmax,
  evaluateConcat,
  evaluateIota,
  evaluateMatmul,
  evaluatePad,
  evaluateReduce,
  evaluateSlice,
  evaluateTranspose,
} from './evaluate-movement.ts'
import {
  evaluateBatchMoments,
  evaluateBatchNorm,
  evaluateBatchNormInputGrad,
  evaluateBatchNormSums,
  evaluateSoftmax,
} from './evaluate-normalization.ts'
import {
  evaluateAveragePool2d,
  evaluateAveragePool2dGrad,
  evaluateMaxPool2d,
  evaluateMaxPool2dGrad,
} from './evaluate-pooling.ts'
import { evaluateAffineSample } from './evaluate-sampling.ts'

const { isInteger } = Number

export interface EvaluationFeed {
  /** By input name; at least n rows when batched (more are ignored). */
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>
  readonly states: Readonly<Record<string, ArrayLike<number>>>
  /** Real rows of this run, 1 … graph.batch; the whole batch by default. */
  readonly n?: number
}

export interface EvaluationOptions {
  /** Applied to every element of every float node: `Math.fround` shows what float32 storage alone does to the result. */
  readonly round?: (value: number) => number
  /** Keep every node's value in `values`; otherwise each is dropped after its last use. */
  readonly keepValues?: boolean
}

export interface OracleValues {
  readonly outputs: Record<string, Float64Array>
  /** New values of the updated states, by state name. */
  readonly updates: Record<string, Float64Array>
  readonly values: Map<Node, Float64Array>
}

interface Run {
  readonly feed: EvaluationFeed
  readonly n: number
}

/** `shape` is the result's real shape: n rows when batched. */
type EvaluationRule<K extends OpKind> = (
  node: NodeOf<K>,
  inputs: readonly OracleTensor[],
  shape: Shape,
  run: Run,
) => Float64Array

export const evaluationRules: { readonly [K in OpKind]: EvaluationRule<K> } = {
  input: (node, _, shape, run) => fed(`input '${node.attributes.name}'`, run.feed.inputs[node.attributes.name], shape),
  state: (node, _, shape, run) => fed(`state '${node.attributes.name}'`, run.feed.states[node.attributes.name], shape),
  constant: (node, _, shape) => new Float64Array(sizeOf(shape)).fill(node.attributes.value),
  batchSize: (_, __, ___, run) => Float64Array.of(run.n),
  iota: (node, _, shape) => evaluateIota(node.attributes.axis, shape),
  unary: (node, [x]) => evaluateUnary(node.attributes.fn, x!),
  binary: (node, [a, b], shape) => evaluateBinary(node.attributes.fn, a!, b!, shape),
  select: (_, [condition, a, b], shape) => evaluateSelect(condition!, a!, b!, shape),
  cast: (_, [x]) => x!.data,
  randomUniform: (node, [key], shape) => {
    const stream = fold(Array.from(key!.data) as unknown as RandomKey, node.attributes.salt)
    return Float64Array.from({ length: sizeOf(shape) }, (_, index) => uniform(stream, index))
  },
  reshape: (_, [x]) => x!.data,
  transpose: (node, [x], shape) => evaluateTranspose(x!, node.attributes.permutation, shape),
  pad: (node, [x], shape) => evaluatePad(x!, node.attributes.before, node.attributes.value, shape),
  slice: (node, [x], shape) => evaluateSlice(x!, node.attributes.begin, shape),
  concat: (node, inputs, shape) => evaluateConcat(inputs, node.attributes.axis, shape),
  broadcast: (_, [x], shape) => broadcastValues(x!, shape),
  reduce: (node, [x], shape) => evaluateReduce(node.attributes.fn, x!, node.attributes.axes, shape),
  argmax: (_, [x]) => evaluateArgmax(x!),
  matmul: (node, [a, b]) => evaluateMatmul(a!, b!, node.attributes.transposeA, node.attributes.transposeB),
  conv2d: (node, [x, filter], shape) => evaluateConv2d(x!, filter!, shape, node.attributes),
  conv2dInputGrad: (node, [dy, filter], shape) => evaluateConv2dInputGrad(dy!, filter!, shape, node.attributes),
  conv2dFilterGrad: (node, [x, dy], shape) => evaluateConv2dFilterGrad(x!, dy!, shape, node.attributes),
  maxPool2d: (node, [x], shape) => evaluateMaxPool2d(x!, shape, node.attributes),
  maxPool2dGrad: (node, [x, y, dy]) => evaluateMaxPool2dGrad(x!, y!, dy!, node.attributes),
  averagePool2d: (node, [x], shape) => evaluateAveragePool2d(x!, shape, node.attributes),
  averagePool2dGrad: (node, [dy], shape) => evaluateAveragePool2dGrad(dy!, shape, node.attributes),
  softmax: (_, [x]) => evaluateSoftmax(x!, false),
  logSoftmax: (_, [x]) => evaluateSoftmax(x!, true),
  batchMoments: (_, [x]) => evaluateBatchMoments(x!),
  batchNorm: (node, [x, moments, gamma, beta]) =>
    evaluateBatchNorm(x!, moments!, gamma!, beta!, node.attributes.epsilon),
  batchNormSums: (node, [x, dy, moments]) => evaluateBatchNormSums(x!, dy!, moments!, node.attributes.epsilon),
  batchNormInputGrad: (node, [x, dy, gamma, moments, sums]) =>
    evaluateBatchNormInputGrad(x!, dy!, gamma!, moments!, sums!, node.attributes.epsilon),
  affineSample: (node, [x, transform]) => evaluateAffineSample(x!, transform!, node.attributes),
}

/** One run of the graph in double precision. Throws UserError for missing or short feeds and n outside 1 … batch. */
export function evaluateGraph(graph: StepGraph, feed: EvaluationFeed, options: EvaluationOptions = {}): OracleValues {
  const n = feed.n ?? graph.batch
  if (!(isInteger(n) && n >= 1 && n <= graph.batch)) {
    throw new UserError({
      what: 'The number of rows of a step is out of range.',
      expected: `a whole number from 1 to ${graph.batch}`,
      received: String(n),
    })
  }
  const nodes = nodesOf(graph)
  const lastUse = lastUses(graph, nodes)
  const run: Run = { feed, n }
  const values = new Map<Node, Float64Array>()
  for (const node of nodes) {
    const inputs = node.inputs.map(input => ({ shape: realShape(input, n), data: values.get(input)! }))
    const shape = realShape(node, n)
    const rule = evaluationRules[node.kind] as EvaluationRule<OpKind>
    const exact = rule(node, inputs, shape, run)
    if (exact.length !== sizeOf(shape)) {
      throw new InternalError('evaluate', `${node.kind} gave ${exact.length} elements for ${formatShape(shape)}`)
    }
    // Integers keep all 32 bits: a rounded random key would be another key.
    values.set(node, options.round && node.dtype === 'f32' ? exact.map(options.round) : exact)
    if (!options.keepValues) {
      for (const input of node.inputs) if (lastUse.get(input) === node) values.delete(input)
    }
  }
  const read = (node: Node): Float64Array => values.get(node)!.slice()
  return {
    outputs: Object.fromEntries(graph.outputs.map(({ name, node }) => [name, read(node)])),
    updates: Object.fromEntries(graph.updates.map(({ state, value }) => [state.attributes.name, read(value)])),
    values,
  }
}

/** The shape with n rows instead of the batch's capacity. */
export function realShape(node: Node, n: number): Shape {
  return node.batched ? [n, ...node.shape.slice(1)] : node.shape
}

function lastUses(graph: StepGraph, nodes: readonly Node[]): Map<Node, Node | undefined> {
  const last = new Map<Node, Node | undefined>()
  for (const node of nodes) for (const input of node.inputs) last.set(input, node)
  for (const { node } of graph.outputs) last.set(node, undefined)
  for (const { value } of graph.updates) last.set(value, undefined)
  return last
}

function fed(what: string, values: ArrayLike<number> | undefined, shape: Shape): Float64Array {
  const size = sizeOf(shape)
  if (!values || values.length < size) {
    throw new UserError({
      what: `The ${what} was not given all its values.`,
      expected: `${size} values, shape ${formatShape(shape)}`,
      received: values ? `${values.length} values` : 'nothing',
    })
  }
  const result = new Float64Array(size)
  for (let index = 0; index < size; index++) result[index] = values[index]!
  return result
}
