/**
 * Rewrites a step graph into operations that kernels exist for: batch norm becomes element-wise work around its channel sums, a
 * convolution whose filter covers the whole picture becomes a matrix product, what is cut out of a concatenation the piece that went
 * in. In: any step graph. Out: an equal one.
 */
import { createGraph, type Graph } from '../graph/builder.ts'
import { type Node, type NodeOf, nodesOf, type StepGraph } from '../graph/node.ts'
import type { Convolution, OpKind } from '../graph/ops.ts'
import { isOfRun, type PlannedKind, type RewrittenKind } from './operations.ts'

export function expand(graph: StepGraph): StepGraph {
  const g = createGraph(graph.batch)
  const rebuilt = new Map<Node, Node>()
  const of = (node: Node): Node => rebuilt.get(node)!
  for (const node of [...graph.inputs, ...graph.states]) rebuilt.set(node, g.recreate(node, []))
  for (const node of weightsFirst(nodesOf(graph))) {
    if (!rebuilt.has(node)) rebuilt.set(node, expandNode(g, node, node.inputs.map(of)))
  }
  return {
    ...graph,
    inputs: graph.inputs.map(node => of(node) as NodeOf<'input'>),
    states: graph.states.map(node => of(node) as NodeOf<'state'>),
    updates: graph.updates.map(({ state, value }) => ({ state: of(state) as NodeOf<'state'>, value: of(value) })),
    outputs: graph.outputs.map(({ name, node }) => ({ name, node: of(node) })),
  }
}

/** What comes of states alone exists before everything else, so that any job can finish its result with it. */
function weightsFirst(nodes: readonly Node[]): Node[] {
  const fixed = new Set<Node>()
  for (const node of nodes) if (node.kind === 'state' || ofWeightsAlone(node, fixed)) fixed.add(node)
  return [...fixed, ...nodes.filter(node => !fixed.has(node))]
}

function ofWeightsAlone(node: Node, fixed: ReadonlySet<Node>): boolean {
  return node.kind !== 'input' && !isOfRun(node) && !node.batched && node.inputs.every(input => fixed.has(input))
}

type Rule<K extends OpKind> = (g: Graph, node: NodeOf<K>, inputs: readonly Node[]) => Node

/** What takes an operation's place; the others stay what they are. */
const rules: { readonly [K in RewrittenKind]: Rule<K> } & { readonly [K in PlannedKind]?: Rule<K> } = {
  slice: (g, node, inputs) => pieceOfConcat(node, inputs[0]!) ?? g.recreate(node, inputs),
  reshape: (g, node, inputs) => g.reshape(inputs[0]!, node.shape),
  batchNorm(g, node, inputs) {
    const [x, moments, gamma, beta] = inputs as [Node, Node, Node, Node]
    const { mean, inverse } = statistics(g, moments, node.attributes.epsilon)
    return g.add(g.mul(g.sub(x, mean), g.mul(gamma, inverse)), beta)
  },
  batchNormSums(g, node, inputs) {
    const [x, dy, moments] = inputs as [Node, Node, Node]
    const { mean, inverse } = statistics(g, moments, node.attributes.epsilon)
    const axes = x.shape.slice(0, -1).map((_, axis) => axis)
    const channels = x.shape.at(-1)!
    // Σ dy x̂ = (Σ dy (x − mean)) · inverse: the factor once per channel, not per element.
    const products = g.mul(g.sum(g.mul(dy, g.sub(x, mean)), axes), inverse)
    return g.concat([g.reshape(g.sum(dy, axes), [1, channels]), g.reshape(products, [1, channels])], 0)
  },
  batchNormInputGrad(g, node, inputs) {
    const [x, dy, gamma, moments, sums] = inputs as [Node, Node, Node, Node, Node]
    const { mean, inverse } = statistics(g, moments, node.attributes.epsilon)
    const count = g.countOver(
      x,
      x.shape.slice(0, -1).map((_, axis) => axis),
    )
    const shift = g.div(row(g, sums, 0), count)
    const slope = g.mul(g.div(row(g, sums, 1), count), inverse)
    return g.mul(g.sub(g.sub(dy, shift), g.mul(g.sub(x, mean), slope)), g.mul(gamma, inverse))
  },
  conv2d(g, node, inputs) {
    const [x, filter] = inputs as [Node, Node]
    if (!coversPicture(node.attributes, x.shape, filter.shape)) return g.recreate(node, inputs)
    return g.reshape(g.matmul(flatten(g, x), flattenFilter(g, filter)), node.shape)
  },
  conv2dInputGrad(g, node, inputs) {
    const [dy, filter] = inputs as [Node, Node]
    if (!coversPicture(node.attributes, node.shape, filter.shape)) return g.recreate(node, inputs)
    return g.reshape(g.matmul(flatten(g, dy), flattenFilter(g, filter), { transposeB: true }), node.shape)
  },
  conv2dFilterGrad(g, node, inputs) {
    const [x, dy] = inputs as [Node, Node]
    if (!coversPicture(node.attributes, x.shape, node.shape)) return g.recreate(node, inputs)
    return g.reshape(g.matmul(flatten(g, x), flatten(g, dy), { transposeA: true }), node.shape)
  },
  matmul(g, node, inputs) {
    const { transposeA, transposeB } = node.attributes
    if (!transposeA || !transposeB) return g.recreate(node, inputs)
    return g.matmul(inputs[0]!, g.transpose(inputs[1]!, [1, 0]), { transposeA })
  },
}

function expandNode(g: Graph, node: Node, inputs: readonly Node[]): Node {
  const rule = rules[node.kind]
  return rule ? rule(g, node as never, inputs) : g.recreate(node, inputs)
}

function coversPicture(
  { padding, groups }: Convolution,
  picture: readonly number[],
  filter: readonly number[],
): boolean {
  const unpadded = padding.top + padding.bottom + padding.left + padding.right === 0
  return unpadded && groups === 1 && picture[1] === filter[0] && picture[2] === filter[1]
}

function flatten(g: Graph, x: Node): Node {
  return g.reshape(x, [x.shape[0]!, x.shape.slice(1).reduce((product, extent) => product * extent, 1)])
}

function flattenFilter(g: Graph, filter: Node): Node {
  const outputs = filter.shape.at(-1)!
  return g.reshape(filter, [filter.shape.slice(0, -1).reduce((product, extent) => product * extent, 1), outputs])
}

/** A slice that is exactly one operand of a concat is that operand. */
function pieceOfConcat(node: NodeOf<'slice'>, source: Node): Node | undefined {
  if (source.kind !== 'concat') return undefined
  const { axis } = source.attributes
  let start = 0
  for (const piece of source.inputs) {
    const extent = piece.shape[axis]!
    const fits = node.attributes.begin[axis] === start && node.shape[axis] === extent
    if (fits && node.shape.every((size, other) => size === piece.shape[other])) return piece
    start += extent
  }
  return undefined
}

/** Row `index` of [2, C], as [C]. */
function row(g: Graph, pair: Node, index: number): Node {
  const channels = pair.shape[1]!
  const piece = pair.kind === 'concat' ? pair.inputs[index]! : g.slice(pair, [index, 0], [1, channels])
  return g.reshape(piece, [channels])
}

function statistics(g: Graph, moments: Node, epsilon: number): { mean: Node; inverse: Node } {
  const inverse = g.unary('reciprocal', g.unary('sqrt', g.add(row(g, moments, 1), epsilon)))
  return { mean: row(g, moments, 0), inverse }
}
