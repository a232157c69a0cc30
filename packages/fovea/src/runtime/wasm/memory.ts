/** Numbers in a program's memory. */
import { UserError } from '../../base/errors.ts'
import type { DType, NumericArray } from '../../base/shape.ts'
import type { WebAssemblyMemory } from './web-assembly.ts'

/** Bytes WebAssembly memory is measured in. */
export const PAGE = 65536

const arrays = { f32: Float32Array, i32: Int32Array, u8: Uint8Array }

/** Elements that lie `base + offset` bytes into the memory. */
export function viewOf(
  memory: ArrayBufferLike,
  { dtype, offset, size }: { readonly dtype: DType; readonly offset: number; readonly size: number },
  base = 0,
): NumericArray {
  return new arrays[dtype](memory as ArrayBuffer, base + offset, size)
}

/** So many pages, all of them at once. Throws UserError where they cannot be had. */
export function newMemory(pages: number, shared: boolean): WebAssemblyMemory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared })
  } catch (error) {
    throw new UserError({
      what: 'The memory for the model cannot be had here.',
      expected: `${Math.ceil((pages * PAGE) / 2 ** 20)} MiB in one piece`,
      received: String(error),
      fix: 'use a smaller batch size, close other programs, or raise the limit on addresses (ulimit -v): engines reserve 8 GiB of them for each memory',
    })
  }
}
