/** Element-wise operations as vector values: those that most predictions have. (The others, loaded for them: rarer-elementwise.ts.) */
import type { Node, NodeOf } from '../graph/node.ts'
import type { BinaryFn, UnaryFn } from '../graph/ops.ts'
import type { ElementwiseKind } from '../plan/operations.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { expm1OfNegative } from './math.ts'

type Build = KernelBuilder
type Unary = 'sqrt' | 'relu' | 'elu'
type Binary = 'add' | 'sub' | 'mul' | 'div'
type Kind = 'constant' | 'unary' | 'binary' | 'cast' | 'broadcast'

export type RarerUnary = Exclude<UnaryFn, Unary>
export type RarerBinary = Exclude<BinaryFn, Binary>
export type RarerKind = Exclude<ElementwiseKind, Kind>

const unaryRows: { readonly [F in Unary]: (k: Build, x: Value) => Value } = {
  sqrt: (k, x) => k.unary('sqrt', x),
  // x < 0 ? 0 : x, in this order: NaN stays NaN.
  relu: (k, x) => k.pmax(x, 0),
  elu: (k, x) => k.add(k.pmax(x, 0), expm1OfNegative(k, k.let(k.pmin(x, 0)))),
}

const binaryRows: { readonly [F in Binary]: (k: Build, a: Value, b: Value) => Value } = {
  add: (k, a, b) => k.add(a, b),
  sub: (k, a, b) => k.sub(a, b),
  mul: (k, a, b) => k.mul(a, b),
  div: (k, a, b) => k.div(a, b),
}

const rows: { readonly [K in Kind]: (k: Build, node: NodeOf<K>, operands: readonly Value[]) => Value } = {
  constant: (k, { attributes }) => k.vec(attributes.value),
  unary: (k, { attributes }, [x]) => unaryRows[attributes.fn as Unary](k, x!),
  binary: (k, { attributes }, [a, b]) => binaryRows[attributes.fn as Binary](k, a!, b!),
  // Loading an integer has made it a float already.
  cast: (_, __, [x]) => x!,
  broadcast: (_, __, [x]) => x!,
}

/** Whether the code for a node that is computed is loaded where a kernel has one. */
export function isRarer(node: Node): boolean {
  if (node.kind === 'unary') return !Object.hasOwn(unaryRows, node.attributes.fn)
  if (node.kind === 'binary') return !Object.hasOwn(binaryRows, node.attributes.fn)
  return !Object.hasOwn(rows, node.kind)
}

/** The value of an operation whose operands are in `values`. Loads, positions and random numbers are the caller's. */
export function elementwise(k: KernelBuilder, node: Node, values: ReadonlyMap<Node, Value>): Value {
  const operands: Value[] = []
  for (const input of node.inputs) operands.push(values.get(input)!)
  if (isRarer(node)) return k.rarer.elementwise(k, node, operands, values)
  return rows[node.kind as Kind](k, node as never, operands)
}
