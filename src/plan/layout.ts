/**
 * Which weights lie blocked: those that matrix products and convolutions read and everything else treats element by element
 * (gradient, optimizer state, update: the whole family of a weight shares its order). Decided over all entries together, since
 * states are shared by name.
 */
import { sameShape, sizeOf } from '../base/shape.ts'
import { type Node, nodesOf, type StepGraph } from '../graph/node.ts'
import { BLOCK } from './types.ts'

/** Nodes of each entry that are blocked. */
export function blockedNodes(entries: readonly StepGraph[]): ReadonlySet<Node> {
  const families = new Map<Node, Node>()
  const plain = new Set<Node>()
  const find = (node: Node): Node => {
    const parent = families.get(node)
    if (!parent || parent === node) return node
    const root = find(parent)
    families.set(node, root)
    return root
  }
  const join = (a: Node, b: Node): void => {
    if (find(a) !== find(b)) families.set(find(a), find(b))
  }
  const states = new Map<string, Node>()
  const candidates: Node[] = []
  for (const graph of entries) {
    for (const node of [...nodesOf(graph), ...graph.states]) {
      if (isCandidate(node)) candidates.push(node)
      if (node.kind === 'state') {
        const known = states.get(node.attributes.name)
        if (known) join(node, known)
        else states.set(node.attributes.name, node)
      }
      relate(node, join, other => plain.add(other))
    }
    for (const { state, value } of graph.updates) join(state, value)
  }
  const plainFamilies = new Set([...plain].map(find))
  return new Set(candidates.filter(node => !plainFamilies.has(find(node))))
}

/** With 8 outputs or fewer the two orders are the same. */
function isCandidate(node: Node): boolean {
  return !node.batched && node.dtype === 'f32' && node.shape.length >= 2 && node.shape.at(-1)! > BLOCK
}

function relate(node: Node, join: (a: Node, b: Node) => void, plain: (node: Node) => void): void {
  const allPlain = (): void => {
    plain(node)
    node.inputs.forEach(plain)
  }
  switch (node.kind) {
    case 'state':
    case 'constant':
      return
    case 'unary':
    case 'binary':
    case 'select':
    case 'broadcast':
      for (const input of node.inputs) {
        if (sizeOf(input.shape) === 1) continue
        if (sameShape(input.shape, node.shape) && input.batched === node.batched) join(node, input)
        else {
          plain(node)
          plain(input)
        }
      }
      return
    case 'reshape':
      if (node.shape.at(-1) === node.inputs[0]!.shape.at(-1)) join(node, node.inputs[0]!)
      else allPlain()
      return
    case 'reduce':
      if (sizeOf(node.shape) !== 1) allPlain()
      return
    case 'matmul':
      // The right operand may be blocked; a weight gradient may be written blocked.
      plain(node.inputs[0]!)
      if (node.attributes.transposeA) plain(node.inputs[1]!)
      else plain(node)
      return
    case 'conv2d':
    case 'conv2dInputGrad':
      plain(node)
      plain(node.inputs[0]!)
      if (node.attributes.groups > 1) plain(node.inputs[1]!)
      return
    case 'conv2dFilterGrad':
      node.inputs.forEach(plain)
      if (node.attributes.groups > 1) plain(node)
      return
    default:
      allPlain()
  }
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
