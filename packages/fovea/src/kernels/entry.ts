/**
 * An entry as code of the kernels' language: a function that runs one step on one thread, `entry(thread, threads, rows, feed, result,
 * scratch)`. Its slices go through the row kernels of each phase, its share of the units through the others; a barrier ends each phase.
 * It calls the kernels by name, and `barrier(threads)` and `mark(probe)`, which the target has.
 */
import type { Target } from '../plan/target.ts'
import { type Kernel, type Plan, SLICE_ROWS } from '../plan/types.ts'
import { globals } from './address.ts'
import { KernelBuilder, type Operand } from './builder.ts'
import type { KernelCode, Value } from './ir.ts'

/** Name of a kernel's function. */
export function functionName(plan: Plan, kernel: Kernel): string {
  return `${plan.name}.${kernel.id} ${kernel.name}`
}

/** `nextProbe` numbers the marks of a profile, in the order of `probesOf` in runtime/profile. */
export function entryCode(plan: Plan, target: Target, nextProbe?: () => number): KernelCode {
  const k = new KernelBuilder(plan.name, ['thread', 'threads', ...globals], target)
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
        const begin = k.times(slice, SLICE_ROWS)
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
