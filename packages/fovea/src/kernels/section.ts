/** Where a slice of the batch has what it adds up: sections of a buffer, one for each slice. */
import { type ConvGeometry, SLICE_ROWS } from '../plan/types.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import type { Range } from './matmul.ts'

/** Index of the slice whose rows a call does. */
export function sliceOf(k: KernelBuilder, { begin }: Range): Value {
  return k.let(k.div(begin, SLICE_ROWS))
}

/** First element of the slice's own filter gradient. */
export function sectionOf(k: KernelBuilder, range: Range, { size, input, output, groups }: ConvGeometry): Value {
  const filterSize = size[0] * size[1] * (input.channels / groups) * output.channels
  return k.times(sliceOf(k, range), filterSize)
}
