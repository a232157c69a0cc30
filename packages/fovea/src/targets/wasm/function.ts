/** Turns a finished kernel into a WebAssembly function: a walk over its statements and value trees. */
import { InternalError } from '../../base/errors.ts'
import type { KernelCode, Statement, Type, Value } from '../../kernels/ir.ts'
import { wasm128 } from '../../plan/target.ts'
import { Bytes, floatBits, valueType, type WasmFunction } from './encode.ts'
import { opcodes } from './opcodes.ts'

export interface EmitContext {
  /** Index of a function to call. */
  functionIndex(name: string): number
  globalIndex(name: string): number
  /** Contract multiply-add (relaxed SIMD); numerics 'fast'. */
  readonly contract: boolean
}

/** A function being written. */
interface Emitter {
  readonly code: Bytes
  readonly constants: Constants
  readonly context: EmitContext
}

/** Used again for every function: buffers that grow for each of them would keep the garbage collector busy. */
const [body, whole] = [new Bytes(), new Bytes()] as const

export function emitFunction(kernel: KernelCode, exported: boolean, context: EmitContext): WasmFunction {
  const constants = new Constants(kernel.locals.length)
  const emitter: Emitter = { code: body, constants, context }
  body.length = 0
  emitBlock(emitter, kernel.body)
  const locals = kernel.locals.slice(kernel.parameters.length).map(wasmType)
  for (let index = 0; index < constants.size; index++) locals.push(valueType.v128)
  constants.assign(whole)
  const code = whole.raw(body.view()).take()
  return { name: kernel.name, parameters: kernel.parameters.length, exported, locals, code }
}

function wasmType(type: Type): number {
  return type === 'i32' ? valueType.i32 : type === 'f32' ? valueType.f32 : valueType.v128
}

/**
 * Vectors with the same bits in all lanes, each written once: a constant in place is 18 bytes, a local 2 to 3. (The optimising
 * compiler makes the same of both.)
 */
class Constants {
  private readonly first: number
  private readonly locals = new Map<number, number>()

  constructor(first: number) {
    this.first = first
  }

  get size(): number {
    return this.locals.size
  }

  localOf(bits: number): number {
    const known = this.locals.get(bits)
    if (known !== undefined) return known
    const local = this.first + this.locals.size
    this.locals.set(bits, local)
    return local
  }

  /** Writes the assignments of all locals. */
  assign(code: Bytes): void {
    for (const [bits, local] of this.locals) {
      code.put(0xfd).put(12)
      for (let lane = 0; lane < wasm128.lanes; lane++) code.int32(bits)
      code.put(0x21).unsigned(local)
    }
  }
}

/**
 * One row per kind of statement and value. Tables, not one function that calls itself: that one the engine would compile several times
 * while it runs, each time with more of itself inlined, and longer than all of it takes.
 */
type Rows<T extends { op: string }> = {
  readonly [Op in T['op']]: (emitter: Emitter, each: Extract<T, { op: Op }>) => void
}

function emitBlock(emitter: Emitter, statements: readonly Statement[]): void {
  for (let index = 0; index < statements.length; index++) {
    const statement = statements[index]!
    statementRows[statement.op](emitter, statement as never)
  }
}

const statementRows: Rows<Statement> = {
  set(emitter, { local, value }) {
    emitValue(emitter, value)
    emitter.code.put(0x21).unsigned(local)
  },
  /** Whole values at once; the first 1 to 3 lanes of a vector as 8- and 4-byte pieces. */
  store(emitter, statement) {
    const { address, offset, value, lanes } = statement
    if (value.type === 'i32' || value.type === 'f32') {
      emitValue(emitter, address)
      emitValue(emitter, value)
      emitter.code
        .put(value.type === 'i32' ? 0x36 : 0x38)
        .put(2)
        .unsigned(offset)
      return
    }
    if (lanes === 4) emitPiece(emitter, statement, 11, offset)
    if (lanes === 2 || lanes === 3) emitPiece(emitter, statement, 91, offset).put(0)
    if (lanes === 3) emitPiece(emitter, statement, 90, offset + 8).put(2)
    if (lanes === 1) emitPiece(emitter, statement, 90, offset).put(0)
  },
  loop(emitter, { local, start, end, step, body }) {
    // local = start; if (local < end) do { body; local += step } while (local < end)
    const { code } = emitter
    emitValue(emitter, start)
    code.put(0x22).unsigned(local)
    emitValue(emitter, end)
    code.byte(0x49, 0x04, 0x40, 0x03, 0x40)
    emitBlock(emitter, body)
    code.put(0x20).unsigned(local)
    emitValue(emitter, step)
    code.byte(0x6a, 0x22).unsigned(local)
    emitValue(emitter, end)
    code.byte(0x49, 0x0d, 0x00, 0x0b, 0x0b)
  },
  if(emitter, { condition, body, otherwise }) {
    const { code } = emitter
    emitValue(emitter, condition)
    code.byte(0x04, 0x40)
    emitBlock(emitter, body)
    if (otherwise.length > 0) {
      code.put(0x05)
      emitBlock(emitter, otherwise)
    }
    code.put(0x0b)
  },
  setGlobal(emitter, { global, value }) {
    emitValue(emitter, value)
    emitter.code.put(0x24).unsigned(emitter.context.globalIndex(global))
  },
  call(emitter, { name, args }) {
    for (const arg of args) emitValue(emitter, arg)
    emitter.code.put(0x10).unsigned(emitter.context.functionIndex(name))
  },
}

function emitPiece(
  emitter: Emitter,
  { address, value }: Extract<Statement, { op: 'store' }>,
  opcode: number,
  offset: number,
): Bytes {
  emitValue(emitter, address)
  emitValue(emitter, value)
  return emitter.code.put(0xfd).put(opcode).put(2).unsigned(offset)
}

function emitValue(emitter: Emitter, value: Value): void {
  const row = valueRows[value.op as keyof typeof valueRows] ?? emitOperator
  row(emitter, value as never)
}

type Operation = Extract<Value, { args: unknown }>

const valueRows: Rows<Exclude<Value, Operation>> & {
  readonly [Op in 'muladd' | 'lane' | 'shuffle']: (emitter: Emitter, value: Operation) => void
} = {
  local({ code }, { local }) {
    code.put(0x20).unsigned(local)
  },
  const(emitter, { type, value }) {
    constantRows[type](emitter, value)
  },
  load(emitter, { type, kind, address, offset }) {
    emitValue(emitter, address)
    const { code } = emitter
    if (type === 'i32') code.byte(kind === 'bytes' ? 0x2d : 0x28, kind === 'bytes' ? 0 : 2).unsigned(offset)
    else if (type === 'f32') code.put(0x2a).put(2).unsigned(offset)
    else if (kind === 'bytes') code.byte(0xfd, 92, 0).unsigned(offset).byte(0xfd, 0x89, 0x01, 0xfd, 0xa9, 0x01)
    else
      code
        .put(0xfd)
        .put(kind === 'splat' ? 9 : 0)
        .put(2)
        .unsigned(offset)
  },
  global({ code, context }, { global }) {
    code.put(0x23).unsigned(context.globalIndex(global))
  },
  muladd(emitter, { type, args }) {
    if (emitter.context.contract && type === 'vec') {
      for (const operand of args) emitValue(emitter, operand)
      emitter.code.put(0xfd).unsigned(0x105)
      return
    }
    // Strict: c + a · b (the sum's operands in this order for every target).
    emitValue(emitter, args[2]!)
    emitValue(emitter, args[0]!)
    emitValue(emitter, args[1]!)
    emitter.code.bytes(opcodes[type].mul!).bytes(opcodes[type].add!)
  },
  lane(emitter, { args, immediate }) {
    emitValue(emitter, args[0]!)
    emitter.code.byte(0xfd, args[0]!.type === 'ivec' ? 27 : 31, immediate!)
  },
  shuffle(emitter, { args, immediates }) {
    for (const operand of args) emitValue(emitter, operand)
    emitter.code.byte(0xfd, 13)
    for (const lane of immediates!) for (let byte = 0; byte < 4; byte++) emitter.code.put(lane * 4 + byte)
  },
}

const constantRows: Readonly<Record<Type, (emitter: Emitter, value: number) => void>> = {
  i32({ code }, value) {
    code.put(0x41).signed(value)
  },
  f32({ code }, value) {
    code.put(0x43).int32(floatBits(value))
  },
  vec({ code, constants }, value) {
    code.put(0x20).unsigned(constants.localOf(floatBits(value)))
  },
  ivec({ code, constants }, value) {
    code.put(0x20).unsigned(constants.localOf(value | 0))
  },
  dvec({ code }, value) {
    code.byte(0xfd, 12).float64(value).float64(value)
  },
}

/** Operators without a row of their own: the operands, then an instruction. */
function emitOperator(emitter: Emitter, { op, args }: Operation): void {
  for (let index = 0; index < args.length; index++) emitValue(emitter, args[index]!)
  const { type } = args[0]!
  const opcode = opcodes[type][op]
  if (!opcode) throw new InternalError('kernels', `no WebAssembly instruction for ${type} ${op}`)
  emitter.code.bytes(opcode)
}
