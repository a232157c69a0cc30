/**
 * Rewrites a step graph into operations that kernels exist for: batch norm becomes element-wise work around its channel sums, a
 * convolution whose filter covers the whole picture becomes a matrix product, zeros around a picture become padding of the
 * convolution behind them, what is cut out of a concatenation the piece that went in. In: any step graph. Out: an equal one.
 */
import { createGraph, type Graph } from '../graph/builder.ts'
import { type Node, type NodeOf, nodesOf, type StepGraph } from '../graph/node.ts'
import { borderOf, coversPicture, flatFilter, flatRows, morePadded, type Rules, unpadded } from './expansion.ts'
import { isOfRun, type PlannedKind, type RewrittenKind } from './operations.ts'

export async function expand(graph: StepGraph): Promise<StepGraph> {
  const nodes = nodesOf(graph)
  const rules = await rulesFor(nodes)
  const g = createGraph(graph.batch)
  const rebuilt = new Map<Node, Node>()
  const of = (node: Node): Node => rebuilt.get(node)!
  for (const node of [...graph.inputs, ...graph.states]) rebuilt.set(node, g.recreate(node, []))
  for (const node of weightsFirst(nodes)) {
    if (!rebuilt.has(node)) rebuilt.set(node, expandNode(g, rules, node, node.inputs.map(of)))
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

/** What takes an operation's place; the others stay what they are. */
const everydayRules: Partial<Rules> = {
  slice: (g, node, inputs) =>
    pieceOfConcat(node, inputs[0]!) ?? pieceOfInputGrad(g, node, inputs[0]!) ?? g.recreate(node, inputs),
  reshape: (g, node, inputs) => g.reshape(inputs[0]!, node.shape),
  conv2d(g, node, inputs) {
    const [x, filter] = inputs as [Node, Node]
    const padded = unpadded(x)
    if (padded) return g.conv2d(padded.picture, filter, morePadded(node.attributes, padded.zeros))
    if (!coversPicture(node.attributes, x.shape, filter.shape)) return g.recreate(node, inputs)
    return g.reshape(g.matmul(flatRows(g, x), flatFilter(g, filter)), node.shape)
  },
  matmul(g, node, inputs) {
    const { transposeA, transposeB } = node.attributes
    if (!transposeA || !transposeB) return g.recreate(node, inputs)
    return g.matmul(inputs[0]!, g.transpose(inputs[1]!, [1, 0]), { transposeA })
  },
}

const training = async () => (await import('./training-rules.ts')).trainingRules

/** Rules that few predictions have. */
const families: { readonly [K in RewrittenKind]: () => Promise<Rules<K>> } & {
  readonly [K in PlannedKind]?: () => Promise<Rules<K>>
} = {
  batchNorm: training,
  batchNormSums: training,
  batchNormInputGrad: training,
  conv2dInputGrad: training,
  conv2dFilterGrad: training,
}

/** Those for these nodes, loaded. */
async function rulesFor(nodes: readonly Node[]): Promise<Partial<Rules>> {
  const kinds = new Set(nodes.map(({ kind }) => kind))
  return Object.assign({}, everydayRules, ...(await Promise.all(Array.from(kinds, kind => families[kind]?.()))))
}

function expandNode(g: Graph, rules: Partial<Rules>, node: Node, inputs: readonly Node[]): Node {
  const rule = rules[node.kind]
  return rule ? rule(g, node as never, inputs) : g.recreate(node, inputs)
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

/** The gradient of the middle of a picture is that of a picture as large as the middle, with more padding. */
function pieceOfInputGrad(g: Graph, node: NodeOf<'slice'>, source: Node): Node | undefined {
  if (source.kind !== 'conv2dInputGrad') return undefined
  const { begin } = node.attributes
  const after = source.shape.map((extent, axis) => extent - begin[axis]! - node.shape[axis]!)
  const border = borderOf(begin, after)
  const [dy, filter] = source.inputs as [Node, Node]
  return border && g.conv2dInputGrad(dy, filter, { ...morePadded(source.attributes, border), inputShape: node.shape })
}
