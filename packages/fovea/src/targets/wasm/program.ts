/** Entries as one WebAssembly module: every kernel a function, every entry a function that runs one step on one thread (kernels/entry). */

import { globals } from '../../kernels/address.ts'
import { kernelEmitter } from '../../kernels/emitters.ts'
import { entryCode, functionName } from '../../kernels/entry.ts'
import type { KernelCode } from '../../kernels/ir.ts'
import { wasm128 } from '../../plan/target.ts'
import type { Plan } from '../../plan/types.ts'
import { barrierOf } from './barrier.ts'
import { encodeModule, type WasmFunction } from './encode.ts'
import { type EmitContext, emitFunction } from './function.ts'

export interface ProgramOptions {
  /** Of the memory it runs on: that many, or up to `mostPages`. */
  readonly pages: number
  readonly mostPages?: number
  readonly shared: boolean
  /** Contract multiply-add where the engine can (relaxed SIMD). */
  readonly contract: boolean
  /** Calls the import `fovea.mark(index)` behind every probe; not a byte of code otherwise. */
  readonly profile?: boolean
  /** Functions besides, exported as well; they may call the entries. */
  readonly more?: readonly KernelCode[]
}

export async function emitProgram(plans: readonly Plan[], options: ProgramOptions): Promise<Uint8Array<ArrayBuffer>> {
  const emitKernel = await kernelEmitter(plans)
  const barrier = options.shared ? (await import('./shared-barrier.ts')).barrierFunction(globals.length) : barrierOf()
  const imports = options.profile ? [{ name: 'mark', parameters: 1 }] : []
  const functions: WasmFunction[] = [barrier]
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
  for (const plan of plans) add(entryCode(plan, wasm128, options.profile ? () => probes++ : undefined), true)
  for (const code of options.more ?? []) add(code, true)
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
