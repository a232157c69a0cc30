/**
 * A whole program as one WebAssembly module: every kernel a function, every entry a function that runs one step on one thread,
 * `entry(thread, threads, rows, feed, result, scratch)`: its slices through the row kernels of each phase, its share of
 * the units of the others, a barrier between phases.
 */
import { type Kernel, type Plan, SLICE_ROWS } from '../../plan/types.ts'
import { globals } from '../address.ts'
import { KernelBuilder } from '../builder.ts'
import { emitKernel } from '../emit.ts'
import type { KernelCode, Value } from '../ir.ts'
import { barrierFunction } from './barrier.ts'
import { type EmitContext, emitFunction } from './emit.ts'
import { encodeModule } from './encode.ts'

export interface ProgramOptions {
  readonly pages: number
  readonly shared: boolean
  /** Contract multiply-add where the engine can (relaxed SIMD). */
  readonly contract: boolean
}

/** All functions of a program, as kernel code: also what is printed. */
export function programCode(plans: readonly Plan[]): { kernels: KernelCode[]; entries: KernelCode[] } {
  const kernels = plans.flatMap(plan =>
    plan.phases.flatMap(phase => phase.kernels.map(kernel => emitKernel(kernel, functionName(plan, kernel)))),
  )
  return { kernels, entries: plans.map(entryCode) }
}

export function emitProgram(plans: readonly Plan[], options: ProgramOptions): Uint8Array<ArrayBuffer> {
  const { kernels, entries } = programCode(plans)
  const barrier = barrierFunction(options.shared)
  const names = [barrier.name, ...[...kernels, ...entries].map(code => code.name)]
  const indices = new Map(names.map((name, index) => [name, index]))
  const context: EmitContext = {
    functionIndex: name => indices.get(name)!,
    globalIndex: name => globals.indexOf(name as (typeof globals)[number]),
    contract: options.contract,
  }
  return encodeModule({
    functions: [
      barrier,
      ...kernels.map(code => emitFunction(code, false, context)),
      ...entries.map(code => emitFunction(code, true, context)),
    ],
    globals: globals.length,
    memory: { pages: options.pages, shared: options.shared },
  })
}

function functionName(plan: Plan, kernel: Kernel): string {
  return `${plan.name}.${kernel.id} ${kernel.name}`
}

function entryCode(plan: Plan): KernelCode {
  const k = new KernelBuilder(plan.name, ['thread', 'threads', ...globals])
  const [thread, threads, rows] = [k.parameter('thread'), k.parameter('threads'), k.parameter('rows')]
  for (const name of globals) k.setGlobal(name, k.parameter(name))
  const slices = k.let(k.div(k.add(rows, SLICE_ROWS - 1), SLICE_ROWS))
  const share = (of: Value, index: Value): Value => k.let(k.div(k.mul(of, index), threads))
  const [firstSlice, lastSlice] = [share(slices, thread), share(slices, k.add(thread, 1))]
  for (const [index, phase] of plan.phases.entries()) {
    if (index > 0) k.call('barrier', [threads])
    for (const group of runs(phase.kernels)) {
      if (group[0]!.split === 'rows') {
        k.loop(firstSlice, lastSlice, 1, slice => {
          const begin = k.let(k.mul(slice, SLICE_ROWS))
          const end = k.let(k.imin(k.add(begin, SLICE_ROWS), rows))
          for (const kernel of group) k.call(functionName(plan, kernel), [begin, end])
        })
        continue
      }
      for (const kernel of group) {
        const call = (begin: Value, end: Value): void =>
          k.when(k.compare('lt', begin, end), () => k.call(functionName(plan, kernel), [begin, end]))
        if (kernel.units === 1) k.when(k.compare('eq', thread, 0), () => k.call(functionName(plan, kernel), [0, 1]))
        else call(share(k.int(kernel.units), thread), share(k.int(kernel.units), k.add(thread, 1)))
      }
    }
  }
  // Nobody starts the next step, and the host reads nothing, before everybody is done.
  k.call('barrier', [threads])
  return k.finish()
}

/** Consecutive kernels of the same split. */
function runs(kernels: readonly Kernel[]): Kernel[][] {
  const groups: Kernel[][] = []
  for (const kernel of kernels) {
    const last = groups.at(-1)
    if (last && last[0]!.split === kernel.split) last.push(kernel)
    else groups.push([kernel])
  }
  return groups
}
