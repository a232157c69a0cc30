/** Every instruction that WebAssembly has for the kernels' language, on awkward numbers: the interpreter gives the same bits. */
import { describe, expect, it } from 'vitest'
import { KernelBuilder } from '../../kernels/builder.ts'
import type { Operator, Type, Value } from '../../kernels/ir.ts'
import { wasm128 } from '../../plan/target.ts'
import { opcodes } from '../wasm/opcodes.ts'
import { buildKernel } from '../wasm/run-kernel.testing.ts'
import { machine } from './machine.ts'
import { sourceOf } from './source.ts'

const { POSITIVE_INFINITY: infinity, NaN: nan } = Number
const halves = [0, -0, 0.5, -0.5, 1.5, 2.5, -2.5, 3, -1, 8388609, 4503599627370497]
const ends = [2 ** -149, -(2 ** -149), 3.4e38, -3.4e38, infinity, -infinity, nan, 2 ** 31, -(2 ** 31), 1e10, 0.1]
const numbers = [...halves, ...ends]
const wholes = [0, 1, -1, 2, 7, 31, 2 ** 31 - 1, -(2 ** 31), 123456789, -987654321, 0x7f800000, 16777217]

/** Words of an operand; where each lies. */
const COUNT = 24 * 24
const [A, B, C, RESULT] = [0, 1, 2, 3].map(part => part * 4 * COUNT) as [number, number, number, number]

const views: { readonly [T in Type]: (memory: ArrayBuffer, at: number) => Float32Array | Int32Array | Float64Array } = {
  i32: (memory, at) => new Int32Array(memory, at, COUNT),
  ivec: (memory, at) => new Int32Array(memory, at, COUNT),
  f32: (memory, at) => new Float32Array(memory, at, COUNT),
  vec: (memory, at) => new Float32Array(memory, at, COUNT),
  dvec: (memory, at) => new Float64Array(memory, at, COUNT / 2),
}

function fill(type: Type, memory: ArrayBuffer, at: number, value: (index: number) => number): void {
  const view = views[type](memory, at)
  for (let index = 0; index < view.length; index++) view[index] = value(index)
}

const shifts: ReadonlySet<Operator> = new Set(['shl', 'shr', 'shru'])
const compares: ReadonlySet<Operator> = new Set(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'eqz'])

/** The type of a result. */
function resultOf(type: Type, op: Operator): Type {
  const isScalar = type === 'i32' || type === 'f32'
  if (isScalar && compares.has(op)) return 'i32'
  const others: { readonly [Op in Operator]?: Type } = {
    splat: type === 'i32' ? 'ivec' : 'vec',
    toFloat: isScalar ? 'f32' : 'vec',
    asFloat: isScalar ? 'f32' : 'vec',
    toInt: isScalar ? 'i32' : 'ivec',
    asInt: isScalar ? 'i32' : 'ivec',
    asDouble: 'dvec',
    widen: 'dvec',
    narrow: 'vec',
  }
  return others[op] ?? type
}

function kernelOf(type: Type, op: Operator) {
  return (k: KernelBuilder): void => {
    const isScalar = type === 'i32' || type === 'f32'
    const result = resultOf(type, op)
    k.loop(0, COUNT * 4, isScalar ? 4 : 16, at => {
      const condition: Type = isScalar && op === 'select' ? 'i32' : type
      const operands: Value[] = [
        k.load(type, at, A),
        shifts.has(op) && !isScalar ? k.int(5) : k.load(type, at, B),
        k.load(condition, at, C),
      ]
      const count =
        op === 'select' || op === 'muladd'
          ? 3
          : /^(neg|abs|sqrt|floor|nearest|eqz|to|as|splat|widen|narrow)/.test(op)
            ? 1
            : 2
      const value: Value = { op, type: result, args: operands.slice(0, count) }
      k.store(k.add(at, RESULT), op === 'splat' ? k.lane(k.let(value), 3) : value)
    })
  }
}

function prepare(memory: ArrayBuffer, type: Type): void {
  const isWhole = type === 'i32' || type === 'ivec'
  const values = isWhole ? wholes : numbers
  fill(type, memory, A, index => values[index % values.length]!)
  // A scalar division must not trap.
  const second = type === 'i32' ? values.filter(value => value > 0) : values
  fill(type, memory, B, index => second[Math.floor(index / values.length) % second.length]!)
  if (type === 'i32' || type === 'f32') fill('i32', memory, C, index => index % 3)
  else fill('ivec', memory, C, index => wholes[index % 5]!)
}

const rows = Object.entries(opcodes).flatMap(([type, ofType]) =>
  [...Object.keys(ofType), ...(type === 'vec' || type === 'f32' ? ['muladd'] : [])].map(
    op => [type as Type, op as Operator] as const,
  ),
)

describe('instructions', () => {
  it.each(rows.filter(([type, op]) => !(type === 'f32' && op === 'muladd')))('%s %s', (type, op) => {
    const write = kernelOf(type, op)
    const wasm = buildKernel([], write)
    prepare(wasm.memory.buffer, type)
    wasm.call()
    const k = new KernelBuilder('kernel', [], wasm128)
    write(k)
    const memory = new ArrayBuffer(wasm.memory.buffer.byteLength)
    prepare(memory, type)
    new Function('m', sourceOf(k.finish(), false))(machine(4, memory))()
    const result = resultOf(type, op)
    expect([...views[result](memory, RESULT)]).toEqual([...views[result](wasm.memory.buffer, RESULT)])
    // Masks are NaN as floats: their bits count.
    if (compares.has(op)) expect([...views.ivec(memory, RESULT)]).toEqual([...views.ivec(wasm.memory.buffer, RESULT)])
  })
})
