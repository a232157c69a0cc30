/** Writes kernels: methods give values (pure trees, constants folded); `let`, `store`, `loop` and `when` append statements. */
import { InternalError } from '../base/errors.ts'
import type { Node } from '../graph/node.ts'
import type { Target } from '../plan/target.ts'
import type { Access } from '../plan/types.ts'
import type { KernelCode, LoadKind, Operator, Statement, Type, Value } from './ir.ts'

export type Operand = Value | number

export interface Variable {
  readonly get: Value
  set(value: Operand): void
}

/** Two words for each random draw of a kernel. */
export type DrawKeys = ReadonlyMap<Node, readonly [Value, Value]>

/** What is loaded only where a kernel needs it (rarer-elementwise.ts). */
export interface RarerFunctions {
  /** The value of an operation on computed operands; `values` has theirs too. */
  elementwise(k: KernelBuilder, node: Node, operands: readonly Value[], values: ReadonlyMap<Node, Value>): Value
  /** What is counted or drawn at the indices in a vector. */
  position(k: KernelBuilder, node: Node, indices: Value, keys: DrawKeys): Value
  drawKeys(k: KernelBuilder, nodes: readonly Node[], leaves: ReadonlyMap<Node, Access>): DrawKeys
}

export class KernelBuilder {
  readonly name: string
  readonly parameters: readonly string[]
  readonly target: Target
  /** Of the target: floats and bytes of a `vec`, outputs of a block. */
  readonly lanes: number
  readonly vectorBytes: number
  readonly block: number
  private readonly locals: Type[]
  private statements: Statement[] = []
  private readonly prologue: Statement[] = []
  private readonly hoisted = new Map<string, Value>()

  private readonly loaded: RarerFunctions | undefined

  constructor(name: string, parameters: readonly string[], target: Target, rarer?: RarerFunctions) {
    this.name = name
    this.loaded = rarer
    this.target = target
    this.lanes = target.lanes
    this.vectorBytes = target.vectorBytes
    this.block = target.block
    this.parameters = parameters
    this.locals = parameters.map(() => 'i32')
  }

  /** There for kernels that need them. */
  get rarer(): RarerFunctions {
    if (!this.loaded) throw new InternalError('kernels', `${this.name} was begun without the rarer functions`)
    return this.loaded
  }

  parameter(name: string): Value {
    const local = this.parameters.indexOf(name)
    if (local < 0) throw new InternalError('kernels', `${this.name} has no parameter ${name}`)
    return { op: 'local', type: 'i32', local }
  }

  finish(): KernelCode {
    return {
      name: this.name,
      parameters: this.parameters,
      locals: this.locals,
      body: [...this.prologue, ...this.statements],
    }
  }

  // Constants and memory

  int(value: number): Value {
    return { op: 'const', type: 'i32', value: value | 0 }
  }
  float(value: number): Value {
    return { op: 'const', type: 'f32', value }
  }
  /** The same number in every lane. */
  vec(value: number): Value {
    return { op: 'const', type: 'vec', value }
  }
  ivec(value: number): Value {
    return { op: 'const', type: 'ivec', value: value | 0 }
  }
  dvec(value: number): Value {
    return { op: 'const', type: 'dvec', value }
  }
  global(name: string): Value {
    return { op: 'global', type: 'i32', global: name }
  }
  load(type: Type, address: Operand, offset = 0, kind: LoadKind = 'full'): Value {
    const place = this.lift(address)
    const summand = constantOf(place)
    return { op: 'load', type, kind, address: this.without(place, summand), offset: offset + summand }
  }
  /** One float, in every lane. */
  splatLoad(address: Operand, offset = 0): Value {
    return this.load('vec', address, offset, 'splat')
  }
  store(address: Operand, value: Value, offset = 0, lanes: number = this.lanes): void {
    const place = this.lift(address)
    const summand = constantOf(place)
    this.statements.push({ op: 'store', address: this.without(place, summand), offset: offset + summand, value, lanes })
  }

  /** An address less its constant summand, which becomes the instruction's offset. */
  private without(address: Value, summand: number): Value {
    if (address.op === 'const') return summand === address.value ? this.int(0) : address
    return address.op === 'add' && summand > 0 ? address.args[0]! : address
  }

  // Statements

  /** Evaluates once, now; the result can be used many times. */
  let(value: Operand): Value {
    if (typeof value === 'number') return this.int(value)
    return value.op === 'const' || value.op === 'local' ? value : this.assign(value)
  }
  /** The same value all over the kernel: evaluated at its beginning, once for each key. */
  once(key: string, value: () => Value): Value {
    let known = this.hoisted.get(key)
    if (!known) {
      const outer = this.statements
      this.statements = this.prologue
      known = this.let(value())
      this.statements = outer
      this.hoisted.set(key, known)
    }
    return known
  }
  variable(initial: Operand): Variable {
    const get = this.assign(this.lift(initial))
    return { get, set: next => this.statements.push({ op: 'set', local: get.local, value: this.lift(next) }) }
  }
  /** A new local that holds the value from now on. */
  private assign(value: Value): Value & { op: 'local' } {
    const local = this.locals.push(value.type) - 1
    this.statements.push({ op: 'set', local, value })
    return { op: 'local', type: value.type, local }
  }
  loop(start: Operand, end: Operand, step: Operand, body: (index: Value) => void): void {
    const from = this.lift(start)
    const to = this.lift(end)
    const by = this.lift(step)
    if (from.op === 'const' && to.op === 'const' && by.op === 'const') {
      const first = from.value >>> 0
      const last = to.value >>> 0
      if (first >= last) return
      // A single turn is no loop.
      if (first + by.value >= last) {
        body(from)
        return
      }
    }
    const local = this.locals.push('i32') - 1
    const inner = this.nested(() => body({ op: 'local', type: 'i32', local }))
    this.statements.push({ op: 'loop', local, start: from, end: to, step: by, body: inner })
  }
  /** Writes the body once per index: no loop at run time. */
  unroll(count: number, body: (index: number) => void): void {
    for (let index = 0; index < count; index++) body(index)
  }
  when(condition: Value, then: () => void, otherwise: () => void = () => {}): void {
    if (condition.op === 'const') {
      ;(condition.value ? then : otherwise)()
      return
    }
    this.statements.push({ op: 'if', condition, body: this.nested(then), otherwise: this.nested(otherwise) })
  }
  setGlobal(name: string, value: Operand): void {
    this.statements.push({ op: 'setGlobal', global: name, value: this.lift(value) })
  }
  call(name: string, args: readonly Operand[]): void {
    this.statements.push({ op: 'call', name, args: args.map(arg => this.lift(arg)) })
  }
  private nested(write: () => void): Statement[] {
    const outer = this.statements
    this.statements = []
    write()
    const inner = this.statements
    this.statements = outer
    return inner
  }

  // Arithmetic: the type follows the first operand that is a value; numbers become constants of that type. Nearly all of the code a
  // program is built of passes through here once, before the engine has warmed up: so few calls within calls.

  add(a: Operand, b: Operand): Value {
    const left = typeof a === 'number' ? this.first(a, b) : a
    const right = typeof b === 'number' ? this.constant(left.type, b) : b
    if (left.type === 'i32') return this.sum(left, right)
    return { op: 'add', type: left.type, args: [left, right] }
  }
  mul(a: Operand, b: Operand): Value {
    const left = typeof a === 'number' ? this.first(a, b) : a
    const right = typeof b === 'number' ? this.constant(left.type, b) : b
    if (left.type === 'i32') {
      if (right.op === 'const') return this.multiple(left, right.value)
      if (left.op === 'const') return this.multiple(right, left.value)
    }
    return { op: 'mul', type: left.type, args: [left, right] }
  }
  /** a + b, evaluated once. */
  plus(a: Operand, b: Operand): Value {
    return this.let(this.add(a, b))
  }
  /** a · b, evaluated once. */
  times(a: Operand, b: Operand): Value {
    return this.let(this.mul(a, b))
  }
  /** sums[j] += vectors[j] · factor */
  addProducts(sums: readonly Variable[], vectors: readonly Value[], factor: Value): void {
    for (const [index, sum] of sums.entries()) sum.set(this.muladd(vectors[index]!, factor, sum.get))
  }
  /** (x + 3) + 4 is x + 7, and (x + 3) + y is (x + y) + 3: constants end up outermost, where `constantOf` finds them. */
  private sum(a: Value, b: Value): Value {
    const c = summandOf(a)
    const d = summandOf(b)
    const x = a.op === 'const' ? undefined : c === undefined ? a : (a as Operation).args[0]!
    const y = b.op === 'const' ? undefined : d === undefined ? b : (b as Operation).args[0]!
    const constant = ((c ?? 0) + (d ?? 0)) | 0
    const rest: Value | undefined = x && y ? { op: 'add', type: 'i32', args: [x, y] } : (x ?? y)
    if (!rest) return this.int(constant)
    return constant === 0 ? rest : { op: 'add', type: 'i32', args: [rest, this.int(constant)] }
  }
  /** (x + 3) · 4 is x · 4 + 12. */
  private multiple(a: Value, factor: number): Value {
    if (a.op === 'const') return this.int(Math.imul(a.value, factor))
    if (factor === 1) return a
    if (factor === 0) return this.int(0)
    const summand = summandOf(a)
    const x = summand === undefined ? a : (a as Operation).args[0]!
    const product: Value = { op: 'mul', type: 'i32', args: [x, this.int(factor)] }
    return summand === undefined ? product : this.sum(product, this.int(Math.imul(summand, factor)))
  }
  sub(a: Operand, b: Operand): Value {
    const left = typeof a === 'number' ? this.first(a, b) : a
    const right = typeof b === 'number' ? this.constant(left.type, b) : b
    if (left.type === 'i32' && right.op === 'const') return this.add(left, -right.value)
    return { op: 'sub', type: left.type, args: [left, right] }
  }
  div(a: Operand, b: Operand): Value {
    return this.binary('div', a, b)
  }
  rem(a: Operand, b: Operand): Value {
    return this.binary('rem', a, b)
  }
  and(a: Operand, b: Operand): Value {
    return this.binary('and', a, b)
  }
  or(a: Operand, b: Operand): Value {
    return this.binary('or', a, b)
  }
  xor(a: Operand, b: Operand): Value {
    return this.binary('xor', a, b)
  }
  andnot(a: Operand, b: Operand): Value {
    return this.binary('andnot', a, b)
  }
  /** Smaller and larger of two floats; NaN when one of them is. */
  fmin(a: Operand, b: Operand): Value {
    return this.extreme('min', a, b)
  }
  fmax(a: Operand, b: Operand): Value {
    return this.extreme('max', a, b)
  }
  /** b < a ? b : a. */
  pmin(a: Operand, b: Operand): Value {
    return this.binary('pmin', a, b)
  }
  /** a < b ? b : a. */
  pmax(a: Operand, b: Operand): Value {
    return this.binary('pmax', a, b)
  }
  shift(op: 'shl' | 'shr' | 'shru', a: Value, bits: number): Value {
    return { op, type: a.type, args: [a, this.int(bits)] }
  }
  /** a · b + c. */
  muladd(a: Value, b: Operand, c: Operand): Value {
    return { op: 'muladd', type: a.type, args: [a, this.like(a, b), this.like(a, c)] }
  }
  unary(op: 'neg' | 'abs' | 'sqrt' | 'floor' | 'nearest', a: Value): Value {
    return { op, type: a.type, args: [a] }
  }

  /** Scalars give an i32 condition, vectors a mask of the same type. */
  compare(op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', a: Operand, b: Operand): Value {
    const left = this.first(a, b)
    return { op, type: left.type === 'f32' ? 'i32' : left.type, args: [left, this.like(left, b)] }
  }
  select(condition: Value, a: Operand, b: Operand): Value {
    const left = this.first(a, b)
    return { op: 'select', type: left.type, args: [left, this.like(left, b), condition] }
  }
  /** Smaller of two integers. */
  imin(a: Operand, b: Operand): Value {
    return this.extremeInteger('lt', a, b)
  }
  imax(a: Operand, b: Operand): Value {
    return this.extremeInteger('gt', a, b)
  }
  private extremeInteger(op: 'lt' | 'gt', a: Operand, b: Operand): Value {
    const left = this.first(a, b)
    const right = this.like(left, b)
    if (left.op === 'const' && right.op === 'const')
      return this.int((op === 'lt' ? Math.min : Math.max)(left.value, right.value))
    const x = this.let(left)
    const y = this.let(right)
    return this.select(this.compare(op, x, y), x, y)
  }

  splat(scalar: Value): Value {
    return { op: 'splat', type: scalar.type === 'i32' ? 'ivec' : 'vec', args: [scalar] }
  }
  lane(vector: Value, index: number): Value {
    return { op: 'lane', type: vector.type === 'ivec' ? 'i32' : 'f32', args: [vector], immediate: index }
  }
  shuffle(a: Value, b: Value, lanes: readonly number[]): Value {
    return { op: 'shuffle', type: a.type, args: [a, b], immediates: lanes }
  }
  /** `to`: the same number, `as`: the same bits. */
  floatOf(op: 'toFloat' | 'asFloat', a: Value): Value {
    return { op, type: a.type === 'i32' ? 'f32' : 'vec', args: [a] }
  }
  intOf(op: 'toInt' | 'asInt', a: Value): Value {
    return { op, type: a.type === 'f32' ? 'i32' : 'ivec', args: [a] }
  }
  asDouble(a: Value): Value {
    return { op: 'asDouble', type: 'dvec', args: [a] }
  }
  widen(a: Value): Value {
    return { op: 'widen', type: 'dvec', args: [a] }
  }
  narrow(a: Value): Value {
    return { op: 'narrow', type: 'vec', args: [a] }
  }

  /** The engine's own min and max of vectors take up to eight instructions; pmin and pmax take one, but pass NaN on of `a` only. */
  private extreme(op: 'min' | 'max', a: Operand, b: Operand): Value {
    const left = this.first(a, b)
    const right = this.like(left, b)
    if (left.type === 'f32') return { op, type: 'f32', args: [left, right] }
    const [x, y] = left.op === 'const' ? [right, left] : [left, right]
    const second = this.let(y)
    const picked = this.binary(`p${op}`, x, second)
    if (second.op === 'const' && !Number.isNaN(second.value)) return picked
    return this.or(picked, this.compare('ne', second, second))
  }
  private binary(op: Operator, a: Operand, b: Operand): Value {
    const left = this.first(a, b)
    const right = this.like(left, b)
    if (left.type === 'i32' && right.op === 'const' && (op === 'div' || op === 'rem')) {
      if (left.op === 'const')
        return this.int(op === 'div' ? Math.trunc(left.value / right.value) : left.value % right.value)
      if (right.value === 1) return op === 'div' ? left : this.int(0)
    }
    return { op, type: left.type, args: [left, right] }
  }
  /** The first of two operands; a number is of the other's type. */
  private first(a: Operand, b: Operand): Value {
    if (typeof a !== 'number') return a
    return typeof b === 'number' ? this.int(a) : this.constant(b.type, a)
  }
  private like(model: Value, operand: Operand): Value {
    return typeof operand === 'number' ? this.constant(model.type, operand) : operand
  }
  private constant(type: Type, value: number): Value {
    return { op: 'const', type, value: type === 'i32' || type === 'ivec' ? value | 0 : value }
  }
  private lift(operand: Operand): Value {
    return typeof operand === 'number' ? this.int(operand) : operand
  }
}

type Operation = Extract<Value, { args: unknown }>

/** The constant summand of an integer, if it has one. */
function summandOf(value: Value): number | undefined {
  if (value.op === 'const') return value.value
  if (value.op !== 'add') return undefined
  const last = value.args[1]!
  return last.op === 'const' ? last.value : undefined
}

/** The constant summand of an address, where an instruction's offset can take it: not negative. */
function constantOf(address: Value): number {
  return Math.max(0, summandOf(address) ?? 0)
}
