/**
 * Which weights lie blocked: those that matrix products and convolutions read and everything else treats element by element
 * (gradient, optimizer state, update: the whole family of a weight shares its order). Decided over all entries together, since
 * states are shared by name; entries that come later find some decided.
 */
import { InternalError } from '../base/errors.ts'
import { sameShape, sizeOf } from '../base/shape.ts'
import { type Node, type NodeOf, nodesOf, type StepGraph } from '../graph/node.ts'
import type { PlannedKind } from './operations.ts'
import { BLOCK } from './types.ts'

/** Nodes of each entry that are blocked. `mustBePlain`: names of states that lie plain already. */
export function blockedNodes(
  entries: readonly StepGraph[],
  mustBePlain: (state: string) => boolean = () => false,
): ReadonlySet<Node> {
  const parents = new Map<Node, Node>()
  const plainNodes = new Set<Node>()
  const find = (node: Node): Node => {
    const parent = parents.get(node)
    if (!parent || parent === node) return node
    const root = find(parent)
    parents.set(node, root)
    return root
  }
  const join = (a: Node, b: Node): void => {
    if (find(a) !== find(b)) parents.set(find(a), find(b))
  }
  const families: Families = { join, plain: node => plainNodes.add(node) }
  const states = new Map<string, Node>()
  const candidates: Node[] = []
  for (const graph of entries) {
    for (const node of [...nodesOf(graph), ...graph.states]) {
      if (isCandidate(node)) candidates.push(node)
      if (node.kind === 'state') {
        const known = states.get(node.attributes.name)
        if (known) join(node, known)
        else states.set(node.attributes.name, node)
        if (mustBePlain(node.attributes.name)) families.plain(node)
      }
      relate(node, families)
    }
    for (const { state, value } of graph.updates) join(state, value)
  }
  const plainFamilies = new Set([...plainNodes].map(find))
  return new Set(candidates.filter(node => !plainFamilies.has(find(node))))
}

/** With 8 outputs or fewer the two orders are the same. */
function isCandidate(node: Node): boolean {
  return !node.batched && node.dtype === 'f32' && node.shape.length >= 2 && node.shape.at(-1)! > BLOCK
}

/** Puts nodes into one family, or says that a node must lie plain. */
interface Families {
  join(a: Node, b: Node): void
  plain(node: Node): void
}
type Relation = (node: Node, families: Families) => void

/** Any order will do. */
const free: Relation = () => {}

const plain: Relation = (node, families) => {
  families.plain(node)
  node.inputs.forEach(families.plain)
}

/** Element by element: one order for all operands of the result's shape. */
const together: Relation = (node, families) => {
  for (const input of node.inputs) {
    if (sizeOf(input.shape) === 1) continue
    if (sameShape(input.shape, node.shape) && input.batched === node.batched) families.join(node, input)
    else {
      families.plain(node)
      families.plain(input)
    }
  }
}

const convolution = (node: NodeOf<'conv2d'> | NodeOf<'conv2dInputGrad'>, families: Families): void => {
  families.plain(node)
  families.plain(node.inputs[0]!)
  if (node.attributes.groups > 1) families.plain(node.inputs[1]!)
}

const relations: { readonly [K in PlannedKind]: (node: NodeOf<K>, families: Families) => void } = {
  input: plain,
  state: free,
  constant: free,
  batchSize: plain,
  iota: plain,
  unary: together,
  binary: together,
  select: together,
  cast: plain,
  randomUniform: plain,
  reshape(node, families) {
    if (node.shape.at(-1) === node.inputs[0]!.shape.at(-1)) families.join(node, node.inputs[0]!)
    else plain(node, families)
  },
  transpose: plain,
  pad: plain,
  slice: plain,
  concat: plain,
  broadcast: together,
  reduce(node, families) {
    if (sizeOf(node.shape) !== 1) plain(node, families)
  },
  argmax: plain,
  matmul(node, families) {
    // The right operand may be blocked; a weight gradient may be written blocked.
    families.plain(node.inputs[0]!)
    families.plain(node.attributes.transposeA ? node.inputs[1]! : node)
  },
  conv2d: convolution,
  conv2dInputGrad: convolution,
  conv2dFilterGrad(node, families) {
    node.inputs.forEach(families.plain)
    if (node.attributes.groups > 1) families.plain(node)
  },
  maxPool2d: plain,
  maxPool2dGrad: plain,
  averagePool2d: plain,
  averagePool2dGrad: plain,
  softmax: plain,
  logSoftmax: plain,
  batchMoments: plain,
  affineSample: plain,
}

function relate(node: Node, families: Families): void {
  const relation = relations[node.kind as PlannedKind]
  if (!relation) throw new InternalError('plan', `${node.kind} is left after expansion`)
  relation(node as never, families)
}

/**
 * Walks through an I × O matrix in its blocked order, run by run: `width` neighbours of a row, at `plain` in the matrix's own
 * order and at `blocked` in this one.
 */
export function forBlockedRuns(
  inners: number,
  outputs: number,
  visit: (plain: number, blocked: number, width: number) => void,
): void {
  let blocked = 0
  for (let first = 0; first < outputs; first += BLOCK) {
    const width = Math.min(BLOCK, outputs - first)
    for (let inner = 0; inner < inners; inner++, blocked += width) visit(inner * outputs + first, blocked, width)
  }
}
