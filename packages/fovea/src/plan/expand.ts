/**
 * Rewrites a step graph into operations that kernels exist for: batch norm becomes element-wise work around its channel sums, a
 * convolution whose filter covers the whole picture becomes a matrix product, zeros around a picture become padding of the
 * convolution behind them, what is cut out of a concatenation the piece that went in. In: any step graph. Out: an equal one.
 */
import { createGraph, type Graph } from '../graph/builder.ts'
import { type Node, type NodeOf, nodesOf, type StepGraph } from '../graph/node.ts'
import { conv2dRule, pieceOfConcat, type Rules } from './expansion.ts'
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
  slice: (g, node, inputs) => pieceOfConcat(node, inputs[0]!) ?? g.recreate(node, inputs),
  reshape: (g, node, inputs) => g.reshape(inputs[0]!, node.shape),
  conv2d: conv2dRule,
  matmul(g, node, inputs) {
    const { transposeA, transposeB } = node.attributes
    if (!transposeA || !transposeB) return g.recreate(node, inputs)
    return g.matmul(inputs[0]!, g.transpose(inputs[1]!, [1, 0]), { transposeA })
  },
}

const training = async () => (await import('./training-rules.ts')).trainingRules

/** Rules that few predictions have. */
const families: { readonly [K in RewrittenKind]: () => Promise<Rules<K>> } & {
  readonly [K in PlannedKind]?: () => Promise<Partial<Rules>>
} = {
  pad: async () => (await import('./padding-rules.ts')).paddingRules,
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
