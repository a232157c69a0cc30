/** Numbers in a program's memory. */
import type { DType, NumericArray } from '../../base/shape.ts'

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
