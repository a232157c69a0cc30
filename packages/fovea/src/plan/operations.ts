/**
 * What the plan does with each operation: one role an operation. The role says which tables must have a row for it (how a view is read, how a
 * kernel is chosen, how a value is computed …), and the compiler names every row that is missing.
 */
import type { Node } from '../graph/node.ts'
import type { OpKind } from '../graph/ops.ts'

/** Its numbers are in memory before the step: what a step graph lists as inputs and states, nothing else. */
type Source = { readonly role: 'source' }
type Role =
  | Source
  /**
   * Computed element by element, wherever it is needed: the same in every run (`constant`) or all through one run (`run`), from its
   * position alone (`counted`), from its position and a key (`drawn`), from operands (`computed`), or its operand itself (`passed`).
   */
  | { readonly role: 'inline'; readonly value: 'constant' | 'run' | 'counted' | 'drawn' | 'computed' | 'passed' }
  /** Another way to look at stored numbers: in the order they lie (`inOrder`) or not. */
  | { readonly role: 'view'; readonly inOrder: boolean }
  /** Its operand is computed element by element on the way. */
  | { readonly role: 'reduction' }
  /** Has kernels of its own, which read stored operands. */
  | { readonly role: 'dedicated' }
  /** Other operations take its place before anything is planned. */
  | { readonly role: 'rewritten' }

const roles = {
  input: { role: 'source' },
  state: { role: 'source' },
  constant: { role: 'inline', value: 'constant' },
  batchSize: { role: 'inline', value: 'run' },
  iota: { role: 'inline', value: 'counted' },
  unary: { role: 'inline', value: 'computed' },
  binary: { role: 'inline', value: 'computed' },
  select: { role: 'inline', value: 'computed' },
  cast: { role: 'inline', value: 'passed' },
  randomUniform: { role: 'inline', value: 'drawn' },
  reshape: { role: 'view', inOrder: true },
  transpose: { role: 'view', inOrder: false },
  pad: { role: 'dedicated' },
  slice: { role: 'view', inOrder: false },
  concat: { role: 'dedicated' },
  broadcast: { role: 'inline', value: 'passed' },
  reduce: { role: 'reduction' },
  argmax: { role: 'dedicated' },
  matmul: { role: 'dedicated' },
  conv2d: { role: 'dedicated' },
  conv2dInputGrad: { role: 'dedicated' },
  conv2dFilterGrad: { role: 'dedicated' },
  maxPool2d: { role: 'dedicated' },
  maxPool2dGrad: { role: 'dedicated' },
  averagePool2d: { role: 'dedicated' },
  averagePool2dGrad: { role: 'dedicated' },
  softmax: { role: 'dedicated' },
  logSoftmax: { role: 'dedicated' },
  batchMoments: { role: 'dedicated' },
  batchNorm: { role: 'rewritten' },
  batchNormSums: { role: 'rewritten' },
  batchNormInputGrad: { role: 'rewritten' },
  affineSample: { role: 'dedicated' },
} as const satisfies { readonly [K in OpKind]: K extends 'input' | 'state' ? Source : Exclude<Role, Source> }

type Roles = typeof roles
/** The operations with these facts. */
type KindsWith<Facts> = { [K in keyof Roles]: Roles[K] extends Facts ? K : never }[keyof Roles]

export type ViewKind = KindsWith<{ role: 'view' }>
export type ReductionKind = KindsWith<{ role: 'reduction' }>
export type DedicatedKind = KindsWith<{ role: 'dedicated' }>
export type RewrittenKind = KindsWith<{ role: 'rewritten' }>
/** What is left when everything is rewritten. */
export type PlannedKind = Exclude<OpKind, RewrittenKind>
export type ComputedKind = KindsWith<{ value: 'computed' }>
export type DrawnKind = KindsWith<{ value: 'drawn' }>
/** Values that depend on where an element lies. */
export type PositionalKind = KindsWith<{ value: 'counted' | 'drawn' }>
/** Values that follow from those of the operands. */
export type ElementwiseKind = KindsWith<{ value: 'constant' | 'run' | 'computed' | 'passed' }>

/** A node of one of these kinds. */
export type NodeIn<K extends OpKind> = Extract<Node, { readonly kind: K }>

export function isSource({ kind }: Node): boolean {
  return roles[kind].role === 'source'
}
export function isInline({ kind }: Node): boolean {
  return roles[kind].role === 'inline'
}
export function isView({ kind }: Node): boolean {
  return roles[kind].role === 'view'
}
/** A view whose elements come in another order than they lie in, or with gaps. */
export function isRearranged({ kind }: Node): boolean {
  const facts: Role = roles[kind]
  return facts.role === 'view' && !facts.inOrder
}
export function isReduction(node: Node): node is NodeIn<ReductionKind> {
  return roles[node.kind].role === 'reduction'
}
export function isDedicated(node: Node): node is NodeIn<DedicatedKind> {
  return roles[node.kind].role === 'dedicated'
}
export function isOfRun({ kind }: Node): boolean {
  return valueRole(kind) === 'run'
}
export function isComputed({ kind }: Node): boolean {
  return valueRole(kind) === 'computed'
}
export function isPassed({ kind }: Node): boolean {
  return valueRole(kind) === 'passed'
}
export function isCounted({ kind }: Node): boolean {
  return valueRole(kind) === 'counted'
}
export function isDrawn(node: Node): node is NodeIn<DrawnKind> {
  return valueRole(node.kind) === 'drawn'
}
export function isPositional(node: Node): node is NodeIn<PositionalKind> {
  return isDrawn(node) || isCounted(node)
}

/** Of what is computed element by element; undefined for everything else. */
function valueRole(kind: OpKind) {
  const facts: Role = roles[kind]
  return facts.role === 'inline' ? facts.value : undefined
}

/** The stored node a view looks at. */
export function baseOf(node: Node): Node {
  return isView(node) ? baseOf(node.inputs[0]!) : node
}
