/** Which values that are computed element by element must be, or are worth being, in memory. */
import { sizeOf } from '../base/shape.ts'
import type { Node, NodeOf, StepGraph } from '../graph/node.ts'
import type { BinaryFn, UnaryFn } from '../graph/ops.ts'
import { type ComputedKind, isComputed, isDrawn, isInline, isPassed, isReduction } from './operations.ts'

/** Inline nodes that must be in memory because something reads them other than element by element. */
export function forcedNodes(graph: StepGraph, nodes: readonly Node[]): Set<Node> {
  const forced = new Set<Node>()
  for (const node of nodes) {
    const readsInline = isInline(node) || isReduction(node)
    for (const input of node.inputs) {
      if (!isInline(input)) continue
      if (!readsInline) forced.add(input)
      // A vector that is broadcast is computed once, not for every element it meets.
      else if (
        sizeOf(input.shape) > 1 &&
        sizeOf(node.shape) > sizeOf(input.shape) &&
        !isReduction(node) &&
        isWork(input)
      )
        forced.add(input)
    }
  }
  for (const { value } of graph.updates) if (isInline(value)) forced.add(value)
  return forced
}

function isWork(node: Node): boolean {
  return isComputed(node) && !isConstant(node)
}

function isConstant(node: Node): boolean {
  return isInline(node) && !isDrawn(node) && node.inputs.every(isConstant)
}

/** Worth computing again in every job: nothing is loaded, or one simple operation on what is loaded anyway; and all scalars. */
export function isCheap(node: Node): boolean {
  if (!node.batched && sizeOf(node.shape) === 1) return true
  if (isConstant(node) || isDrawn(node)) return true
  const operands = node.inputs.filter(input => !isConstant(input) && sizeOf(input.shape) > 1)
  if (isPassed(node)) return true
  if (node.kind === 'binary' && quickBinary[node.attributes.fn]) {
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

/** Functions of one or two instructions. */
const quickUnary: { readonly [F in UnaryFn]: boolean } = {
  neg: true,
  abs: true,
  sign: false,
  square: true,
  sqrt: false,
  reciprocal: false,
  floor: false,
  exp: false,
  expm1: false,
  log: false,
  log1p: false,
  tanh: false,
  sigmoid: false,
  erf: false,
  normalCdf: false,
  sin: false,
  cos: false,
  relu: true,
  elu: false,
}
const quickBinary: { readonly [F in BinaryFn]: boolean } = {
  add: true,
  sub: true,
  mul: true,
  div: false,
  max: true,
  min: true,
  pow: false,
  equal: true,
  less: true,
  lessEqual: true,
}

const simple: { readonly [K in ComputedKind]: (node: NodeOf<K>) => boolean } = {
  unary: ({ attributes }) => quickUnary[attributes.fn],
  binary: ({ attributes }) => quickBinary[attributes.fn],
  select: () => true,
}

function isSimple(node: Node): boolean {
  return isComputed(node) && simple[node.kind as ComputedKind](node as never)
}

function isRandomOnly(node: Node): boolean {
  return (
    isConstant(node) || isDrawn(node) || (isInline(node) && node.inputs.length > 0 && node.inputs.every(isRandomOnly))
  )
}
