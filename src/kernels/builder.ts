/** Writes kernels: methods give values (pure trees, constants folded); `let`, `store`, `loop` and `when` append statements. */
import { InternalError } from '../base/errors.ts'
import { type KernelCode, LANES, type LoadKind, type Operator, type Statement, type Type, type Value } from './ir.ts'

export type Operand = Value | number

export interface Variable {
  readonly get: Value
  set(value: Operand): void
}

export class KernelBuilder {
  readonly name: string
  readonly parameters: readonly string[]
  private readonly locals: Type[]
  private statements: Statement[] = []
  private readonly prologue: Statement[] = []
  private readonly hoisted = new Map<string, Value>()

  constructor(name: string, parameters: readonly string[]) {
    this.name = name
    this.parameters = parameters
    this.locals = parameters.map(() => 'i32')
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
  store(address: Operand, value: Value, offset = 0, lanes: number = LANES): void {
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
    const lifted = this.lift(value)
    return lifted.op === 'const' || lifted.op === 'local' ? lifted : this.variable(lifted).get
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
    const value = this.lift(initial)
    const local = this.locals.push(value.type) - 1
    const set = (next: Operand): void => {
      this.statements.push({ op: 'set', local, value: this.lift(next) })
    }
    set(value)
    return { get: { op: 'local', type: value.type, local }, set }
  }
  loop(start: Operand, end: Operand, step: Operand, body: (index: Value) => void): void {
    const [from, to, by] = [this.lift(start), this.lift(end), this.lift(step)]
    if (from.op === 'const' && to.op === 'const' && by.op === 'const') {
      const [first, last] = [from.value >>> 0, to.value >>> 0]
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

  // Arithmetic: the type follows the first operand that is a value; numbers become constants of that type.

  add = (a: Operand, b: Operand): Value => {
    const left = this.first(a, b)
    const right = this.like(left, b)
    if (left.type === 'i32') {
      if (left.op === 'const' && right.op !== 'const') return this.add(right, left)
      if (right.op === 'const' && right.value === 0) return left
      // (x + 3) + 4 is x + 7, and (x + 3) + y is (x + y) + 3: constants end up outermost, where `constantOf` finds them.
      if (left.op === 'add' && left.args[1]!.op === 'const')
        return this.add(
          this.add(left.args[0]!, right.op === 'const' ? 0 : right),
          left.args[1]!.value + (right.op === 'const' ? right.value : 0),
        )
      if (right.op === 'add' && right.args[1]!.op === 'const')
        return this.add(this.add(left, right.args[0]!), right.args[1]!)
      if (left.op === 'const' && right.op === 'const') return this.int(left.value + right.value)
    }
    return this.make('add', left.type, [left, right])
  }
  mul = (a: Operand, b: Operand): Value => {
    const left = this.first(a, b)
    const right = this.like(left, b)
    if (left.type === 'i32') {
      if (left.op === 'const' && right.op === 'const') return this.int(Math.imul(left.value, right.value))
      if (left.op === 'const') return this.mul(right, left)
      if (right.op === 'const' && right.value === 1) return left
      if (right.op === 'const' && right.value === 0) return right
      if (right.op === 'const' && left.op === 'add' && left.args[1]!.op === 'const') {
        return this.add(this.mul(left.args[0]!, right), Math.imul(left.args[1]!.value, right.value))
      }
    }
    return this.make('mul', left.type, [left, right])
  }
  sub = (a: Operand, b: Operand): Value => {
    const left = this.first(a, b)
    const right = this.like(left, b)
    if (left.type === 'i32' && right.op === 'const') return this.add(left, -right.value)
    return this.make('sub', left.type, [left, right])
  }
  div = (a: Operand, b: Operand): Value => this.binary('div', a, b)
  rem = (a: Operand, b: Operand): Value => this.binary('rem', a, b)
  and = (a: Operand, b: Operand): Value => this.binary('and', a, b)
  or = (a: Operand, b: Operand): Value => this.binary('or', a, b)
  xor = (a: Operand, b: Operand): Value => this.binary('xor', a, b)
  andnot = (a: Operand, b: Operand): Value => this.binary('andnot', a, b)
  /** Smaller and larger of two floats; NaN when one of them is. */
  fmin = (a: Operand, b: Operand): Value => this.extreme('min', a, b)
  fmax = (a: Operand, b: Operand): Value => this.extreme('max', a, b)
  /** b < a ? b : a. */
  pmin = (a: Operand, b: Operand): Value => this.binary('pmin', a, b)
  /** a < b ? b : a. */
  pmax = (a: Operand, b: Operand): Value => this.binary('pmax', a, b)
  shl = (a: Value, bits: number): Value => this.make('shl', a.type, [a, this.int(bits)])
  shr = (a: Value, bits: number): Value => this.make('shr', a.type, [a, this.int(bits)])
  shru = (a: Value, bits: number): Value => this.make('shru', a.type, [a, this.int(bits)])
  /** a · b + c. */
  muladd = (a: Value, b: Operand, c: Operand): Value =>
    this.make('muladd', a.type, [a, this.like(a, b), this.like(a, c)])
  unary = (op: 'neg' | 'abs' | 'sqrt' | 'floor' | 'nearest', a: Value): Value => this.make(op, a.type, [a])

  /** Scalars give an i32 condition, vectors a mask of the same type. */
  compare(op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', a: Operand, b: Operand): Value {
    const left = this.first(a, b)
    const right = this.like(left, b)
    return { op, type: left.type === 'f32' ? 'i32' : left.type, args: [left, right] }
  }
  select(condition: Value, a: Operand, b: Operand): Value {
    const left = this.first(a, b)
    const right = this.like(left, b)
    return this.make('select', left.type, [left, right, condition])
  }
  /** Smaller of two integers. */
  imin = (a: Operand, b: Operand): Value => {
    const left = this.first(a, b)
    const right = this.like(left, b)
    if (left.op === 'const' && right.op === 'const') return this.int(Math.min(left.value, right.value))
    const [x, y] = [this.let(left), this.let(right)]
    return this.select(this.compare('lt', x, y), x, y)
  }
  imax = (a: Operand, b: Operand): Value => {
    const left = this.first(a, b)
    const right = this.like(left, b)
    if (left.op === 'const' && right.op === 'const') return this.int(Math.max(left.value, right.value))
    const [x, y] = [this.let(left), this.let(right)]
    return this.select(this.compare('gt', x, y), x, y)
  }

  splat(scalar: Value): Value {
    return this.make('splat', scalar.type === 'i32' ? 'ivec' : 'vec', [scalar])
  }
  lane(vector: Value, index: number): Value {
    return { op: 'lane', type: vector.type === 'ivec' ? 'i32' : 'f32', args: [vector], immediate: index }
  }
  shuffle(a: Value, b: Value, lanes: readonly number[]): Value {
    return { op: 'shuffle', type: a.type, args: [a, b], immediates: lanes }
  }
  toFloat(a: Value): Value {
    return this.make('toFloat', a.type === 'i32' ? 'f32' : 'vec', [a])
  }
  toInt(a: Value): Value {
    return this.make('toInt', a.type === 'f32' ? 'i32' : 'ivec', [a])
  }
  asFloat = (a: Value): Value => this.make('asFloat', a.type === 'i32' ? 'f32' : 'vec', [a])
  asInt = (a: Value): Value => this.make('asInt', a.type === 'f32' ? 'i32' : 'ivec', [a])
  asDouble = (a: Value): Value => this.make('asDouble', 'dvec', [a])
  widen = (a: Value): Value => this.make('widen', 'dvec', [a])
  narrow = (a: Value): Value => this.make('narrow', 'vec', [a])

  /** The engine's own min and max of vectors take up to eight instructions; pmin and pmax take one, but pass NaN on of `a` only. */
  private extreme(op: 'min' | 'max', a: Operand, b: Operand): Value {
    const left = this.first(a, b)
    const right = this.like(left, b)
    if (left.type === 'f32') return this.make(op, left.type, [left, right])
    const [x, y] = left.op === 'const' ? [right, left] : [left, right]
    const second = this.let(y)
    const picked = this.binary(`p${op}`, x, second)
    if (second.op === 'const' && !Number.isNaN(second.value)) return picked
    return this.or(picked, this.compare('ne', second, second))
  }
  private binary(op: Operator, a: Operand, b: Operand): Value {
    const left = this.first(a, b)
    const right = this.like(left, b)
    if (left.type === 'i32' && left.op === 'const' && right.op === 'const') {
      if (op === 'div') return this.int(Math.trunc(left.value / right.value))
      if (op === 'rem') return this.int(left.value % right.value)
    }
    if (op === 'div' && left.type === 'i32' && right.op === 'const' && right.value === 1) return left
    if (op === 'rem' && left.type === 'i32' && right.op === 'const' && right.value === 1) return this.int(0)
    return this.make(op, left.type, [left, right])
  }
  private make(op: Operator, type: Type, args: readonly Value[]): Value {
    return { op, type, args }
  }
  /** The first of two operands; a number is of the other's type. */
  private first(a: Operand, b: Operand): Value {
    return typeof b === 'number' ? this.lift(a) : this.like(b, a)
  }
  private like(model: Value, operand: Operand): Value {
    if (typeof operand !== 'number') return operand
    return {
      op: 'const',
      type: model.type,
      value: model.type === 'i32' || model.type === 'ivec' ? operand | 0 : operand,
    }
  }
  private lift(operand: Operand): Value {
    return typeof operand === 'number' ? this.int(operand) : operand
  }
}

/** The constant summand of an address, where an instruction's offset can take it: not negative. */
function constantOf(address: Value): number {
  const summand = address.op === 'add' ? address.args[1]! : address
  return summand.op === 'const' ? Math.max(0, summand.value) : 0
}
