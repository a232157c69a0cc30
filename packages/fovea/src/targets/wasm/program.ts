/**
 * Entries as one WebAssembly module: every kernel a function, every entry a function that runs one step on one thread,
 * `entry(thread, threads, rows, feed, result, scratch)`: its slices through the row kernels of each phase, its share of
 * the units of the others, a barrier between phases.
 */

import { globals } from '../../kernels/address.ts'
import { KernelBuilder, type Operand } from '../../kernels/builder.ts'
import { emitKernel } from '../../kernels/emit.ts'
import type { KernelCode, Value } from '../../kernels/ir.ts'
import { wasm128 } from '../../plan/target.ts'
import { type Kernel, type Plan, SLICE_ROWS } from '../../plan/types.ts'
import { barrierFunction } from './barrier.ts'
import { type EmitContext, emitFunction } from './emit.ts'
import { encodeModule, type WasmFunction } from './encode.ts'

export interface ProgramOptions {
  /** Of the memory it runs on: that many, or up to `mostPages`. */
  readonly pages: number
  readonly mostPages?: number
  readonly shared: boolean
  /** Contract multiply-add where the engine can (relaxed SIMD). */
  readonly contract: boolean
  /** Calls the import `fovea.mark(index)` behind every probe; not a byte of code otherwise. */
  readonly profile?: boolean
}

/** A stretch of a thread's time that a profile tells apart: a kernel, or (without one) the wait at the end of a phase. */
export interface Probe {
  readonly entry: string
  readonly phase: number
  readonly kernel?: Kernel
}

/** Probe i ends at mark i; before the first one lies what happens between steps. */
export function probesOf(plans: readonly Plan[]): Probe[] {
  return plans.flatMap(({ name, phases }) => [
    { entry: name, phase: -1 },
    ...phases.flatMap(({ kernels }, phase) => [
      ...kernels.map(kernel => ({ entry: name, phase, kernel })),
      { entry: name, phase },
    ]),
  ])
}

export function emitProgram(plans: readonly Plan[], options: ProgramOptions): Uint8Array<ArrayBuffer> {
  const imports = options.profile ? [{ name: 'mark', parameters: 1 }] : []
  const functions: WasmFunction[] = [barrierFunction(options.shared, globals.length)]
  const indices = new Map<string, number>([...imports, ...functions].map(({ name }, index) => [name, index]))
  const context: EmitContext = {
    functionIndex: name => indices.get(name)!,
    globalIndex: name => globals.indexOf(name as (typeof globals)[number]),
    contract: options.contract,
  }
  const add = (code: KernelCode, exported: boolean): void => {
    indices.set(code.name, imports.length + functions.length)
    functions.push(emitFunction(code, exported, context))
  }
  for (const plan of plans) {
    for (const { kernels } of plan.phases)
      for (const kernel of kernels) add(emitKernel(kernel, functionName(plan, kernel), wasm128), false)
  }
  let probes = 0
  for (const plan of plans) add(entryCode(plan, options.profile ? () => probes++ : undefined), true)
  return encodeModule({
    imports,
    functions,
    globals: globals.length + 1,
    memory: {
      pages: options.pages,
      ...(options.mostPages !== undefined && { mostPages: options.mostPages }),
      shared: options.shared,
    },
  })
}

function functionName(plan: Plan, kernel: Kernel): string {
  return `${plan.name}.${kernel.id} ${kernel.name}`
}

/** `nextProbe` numbers the marks of a profile, in the order of `probesOf`. */
function entryCode(plan: Plan, nextProbe?: () => number): KernelCode {
  const k = new KernelBuilder(plan.name, ['thread', 'threads', ...globals])
  const [thread, threads, rows] = [k.parameter('thread'), k.parameter('threads'), k.parameter('rows')]
  for (const name of globals) k.setGlobal(name, k.parameter(name))
  const slices = k.let(k.div(k.add(rows, SLICE_ROWS - 1), SLICE_ROWS))
  const share = (of: Value, index: Value): Value => k.let(k.div(k.mul(of, index), threads))
  const [firstSlice, lastSlice] = [share(slices, thread), share(slices, k.add(thread, 1))]
  const mark = (): void => {
    if (nextProbe) k.call('mark', [nextProbe()])
  }
  const run = (kernel: Kernel, begin: Operand, end: Operand): void => {
    k.call(functionName(plan, kernel), [begin, end])
    mark()
  }
  const runUnits = (kernel: Kernel, begin: Value, end: Value): void =>
    k.when(k.compare('lt', begin, end), () => run(kernel, begin, end))
  mark()
  for (const { kernels } of plan.phases) {
    for (const kernel of kernels.filter(({ split }) => split === 'units')) {
      if (kernel.units === 1) k.when(k.compare('eq', thread, 0), () => run(kernel, 0, 1))
      else runUnits(kernel, share(k.int(kernel.units), thread), share(k.int(kernel.units), k.add(thread, 1)))
    }
    const inRows = kernels.filter(({ split }) => split === 'rows')
    if (inRows.length > 0) {
      k.loop(firstSlice, lastSlice, 1, slice => {
        const begin = k.let(k.mul(slice, SLICE_ROWS))
        const end = k.let(k.imin(k.add(begin, SLICE_ROWS), rows))
        for (const kernel of inRows) run(kernel, begin, end)
      })
    }
    // The last one too: nobody starts the next step, and the host reads nothing, before everybody is done.
    k.call('barrier', [threads])
    mark()
  }
  return k.finish()
}
