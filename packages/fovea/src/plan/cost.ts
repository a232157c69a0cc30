/**
 * What a kernel costs on a full batch: flops (counted as plan/flops says) and bytes (every operand and result once); and about how long
 * that takes.
 */
import { bytesOf, sizeOf } from '../base/shape.ts'
import { operations } from './flops.ts'
import { ownFlops } from './kernel-table.ts'
import { type Buffer, type Kernel, type Plan, SLICE_ROWS } from './types.ts'

export interface Cost {
  readonly flops: number
  readonly bytes: number
}

export function kernelCost({ spec, reads, writes }: Kernel, batch: number): Cost {
  const bytes = [...reads, ...writes].reduce((sum, buffer) => sum + bytesIn(buffer), 0)
  const epilogue = 'epilogue' in spec ? operations(spec.epilogue) * sizeOf(spec.epilogue.anchor.shape) : 0
  return { flops: ownFlops(spec, batch) + epilogue, bytes }
}

/** About what a kernel takes one thread of the reference machine, in seconds: for deciding between micro- and milliseconds. */
export interface KernelEstimate {
  readonly perRow: number
  readonly fixed: number
  readonly kernel: Kernel
}

const FLOPS_PER_SECOND = 40e9
const BYTES_PER_SECOND = 20e9

export function estimates({ phases, batch }: Plan): KernelEstimate[] {
  return phases
    .flatMap(phase => phase.kernels)
    .map(kernel => {
      const { flops, bytes } = kernelCost(kernel, batch)
      const work = flops / FLOPS_PER_SECOND
      if (!kernel.writes.some(buffer => buffer.batched))
        return { kernel, perRow: 0, fixed: work + bytes / BYTES_PER_SECOND }
      const shared = kernel.reads.filter(buffer => !buffer.batched).reduce((sum, buffer) => sum + bytesIn(buffer), 0)
      const perRow = (work + (bytes - shared) / BYTES_PER_SECOND) / batch
      return { kernel, perRow, fixed: shared / BYTES_PER_SECOND }
    })
}

/** Slices of a batch and units of a kernel are spread over threads; what is one slice or unit stays on one of them. */
export function stepSeconds(kernels: readonly KernelEstimate[], rows: number, threads: number): number {
  return kernels.reduce((sum, { perRow, fixed, kernel }) => {
    const parts = kernel.split === 'rows' ? Math.ceil(rows / SLICE_ROWS) : kernel.units
    return sum + ((perRow * rows + fixed) * Math.ceil(parts / threads)) / parts
  }, 0)
}

function bytesIn({ size, dtype }: Buffer): number {
  return size * bytesOf[dtype]
}
