/** What nodes are to the plan (computed element by element, a view, a source), and which values must be, or are worth being, in memory. */
import { sizeOf } from '../base/shape.ts'
import type { Node, StepGraph } from '../graph/node.ts'

const inlineKinds = new Set([
  'constant',
  'batchSize',
  'iota',
  'randomUniform',
  'unary',
  'binary',
  'select',
  'cast',
  'broadcast',
])

/** Computed element by element, wherever it is needed. */
export function isInline(node: Node): boolean {
  return inlineKinds.has(node.kind)
}
/** Another way to look at stored numbers. */
export function isView(node: Node): boolean {
  return node.kind === 'reshape' || node.kind === 'slice' || node.kind === 'transpose'
}
export function isSource(node: Node): boolean {
  return node.kind === 'input' || node.kind === 'state'
}

/** The stored node a view looks at. */
export function baseOf(node: Node): Node {
  return isView(node) ? baseOf(node.inputs[0]!) : node
}

/** Inline nodes that must be in memory because something reads them other than element by element. */
export function forcedNodes(graph: StepGraph, nodes: readonly Node[]): Set<Node> {
  const forced = new Set<Node>()
  for (const node of nodes) {
    const readsInline = isInline(node) || node.kind === 'reduce'
    for (const input of node.inputs) {
      if (!isInline(input)) continue
      if (!readsInline) forced.add(input)
      // A vector that is broadcast is computed once, not for every element it meets.
      else if (
        sizeOf(input.shape) > 1 &&
        sizeOf(node.shape) > sizeOf(input.shape) &&
        node.kind !== 'reduce' &&
        isWork(input)
      )
        forced.add(input)
    }
  }
  for (const { value } of graph.updates) if (isInline(value)) forced.add(value)
  return forced
}

function isWork(node: Node): boolean {
  return (node.kind === 'unary' || node.kind === 'binary' || node.kind === 'select') && !isConstant(node)
}

function isConstant(node: Node): boolean {
  return isInline(node) && node.kind !== 'randomUniform' && node.inputs.every(isConstant)
}

/** Worth computing again in every job: nothing is loaded, or one simple operation on what is loaded anyway; and all scalars. */
export function isCheap(node: Node): boolean {
  if (!node.batched && sizeOf(node.shape) === 1) return true
  if (isConstant(node) || node.kind === 'randomUniform') return true
  const operands = node.inputs.filter(input => !isConstant(input) && sizeOf(input.shape) > 1)
  if (node.kind === 'cast' || node.kind === 'broadcast') return true
  if (node.kind === 'binary' && node.attributes.fn !== 'pow' && node.attributes.fn !== 'div') {
    // What is broadcast (a channel's mean, a bias) costs next to nothing beside an operand of full size.
    const full = operands.filter(input => sizeOf(input.shape) === sizeOf(node.shape))
    return full.length <= 1 && operands.every(input => !isInline(input) || isRandomOnly(input))
  }
  return false
}

/** Simple operations a value may take to be computed again from one tensor that is in memory anyway. */
const QUICK = 4

/** As fast to compute again in every job as to load: its only operand of full size is loaded in its place. */
export function isQuick(root: Node, isLoaded: (node: Node) => boolean, inMemory: (node: Node) => boolean): boolean {
  const full = new Set<Node>()
  const operations = new Set<Node>()
  const visit = (node: Node): boolean => {
    if (node !== root && isLoaded(node)) {
      if (sizeOf(node.shape) === sizeOf(root.shape)) full.add(node)
      return true
    }
    if (isSimple(node)) operations.add(node)
    else if (!isConstant(node) && node.kind !== 'broadcast') return false
    return node.inputs.every(visit)
  }
  return visit(root) && operations.size <= QUICK && full.size <= 1 && [...full].every(inMemory)
}

function isSimple(node: Node): boolean {
  if (node.kind === 'binary') return node.attributes.fn !== 'pow' && node.attributes.fn !== 'div'
  if (node.kind === 'unary') return ['neg', 'abs', 'square', 'relu'].includes(node.attributes.fn)
  return node.kind === 'select'
}

function isRandomOnly(node: Node): boolean {
  return (
    isConstant(node) ||
    node.kind === 'randomUniform' ||
    (isInline(node) && node.kind !== 'cast' && node.inputs.length > 0 && node.inputs.every(isRandomOnly))
  )
}
