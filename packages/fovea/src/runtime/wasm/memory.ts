/** Numbers in a program's memory. */
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

/** So many pages, all of them at once. Throws UserError where there are no addresses for so many, or they cannot be had. */
export async function newMemory(pages: number, shared: boolean): Promise<WebAssemblyMemory> {
  if (pages > PAGE) throw (await import('./refusals.ts')).tooLarge(pages * PAGE)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared })
  } catch (error) {
    throw (await import('./refusals.ts')).noMemory(pages * PAGE, String(error))
  }
}
