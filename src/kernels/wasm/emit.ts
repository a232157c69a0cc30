/** Turns a finished kernel into a WebAssembly function: a walk over its statements and value trees. */
import { InternalError } from '../../base/errors.ts'
import { type KernelCode, LANES, type Statement, type Type, type Value } from '../ir.ts'
import { Bytes, valueType, type WasmFunction } from './encode.ts'
import { type Opcode, opcodes } from './opcodes.ts'

export interface EmitContext {
  /** Index of a function to call. */
  functionIndex(name: string): number
  globalIndex(name: string): number
  /** Contract multiply-add (relaxed SIMD); numerics 'fast'. */
  readonly contract: boolean
}

export function emitFunction(kernel: KernelCode, exported: boolean, context: EmitContext): WasmFunction {
  const code = new Bytes()
  for (const statement of kernel.body) emitStatement(code, statement, context)
  const locals = kernel.locals.slice(kernel.parameters.length).map(wasmType)
  return { name: kernel.name, parameters: kernel.parameters.length, exported, locals, code }
}

function wasmType(type: Type): number {
  return type === 'i32' ? valueType.i32 : type === 'f32' ? valueType.f32 : valueType.v128
}

function emitStatement(code: Bytes, statement: Statement, context: EmitContext): void {
  switch (statement.op) {
    case 'set':
      emitValue(code, statement.value, context)
      code.put(0x21).unsigned(statement.local)
      return
    case 'store':
      emitStore(code, statement, context)
      return
    case 'loop': {
      // local = start; if (local < end) do { body; local += step } while (local < end)
      const { local, start, end, step, body } = statement
      emitValue(code, start, context)
      code.put(0x22).unsigned(local)
      emitValue(code, end, context)
      code.byte(0x49, 0x04, 0x40, 0x03, 0x40)
      for (const inner of body) emitStatement(code, inner, context)
      code.put(0x20).unsigned(local)
      emitValue(code, step, context)
      code.byte(0x6a, 0x22).unsigned(local)
      emitValue(code, end, context)
      code.byte(0x49, 0x0d, 0x00, 0x0b, 0x0b)
      return
    }
    case 'if':
      emitValue(code, statement.condition, context)
      code.byte(0x04, 0x40)
      for (const inner of statement.body) emitStatement(code, inner, context)
      if (statement.otherwise.length > 0) {
        code.put(0x05)
        for (const inner of statement.otherwise) emitStatement(code, inner, context)
      }
      code.put(0x0b)
      return
    case 'setGlobal':
      emitValue(code, statement.value, context)
      code.put(0x24).unsigned(context.globalIndex(statement.global))
      return
    case 'call':
      for (const arg of statement.args) emitValue(code, arg, context)
      code.put(0x10).unsigned(context.functionIndex(statement.name))
  }
}

/** Whole values at once; the first 1 to 3 lanes of a vector as 8- and 4-byte pieces. */
function emitStore(
  code: Bytes,
  { address, offset, value, lanes }: Statement & { op: 'store' },
  context: EmitContext,
): void {
  if (value.type === 'i32' || value.type === 'f32') {
    emitValue(code, address, context)
    emitValue(code, value, context)
    code.byte(value.type === 'i32' ? 0x36 : 0x38, 2).unsigned(offset)
    return
  }
  const piece = (opcode: number, lane: number | undefined, shift: number): void => {
    emitValue(code, address, context)
    emitValue(code, value, context)
    code
      .put(0xfd)
      .put(opcode)
      .put(2)
      .unsigned(offset + shift)
    if (lane !== undefined) code.put(lane)
  }
  if (lanes === 4) piece(11, undefined, 0)
  if (lanes === 2 || lanes === 3) piece(91, 0, 0)
  if (lanes === 3) piece(90, 2, 8)
  if (lanes === 1) piece(90, 0, 0)
}

function emitValue(code: Bytes, value: Value, context: EmitContext): void {
  switch (value.op) {
    case 'const':
      emitConstant(code, value.type, value.value)
      return
    case 'local':
      code.put(0x20).unsigned(value.local)
      return
    case 'global':
      code.put(0x23).unsigned(context.globalIndex(value.global))
      return
    case 'load':
      emitLoad(code, value, context)
      return
    case 'muladd':
      emitMultiplyAdd(code, value.type, value.args, context)
      return
    default:
      emitOperator(code, value, context)
  }
}

function emitConstant(code: Bytes, type: Type, value: number): void {
  if (type === 'i32') code.put(0x41).signed(value)
  else if (type === 'f32') code.put(0x43).float32(value)
  else {
    code.put(0xfd).put(12)
    if (type === 'dvec') code.float64(value).float64(value)
    else for (let lane = 0; lane < LANES; lane++) type === 'vec' ? code.float32(value) : code.int32(value)
  }
}

function emitLoad(code: Bytes, { type, kind, address, offset }: Value & { op: 'load' }, context: EmitContext): void {
  emitValue(code, address, context)
  if (type === 'i32') code.byte(kind === 'bytes' ? 0x2d : 0x28, kind === 'bytes' ? 0 : 2).unsigned(offset)
  else if (type === 'f32') code.put(0x2a).put(2).unsigned(offset)
  else if (kind === 'splat') code.put(0xfd).put(9).put(2).unsigned(offset)
  else if (kind === 'bytes') code.byte(0xfd, 92, 0).unsigned(offset).byte(0xfd, 0x89, 0x01, 0xfd, 0xa9, 0x01)
  else code.put(0xfd).put(0).put(2).unsigned(offset)
}

function emitMultiplyAdd(code: Bytes, type: Type, args: readonly Value[], context: EmitContext): void {
  const [a, b, c] = args as [Value, Value, Value]
  const contracted = context.contract && type === 'vec'
  // Strict: c + a · b (the sum's operands in this order for every target).
  if (contracted) {
    emitValue(code, a, context)
    emitValue(code, b, context)
    emitValue(code, c, context)
    code.put(0xfd).unsigned(0x105)
    return
  }
  emitValue(code, c, context)
  emitValue(code, a, context)
  emitValue(code, b, context)
  put(code, opcodes[type].mul!)
  put(code, opcodes[type].add!)
}

function emitOperator(code: Bytes, value: Extract<Value, { args: unknown }>, context: EmitContext): void {
  const operand = value.args[0]!.type
  for (const arg of value.args) emitValue(code, arg, context)
  if (value.op === 'lane') {
    code.byte(0xfd, operand === 'ivec' ? 27 : 31, value.immediate!)
    return
  }
  if (value.op === 'shuffle') {
    code.byte(0xfd, 13)
    for (const lane of value.immediates!) code.byte(lane * 4, lane * 4 + 1, lane * 4 + 2, lane * 4 + 3)
    return
  }
  const opcode = opcodes[operand][value.op]
  if (!opcode) throw new InternalError('kernels', `no WebAssembly instruction for ${operand} ${value.op}`)
  put(code, opcode)
}

function put(code: Bytes, opcode: Opcode): void {
  for (let index = 0; index < opcode.length; index++) code.put(opcode[index]!)
}
