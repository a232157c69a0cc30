/**
 * Offsets in memory. Buffers whose lifetimes do not meet share space: largest first, each at the lowest place that is free for its
 * lifetime. Sizes are rounded to an odd number of cache lines, so that buffers of a power-of-two size do not collide in the cache.
 *
 * What only the row kernels of one phase touch never exists as a whole: they walk slice by slice, so each thread keeps one slice
 * of it, behind its kernels' scratch memory, and mostly in its cache.
 */
import { bytesOf } from '../base/shape.ts'
import type { Target } from './target.ts'
import { type Buffer, type Kernel, type Phase, SLICE_ROWS } from './types.ts'

/** Whole lines; a vector may be loaded that begins with the last element (its other lanes are never used). */
export function byteSize({ cache, vectorBytes }: Target, buffer: Buffer, guard: number): number {
  const { line } = cache
  const used = elementsOf(buffer) * bytesOf[buffer.dtype] + Math.max(line, vectorBytes)
  return (Math.ceil(used / line) | 1) * line + guard
}

/** Elements that are in memory at once. */
export function elementsOf({ space, rowSize, size }: Buffer): number {
  return space === 'slice' ? Math.min(size, rowSize * SLICE_ROWS) : size
}

/** Places buffers one behind another; returns the bytes used. */
export function placeInLine(target: Target, buffers: readonly Buffer[], guard: number, start = 0): number {
  let offset = start
  for (const buffer of buffers) {
    buffer.offset = offset
    offset += byteSize(target, buffer, guard)
  }
  return offset - start
}

/** Places arena buffers from `start`; returns the bytes used. `guard` bytes stay free behind each, and then nothing is shared. */
export function placeArena(
  target: Target,
  buffers: readonly Buffer[],
  phases: readonly Phase[],
  start: number,
  guard: number,
): number {
  if (guard > 0) return placeInLine(target, buffers, guard, start)
  return placeByLife(
    target,
    buffers,
    phases.map(({ kernels }) => kernels),
    start,
  )
}

/** Finds the buffers of which a slice is enough and places them in the scratch memory; returns its bytes. */
export function placeSlices(
  target: Target,
  buffers: readonly Buffer[],
  phases: readonly Phase[],
  guard: number,
): number {
  const kernels = phases.flatMap(phase => phase.kernels)
  const touching = new Map<Buffer, { readonly phases: Set<Phase>; inRows: boolean }>()
  for (const phase of phases) {
    for (const kernel of phase.kernels) {
      for (const buffer of [...kernel.reads, ...kernel.writes]) {
        const known = touching.get(buffer) ?? { phases: new Set(), inRows: true }
        touching.set(buffer, known)
        known.phases.add(phase)
        known.inRows &&= kernel.split === 'rows'
      }
    }
  }
  const slices = buffers.filter(buffer => {
    const known = touching.get(buffer)
    return buffer.space === 'arena' && buffer.batched && known?.inRows && known.phases.size === 1
  })
  for (const buffer of slices) buffer.space = 'slice'
  const scratch = Math.max(0, ...kernels.map(kernel => kernel.scratch))
  const { line } = target.cache
  const start = (Math.ceil(scratch / line) | 1) * line + guard
  if (slices.length === 0) return scratch
  if (guard > 0) return start + placeInLine(target, slices, guard, start)
  const moments = kernels.map(kernel => [kernel])
  return start + placeByLife(target, slices, moments, start)
}

/** `moments`: what runs at the same time; a buffer lives from the first to the last moment that touches it. Returns the bytes used. */
function placeByLife(
  target: Target,
  buffers: readonly Buffer[],
  moments: readonly (readonly Kernel[])[],
  start: number,
): number {
  const lives = new Map<Buffer, { first: number; last: number }>()
  for (const [index, kernels] of moments.entries()) {
    for (const kernel of kernels) {
      for (const buffer of [...kernel.reads, ...kernel.writes]) {
        const life = lives.get(buffer)
        lives.set(buffer, { first: life?.first ?? index, last: index })
      }
    }
  }
  /** In order of their offsets. */
  const placed: { offset: number; end: number; first: number; last: number }[] = []
  let used = 0
  const bySize = buffers
    .filter(buffer => lives.has(buffer))
    .map(buffer => ({ buffer, size: byteSize(target, buffer, 0) }))
    .sort((a, b) => b.size - a.size || a.buffer.id - b.buffer.id)
  for (const { buffer, size } of bySize) {
    const { first, last } = lives.get(buffer)!
    let offset = start
    for (let index = 0; index < placed.length; index++) {
      const other = placed[index]!
      if (other.first > last || first > other.last) continue
      if (offset + size <= other.offset) break
      offset = Math.max(offset, other.end)
    }
    buffer.offset = offset
    const behind = placed.findIndex(other => other.offset > offset)
    placed.splice(behind < 0 ? placed.length : behind, 0, { offset, end: offset + size, first, last })
    used = Math.max(used, offset + size - start)
  }
  return used
}
