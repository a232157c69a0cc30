/**
 * A prediction compiled for one thread without shared memory, as plain data: what a page opened from disk can carry. In: a graph for one
 * row, without updates, and the values of its states. Out: the module, the states in the program's own order, and where everything lies.
 * What the program derives from its states is not among it: its preparation computes that when it starts (standalone-run.ts).
 */
import { InternalError } from '../base/errors.ts'
import type { DType } from '../base/shape.ts'
import type { StepGraph } from '../graph/node.ts'
import type { KernelCode } from '../kernels/ir.ts'
import { planProgram } from '../plan/plan.ts'
import { wasm128 } from '../plan/target.ts'
import type { Buffer } from '../plan/types.ts'
import { control } from '../targets/wasm/barrier.ts'
import { emitProgram } from '../targets/wasm/program.ts'
import { PAGE } from './wasm/memory.ts'
import { readOrdered, writeOrdered } from './wasm/weight-order.ts'

/** A value in the program's memory. */
export interface MemoryPlace {
  readonly name: string
  readonly dtype: DType
  /** Bytes from the memory's begin. */
  readonly offset: number
  /** Elements, in the order of the value's shape. */
  readonly size: number
}

/** Values to be written once, as the program holds them. */
export interface StateValues {
  readonly offset: number
  readonly values: Float32Array<ArrayBuffer>
  /** Whether it is a kernel: the weights of a matrix product or convolution, which are nearly all there are. */
  readonly isKernel: boolean
}

export interface StandaloneProgram {
  /** It imports its memory as `fovea.memory`. */
  readonly code: Uint8Array<ArrayBuffer>
  readonly pages: number
  /** The function to be called for each row, and the one to be called once before. */
  readonly entry: string
  readonly preparation?: string
  /** Addresses the functions take. */
  readonly feed: number
  readonly result: number
  readonly scratch: number
  readonly states: readonly StateValues[]
  readonly inputs: readonly MemoryPlace[]
  readonly outputs: readonly MemoryPlace[]
}

export async function standaloneProgram(
  graph: StepGraph,
  states: Readonly<Record<string, ArrayLike<number>>>,
): Promise<StandaloneProgram> {
  const { program, emit } = await plannedAlone(graph, states)
  return { ...program, code: await emit() }
}

export type AloneProgram = Omit<StandaloneProgram, 'code'>

/** The program before its code is written. */
export interface PlannedAlone {
  readonly program: AloneProgram
  /** Values of the states, in the order of `states`, by name and in their usual order again. */
  usual(values: readonly Float32Array[]): Record<string, Float32Array>
  /** With functions besides, which may call the entry and the preparation. */
  emit(more?: readonly KernelCode[]): Promise<Uint8Array<ArrayBuffer>>
}

export async function plannedAlone(
  graph: StepGraph,
  states: Readonly<Record<string, ArrayLike<number>>>,
): Promise<PlannedAlone> {
  const plan = await planProgram({ run: graph }, { target: wasm128, slots: 1, start: control.end })
  const pages = Math.ceil((plan.scratchStart + plan.scratchStride) / PAGE)
  const entry = plan.entries.find(({ name }) => name === 'run')!
  const place = (name: string, { dtype, offset, size, layout }: Buffer, base: number): MemoryPlace => {
    if (layout !== 'plain') throw new InternalError('runtime', `the value ${name} of a row lies ${layout}`)
    return { name, dtype, offset: base + offset, size }
  }
  const program: AloneProgram = {
    pages,
    entry: entry.name,
    ...(entry.preparation !== undefined && { preparation: entry.preparation }),
    feed: plan.feedStart,
    result: plan.resultStart,
    scratch: plan.scratchStart,
    states: [...plan.states].map(([name, { buffer, shape }]) => {
      const values = new Float32Array(buffer.size)
      writeOrdered(values, buffer.layout, shape, plan.target.block, states[name]!)
      return { offset: buffer.offset, values, isKernel: shape.length > 1 }
    }),
    inputs: entry.inputs.map(({ node, buffer }) => place(node.attributes.name, buffer, plan.feedStart)),
    outputs: entry.outputs.map(({ name, buffer }) => place(name, buffer, plan.resultStart)),
  }
  return {
    program,
    usual: values =>
      Object.fromEntries(
        [...plan.states].map(([name, { buffer, shape }], index) => [
          name,
          readOrdered(values[index]!, buffer.layout, shape, plan.target.block),
        ]),
      ),
    emit: more => emitProgram(plan.entries, { pages, shared: false, contract: false, ...(more && { more }) }),
  }
}
