/**
 * A machine for one thread of the interpreter: memory, registers, and a function for every instruction on vectors. In: the number of lanes
 * and a memory. A register is one row of bytes seen as floats, integers and doubles, so that masks and moved numbers keep their bits; storing
 * into it rounds to float32, which is all that IEEE arithmetic asks for (one operation in doubles, rounded once more, is exact).
 */
import { InternalError } from '../../base/errors.ts'
import type { LoadKind, Type } from '../../kernels/ir.ts'
import {
  type Instruction,
  instructions,
  type Register,
  roundHalfEven,
  truncated,
  type VectorType,
} from './instructions.ts'

/** A kernel, or an entry, which waits for the other threads where it yields. */
export type Code = (...args: number[]) => Generator<void> | undefined

export interface Machine {
  readonly lanes: number
  /** The memory, as what scalars are read and written through. */
  readonly f: Float32Array
  readonly i: Int32Array
  readonly u: Uint8Array
  readonly globals: Record<string, number>
  /** What code can call: kernels by their names. */
  readonly functions: Map<string, Code>
  /** By the first operand's type and the operator: `vec add`. */
  readonly instructions: Readonly<Record<string, Instruction>>
  readonly nearest: (x: number) => number
  readonly truncated: (x: number) => number
  register(): Register
  constant(type: VectorType, value: number): Register
  readonly load: { readonly [K in LoadKind]: (out: Register, address: number) => void }
  store(from: Register, address: number, lanes: number): void
}

export function machine(lanes: number, memory: ArrayBuffer): Machine {
  const [f, i, u] = [new Float32Array(memory), new Int32Array(memory), new Uint8Array(memory)]
  const register = (): Register => {
    const bytes = new ArrayBuffer(4 * lanes)
    return { f: new Float32Array(bytes), i: new Int32Array(bytes), d: new Float64Array(bytes) }
  }
  const within = (address: number, bytes: number): void => {
    if (address + bytes <= memory.byteLength) return
    throw new InternalError('interpreter', `${bytes} bytes at ${address} of ${memory.byteLength}`)
  }
  /** Number of the first of `count` words. */
  const word = (address: number, count: number): number => {
    within(address, 4 * count)
    if (address % 4 !== 0) throw new InternalError('interpreter', `a number at ${address}, no multiple of 4`)
    return address / 4
  }
  const load: Machine['load'] = {
    full(out, address) {
      const at = word(address, lanes)
      for (let lane = 0; lane < lanes; lane++) out.i[lane] = i[at + lane]!
    },
    splat: (out, address) => void out.i.fill(i[word(address, 1)]!),
    bytes(out, address) {
      within(address, lanes)
      for (let lane = 0; lane < lanes; lane++) out.i[lane] = u[address + lane]!
    },
  }
  return {
    lanes,
    f,
    i,
    u,
    globals: {},
    functions: new Map(),
    instructions: instructionsFor(lanes),
    nearest: roundHalfEven,
    truncated,
    register,
    constant(type, value) {
      const filled = register()
      const views = { vec: filled.f, ivec: filled.i, dvec: filled.d } satisfies { readonly [T in VectorType]: unknown }
      views[type].fill(value)
      return filled
    },
    load,
    store(from, address, count) {
      const at = word(address, count)
      for (let lane = 0; lane < count; lane++) i[at + lane] = from.i[lane]!
    },
  }
}

const known = new Map<number, Machine['instructions']>()

/** Written once for each number of lanes: machines share the functions, which the engine then compiles once. */
function instructionsFor(lanes: number): Machine['instructions'] {
  const made = known.get(lanes) ?? instructions(lanes)
  known.set(lanes, made)
  return made
}

export function isVector(type: Type): type is VectorType {
  return type !== 'i32' && type !== 'f32'
}
