/** Writes one kernel, turns it into a module of its own and calls it: how tests try the builder, the functions and the code. */

import { KernelBuilder } from '../../kernels/builder.ts'
import type { KernelCode } from '../../kernels/ir.ts'
import { wasm128 } from '../../plan/target.ts'
import { encodeModule } from './encode.ts'
import { emitFunction } from './function.ts'

export interface Built {
  readonly code: KernelCode
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly memory: WebAssembly.Memory
  call(...args: number[]): void
}

export function buildKernel(
  parameters: readonly string[],
  write: (k: KernelBuilder) => void,
  { pages = 16, contract = false } = {},
): Built {
  const k = new KernelBuilder('kernel', parameters, wasm128)
  write(k)
  const code = k.finish()
  const context = { functionIndex: () => 0, globalIndex: () => 0, contract }
  const bytes = encodeModule({
    functions: [emitFunction(code, true, context)],
    globals: 1,
    memory: { pages, shared: false },
  })
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { fovea: { memory } })
  return { code, bytes, memory, call: exports['kernel'] as (...args: number[]) => void }
}
