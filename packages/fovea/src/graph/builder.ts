/**
 * Builds graphs. Equal operations on equal inputs give the same node (so a value recomputed in the backward pass is shared),
 * and identities (x + 0, x · 1, a reshape to the same shape …) are simplified away as they arise.
 */
import { type DType, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from './node.ts'
import type { BinaryFn, Convolution, OpAttributes, OpKind, ReduceFn, Sampling, UnaryFn, Window } from './ops.ts'
import { type Signature, shapeRules } from './shape-rules.ts'

// An interface and not an alias: only so do messages, hints of editors and the API's pages call it by its name.
/** What formulas are written with: each method gives the node of one operation. */
export interface Graph extends ReturnType<typeof createGraph> {}

const undeclared: Signature = { shape: [], dtype: 'f32', batched: false }

/** JSON knows neither −0 nor NaN and the infinities: constants of these would become one node. */
function keyOf(kind: OpKind, attributes: object): string {
  if (kind !== 'constant') return JSON.stringify(attributes)
  const { value } = attributes as OpAttributes['constant']
  return Object.is(value, -0) ? '-0' : String(value)
}

/** A fresh graph for runs of at most `batch` rows. */
export function createGraph(batch: number) {
  const interned = new Map<string, Node>()
  let nodes = 0
  let salts = 0

  function create<K extends OpKind>(
    kind: K,
    attributes: OpAttributes[K],
    inputs: readonly Node[],
    declared: Partial<Signature> = {},
  ): NodeOf<K> {
    const signature = shapeRules[kind](attributes, inputs, { ...undeclared, ...declared })
    const { shape, dtype, batched } = signature
    const key = `${kind} ${inputs.map(input => input.id)} ${keyOf(kind, attributes)} ${shape} ${dtype} ${batched}`
    const known = interned.get(key)
    if (known) return known as NodeOf<K>
    const node = { id: nodes++, kind, attributes, inputs, ...signature } as NodeOf<K>
    interned.set(key, node as Node)
    return node
  }

  const constant = (value: number, shape: Shape = []): Node => create('constant', { value }, [], { shape })
  const lift = (x: Node | number): Node => (typeof x === 'number' ? constant(x) : x)

  function binary(fn: BinaryFn, left: Node | number, right: Node | number): Node {
    const a = lift(left)
    const b = lift(right)
    const simplified = identityOf(fn, a, b)
    if (simplified) return simplified
    if (
      a.kind === 'constant' &&
      b.kind === 'constant' &&
      sizeOf(a.shape) === 1 &&
      sizeOf(b.shape) === 1 &&
      foldable[fn]
    ) {
      return constant(
        foldable[fn](a.attributes.value, b.attributes.value),
        a.shape.length > b.shape.length ? a.shape : b.shape,
      )
    }
    return create('binary', { fn }, [a, b])
  }

  const unary = (fn: UnaryFn, x: Node): Node => create('unary', { fn }, [x])

  function reduce(fn: ReduceFn, x: Node, axes: readonly number[]): Node {
    const sorted = [...axes].sort((a, b) => a - b)
    return sorted.length === 0 ? x : create('reduce', { fn, axes: sorted }, [x])
  }

  /** The number of elements reduced over, as a node: over the batch axis only real rows count. */
  function countOver(x: Node, axes: readonly number[]): Node {
    const fixed = axes.filter(axis => !(x.batched && axis === 0)).reduce((product, axis) => product * x.shape[axis]!, 1)
    return x.batched && axes.includes(0) ? binary('mul', create('batchSize', {}, []), fixed) : constant(fixed)
  }

  return {
    batch,
    /** The same operation on other inputs: how a pass rebuilds a graph. */
    recreate: (node: Node, inputs: readonly Node[]): Node =>
      create(node.kind, node.attributes as OpAttributes[OpKind], inputs, {
        shape: node.shape,
        dtype: node.dtype,
        batched: node.batched,
      }) as Node,
    /** Fed by the host. `shape` holds the batch capacity first when batched. */
    input: (name: string, shape: Shape, options: { dtype?: DType; batched?: boolean } = {}): NodeOf<'input'> =>
      create('input', { name }, [], { shape, dtype: options.dtype ?? 'f32', batched: options.batched ?? false }),
    state: (name: string, shape: Shape): NodeOf<'state'> => create('state', { name }, [], { shape }),
    constant,
    batchSize: (): Node => create('batchSize', {}, []),
    iota: (shape: Shape, axis: number): Node =>
      shape[axis] === 1 ? constant(0, shape) : create('iota', { axis }, [], { shape }),

    unary,
    binary,
    add: (a: Node | number, b: Node | number) => binary('add', a, b),
    sub: (a: Node | number, b: Node | number) => binary('sub', a, b),
    mul: (a: Node | number, b: Node | number) => binary('mul', a, b),
    div: (a: Node | number, b: Node | number) => binary('div', a, b),
    max: (a: Node | number, b: Node | number) => binary('max', a, b),
    min: (a: Node | number, b: Node | number) => binary('min', a, b),
    select: (condition: Node, a: Node | number, b: Node | number): Node =>
      create('select', {}, [condition, lift(a), lift(b)]),
    cast: (x: Node): Node => (x.dtype === 'f32' ? x : create('cast', {}, [x])),
    /** Uniform numbers in [0, 1); every call is a new, independent stream. `key` is an int32 [2] input. */
    randomUniform: (key: Node, shape: Shape, batched: boolean): Node =>
      create('randomUniform', { salt: ++salts }, [key], { shape, batched }),

    reshape: (x: Node, shape: Shape): Node => {
      const source = x.kind === 'reshape' ? x.inputs[0]! : x
      return sameShape(source.shape, shape) ? source : create('reshape', {}, [source], { shape })
    },
    transpose: (x: Node, permutation: readonly number[]): Node =>
      permutation.every((axis, index) => axis === index) ? x : create('transpose', { permutation }, [x]),
    pad: (x: Node, before: readonly number[], after: readonly number[], value = 0): Node =>
      [...before, ...after].every(extent => extent === 0) ? x : create('pad', { before, after, value }, [x]),
    slice: (x: Node, begin: readonly number[], shape: Shape): Node =>
      sameShape(x.shape, shape) ? x : create('slice', { begin }, [x], { shape }),
    concat: (inputs: readonly Node[], axis: number): Node =>
      inputs.length === 1 ? inputs[0]! : create('concat', { axis }, inputs),
    broadcast: (x: Node, shape: Shape, batched: boolean): Node =>
      sameShape(x.shape, shape) && x.batched === batched ? x : create('broadcast', {}, [x], { shape, batched }),

    sum: (x: Node, axes: readonly number[]) => reduce('sum', x, axes),
    /** Largest element over the axes. */
    reduceMax: (x: Node, axes: readonly number[]) => reduce('max', x, axes),
    mean: (x: Node, axes: readonly number[]): Node => binary('div', reduce('sum', x, axes), countOver(x, axes)),
    countOver,
    argmax: (x: Node): Node => create('argmax', {}, [x]),

    matmul: (a: Node, b: Node, options: { transposeA?: boolean; transposeB?: boolean } = {}): Node =>
      create('matmul', { transposeA: options.transposeA ?? false, transposeB: options.transposeB ?? false }, [a, b]),
    conv2d: (x: Node, filter: Node, attributes: Convolution): Node => create('conv2d', attributes, [x, filter]),
    conv2dInputGrad: (dy: Node, filter: Node, attributes: OpAttributes['conv2dInputGrad']): Node =>
      create('conv2dInputGrad', attributes, [dy, filter]),
    conv2dFilterGrad: (x: Node, dy: Node, attributes: OpAttributes['conv2dFilterGrad']): Node =>
      create('conv2dFilterGrad', attributes, [x, dy]),
    maxPool2d: (x: Node, window: Window): Node => create('maxPool2d', window, [x]),
    maxPool2dGrad: (x: Node, y: Node, dy: Node, window: Window): Node => create('maxPool2dGrad', window, [x, y, dy]),
    averagePool2d: (x: Node, window: Window): Node => create('averagePool2d', window, [x]),
    averagePool2dGrad: (dy: Node, attributes: OpAttributes['averagePool2dGrad']): Node =>
      create('averagePool2dGrad', attributes, [dy]),
    softmax: (x: Node): Node => create('softmax', {}, [x]),
    logSoftmax: (x: Node): Node => create('logSoftmax', {}, [x]),
    batchMoments: (x: Node): Node => create('batchMoments', {}, [x]),
    batchNorm: (x: Node, moments: Node, gamma: Node, beta: Node, epsilon: number): Node =>
      create('batchNorm', { epsilon }, [x, moments, gamma, beta]),
    batchNormSums: (x: Node, dy: Node, moments: Node, epsilon: number): Node =>
      create('batchNormSums', { epsilon }, [x, dy, moments]),
    batchNormInputGrad: (x: Node, dy: Node, gamma: Node, moments: Node, sums: Node, epsilon: number): Node =>
      create('batchNormInputGrad', { epsilon }, [x, dy, gamma, moments, sums]),
    affineSample: (x: Node, transform: Node, sampling: Sampling): Node =>
      create('affineSample', sampling, [x, transform]),
  }
}

const foldable: Partial<Record<BinaryFn, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
}

/** x + 0, x − 0, x · 1, x / 1 are x (when broadcasting does not enlarge it). */
function identityOf(fn: BinaryFn, a: Node, b: Node): Node | undefined {
  const is = (node: Node, value: number, other: Node): boolean =>
    node.kind === 'constant' &&
    node.attributes.value === value &&
    node.shape.length <= other.shape.length &&
    sizeOf(node.shape) === 1
  if (fn === 'add' || fn === 'sub') {
    if (is(b, 0, a)) return a
    if (fn === 'add' && is(a, 0, b)) return b
  }
  if (fn === 'mul' || fn === 'div') {
    if (is(b, 1, a)) return a
    if (fn === 'mul' && is(a, 1, b)) return b
  }
  return undefined
}
