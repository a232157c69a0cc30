/** What the threads of a step wait for each other by: words in shared memory, and a function that threads without any pass at once. */
import { valueType, type WasmFunction } from './encode.ts'

/** Byte addresses, each in a cache line of its own. */
export const control = { arrived: 64, generation: 128, abort: 192, end: 256 } as const

/** With the code of shared-barrier.ts, which is loaded where memory is shared; without any where one thread has nobody to wait for. */
export function barrierOf(code = new Uint8Array()): WasmFunction {
  return { name: 'barrier', parameters: 1, exported: false, locals: [valueType.i32, valueType.i32], code }
}
