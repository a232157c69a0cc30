/**
 * A kernel as JavaScript. In: its statements. Out: the text of a function of a machine that gives the kernel's function. Scalars are numbers,
 * vectors are registers of the machine, one for each local, and others for what lies between: an operator on vectors is a call
 * `add(out, a, b)`. An entry becomes a generator, which yields where its thread waits for the others.
 */
import type { KernelCode, Operator, Statement, Type, Value } from '../../kernels/ir.ts'
import { isVector } from './machine.ts'

/** One row per kind of statement or value. */
type Rows<T extends { op: string }, R> = { readonly [Op in T['op']]: (w: Writer, each: Extract<T, { op: Op }>) => R }
type Operation = Extract<Value, { args: unknown }>

/** Function text of `(machine) => kernel`. */
export function sourceOf(code: KernelCode, isEntry: boolean): string {
  const writer = new Writer()
  const names = code.locals.map((_, local) => `x${local}`)
  const scalars = names.filter((_, local) => local >= code.parameters.length && !isVector(code.locals[local]!))
  writeAll(writer, code.body)
  const body = [...(scalars.length > 0 ? [`let ${scalars.join(', ')}`] : []), ...writer.lines]
  const registers = names
    .filter((_, local) => isVector(code.locals[local]!))
    .map(name => `const ${name} = m.register()`)
  const parameters = names.slice(0, code.parameters.length).join(', ')
  const kernel = `return function${isEntry ? '*' : ''} (${parameters}) {\n${body.join('\n')}\n}`
  return [...writer.declarations, ...registers, kernel].join('\n')
}

class Writer {
  readonly lines: string[] = []
  readonly constants = new Map<string, string>()
  private readonly instructions = new Map<string, string>()
  /** Registers taken by the statement being written. */
  private taken = 0
  private most = 0

  get declarations(): string[] {
    const names = [...this.instructions].map(([key, name]) => `const ${name} = m.instructions[${JSON.stringify(key)}]`)
    const between = Array.from({ length: this.most }, (_, index) => `const t${index} = m.register()`)
    const constants = [...this.constants].map(([text, name]) => `const ${name} = ${text}`)
    const machine = 'const { f, i, u, globals, functions, load, store, nearest, truncated } = m'
    return [machine, ...names, ...between, ...constants]
  }

  begin(): void {
    this.taken = 0
  }
  register(): string {
    this.most = Math.max(this.most, this.taken + 1)
    return `t${this.taken++}`
  }
  declare(text: string): string {
    const name = this.constants.get(text) ?? `c${this.constants.size}`
    this.constants.set(text, name)
    return name
  }
  instruction(key: string): string {
    const name = this.instructions.get(key) ?? `o${this.instructions.size}`
    this.instructions.set(key, name)
    return name
  }
}

function writeAll(w: Writer, statements: readonly Statement[]): void {
  for (const statement of statements) {
    w.begin()
    statementRows[statement.op](w, statement as never)
  }
}

const statementRows: Rows<Statement, void> = {
  set(w, { local, value }) {
    const name = `x${local}`
    const text = textOf(w, value, name)
    if (!isVector(value.type)) w.lines.push(`${name} = ${text}`)
    else if (text !== name) w.lines.push(`${w.instruction('move')}(${name}, ${text})`)
  },
  store(w, { address, offset, value, lanes }) {
    const [at, what] = [placeOf(w, address, offset), textOf(w, value)]
    if (isVector(value.type)) w.lines.push(`store(${what}, ${at}, ${lanes})`)
    else w.lines.push(`${value.type === 'i32' ? 'i' : 'f'}[(${at}) / 4] = ${what}`)
  },
  loop(w, { local, start, end, step, body }) {
    const name = `x${local}`
    w.lines.push(`${name} = ${textOf(w, start)}`, 'for (;;) {')
    w.lines.push(`if (!(${name} >>> 0 < ${textOf(w, end)} >>> 0)) break`)
    writeAll(w, body)
    w.begin()
    w.lines.push(`${name} = ${name} + ${textOf(w, step)} | 0`, '}')
  },
  if(w, { condition, body, otherwise }) {
    w.lines.push(`if (${textOf(w, condition)}) {`)
    writeAll(w, body)
    w.lines.push('} else {')
    writeAll(w, otherwise)
    w.lines.push('}')
  },
  setGlobal(w, { global, value }) {
    w.lines.push(`globals.${global} = ${textOf(w, value)}`)
  },
  call(w, { name, args }) {
    const given = args.map(arg => textOf(w, arg)).join(', ')
    w.lines.push(name === 'barrier' ? 'yield' : `functions.get(${JSON.stringify(name)})(${given})`)
  },
}

/** A byte address beyond every sign. */
function placeOf(w: Writer, address: Value, offset: number): string {
  return `(${textOf(w, address)} >>> 0) + ${offset}`
}

/** An expression: a number, or the name of a register. `into`: one that an operator may write to at once. */
function textOf(w: Writer, value: Value, into?: string): string {
  const row = valueRows[value.op as keyof typeof valueRows] ?? operation
  return row(w, value as never, into)
}

const valueRows: {
  readonly [Op in Exclude<Value, Operation>['op'] | 'lane' | 'asFloat' | 'asInt' | 'asDouble']: (
    w: Writer,
    value: Op extends Operator ? Operation : Extract<Value, { op: Op }>,
    into?: string,
  ) => string
} = {
  const: (w, { type, value }) =>
    isVector(type)
      ? w.declare(`m.constant('${type}', ${literal(value)})`)
      : type === 'f32'
        ? literal(Math.fround(value))
        : `(${value | 0})`,
  local: (_, { local }) => `x${local}`,
  global: (_, { global }) => `globals.${global}`,
  load(w, { type, kind, address, offset }, into) {
    const at = placeOf(w, address, offset)
    if (!isVector(type)) return kind === 'bytes' ? `u[${at}]` : `${type === 'i32' ? 'i' : 'f'}[(${at}) / 4]`
    const out = into ?? w.register()
    w.lines.push(`load.${kind}(${out}, ${at})`)
    return out
  },
  lane: (w, { args, immediate, type }) => `${textOf(w, args[0]!)}.${type === 'i32' ? 'i' : 'f'}[${immediate}]`,
  asFloat: (w, value) => sameBits(w, value),
  asInt: (w, value) => sameBits(w, value),
  asDouble: (w, value) => sameBits(w, value),
}

/** Of a vector the register itself; of a scalar by way of one. */
function sameBits(w: Writer, { type, args }: Operation): string {
  const text = textOf(w, args[0]!)
  if (isVector(type)) return text
  const through = w.register()
  const [from, to] = type === 'i32' ? ['f', 'i'] : ['i', 'f']
  w.lines.push(`${through}.${from}[0] = ${text}`)
  return `${through}.${to}[0]`
}

/** Between lanes: a result must not overwrite an operand on the way. */
const across: ReadonlySet<Operator> = new Set(['shuffle', 'widen', 'narrow'])

function operation(w: Writer, { op, type, args, immediates }: Operation, into?: string): string {
  const operands = args.map(arg => textOf(w, arg))
  const from = args[0]!.type
  if (!isVector(type)) return scalarRows[from === 'i32' ? 'i32' : 'f32'][op]!(...(operands as [string, string, string]))
  if (immediates) operands.push(w.declare(JSON.stringify(immediates)))
  const out = into === undefined || across.has(op) ? w.register() : into
  w.lines.push(`${w.instruction(op === 'shuffle' ? op : `${from} ${op}`)}(${[out, ...operands].join(', ')})`)
  return out
}

const literal = (value: number): string => (Object.is(value, -0) ? '(-0)' : `(${value})`)

type Scalar = (a: string, b: string, c: string) => string
const comparisons: Readonly<Record<string, Scalar>> = {
  eq: (a, b) => `(${a} === ${b} ? 1 : 0)`,
  ne: (a, b) => `(${a} !== ${b} ? 1 : 0)`,
  lt: (a, b) => `(${a} < ${b} ? 1 : 0)`,
  le: (a, b) => `(${a} <= ${b} ? 1 : 0)`,
  gt: (a, b) => `(${a} > ${b} ? 1 : 0)`,
  ge: (a, b) => `(${a} >= ${b} ? 1 : 0)`,
  select: (a, b, c) => `(${c} ? ${a} : ${b})`,
}

const scalarRows: { readonly [T in Exclude<Type, 'vec' | 'ivec' | 'dvec'>]: { readonly [Op in Operator]?: Scalar } } = {
  i32: {
    ...comparisons,
    add: (a, b) => `(${a} + ${b} | 0)`,
    sub: (a, b) => `(${a} - ${b} | 0)`,
    mul: (a, b) => `Math.imul(${a}, ${b})`,
    div: (a, b) => `(${a} / ${b} | 0)`,
    rem: (a, b) => `(${a} % ${b} | 0)`,
    and: (a, b) => `(${a} & ${b})`,
    or: (a, b) => `(${a} | ${b})`,
    xor: (a, b) => `(${a} ^ ${b})`,
    shl: (a, b) => `(${a} << ${b})`,
    shr: (a, b) => `(${a} >> ${b})`,
    shru: (a, b) => `(${a} >>> ${b} | 0)`,
    eqz: a => `(${a} === 0 ? 1 : 0)`,
    toFloat: a => `Math.fround(${a})`,
  },
  f32: {
    ...comparisons,
    add: (a, b) => `Math.fround(${a} + ${b})`,
    sub: (a, b) => `Math.fround(${a} - ${b})`,
    mul: (a, b) => `Math.fround(${a} * ${b})`,
    div: (a, b) => `Math.fround(${a} / ${b})`,
    min: (a, b) => `Math.min(${a}, ${b})`,
    max: (a, b) => `Math.max(${a}, ${b})`,
    abs: a => `Math.abs(${a})`,
    neg: a => `(-${a})`,
    floor: a => `Math.floor(${a})`,
    nearest: a => `nearest(${a})`,
    toInt: a => `truncated(${a})`,
    sqrt: a => `Math.fround(Math.sqrt(${a}))`,
    muladd: (a, b, c) => `Math.fround(${c} + Math.fround(${a} * ${b}))`,
  },
}
