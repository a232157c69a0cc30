/**
 * Entries and their kernels as functions of machines. In: plans and the target they are for. Out: what puts them into a machine, which is
 * written once and serves all threads.
 */
import { kernelEmitter } from '../../kernels/emitters.ts'
import { entryCode, functionName } from '../../kernels/entry.ts'
import type { KernelCode } from '../../kernels/ir.ts'
import type { Target } from '../../plan/target.ts'
import type { Plan } from '../../plan/types.ts'
import type { Code, Machine } from './machine.ts'
import { sourceOf } from './source.ts'

export interface InterpretedCode {
  /** Characters of its text. */
  readonly size: number
  into(machine: Machine): void
}

export async function interpreted(plans: readonly Plan[], target: Target): Promise<InterpretedCode> {
  const emitKernel = await kernelEmitter(plans)
  const made = new Map<string, (m: Machine) => Code>()
  let size = 0
  const add = (code: KernelCode, isEntry: boolean): void => {
    const text = sourceOf(code, isEntry)
    size += text.length
    made.set(code.name, new Function('m', text) as (m: Machine) => Code)
  }
  for (const plan of plans) {
    for (const { kernels } of plan.phases)
      for (const kernel of kernels) add(emitKernel(kernel, functionName(plan, kernel), target), false)
    add(entryCode(plan, target), true)
  }
  return {
    size,
    into(machine) {
      for (const [name, make] of made) machine.functions.set(name, make(machine))
    },
  }
}
