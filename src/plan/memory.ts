/**
 * Offsets in one memory. Arena buffers whose lifetimes (first to last phase that touches them) do not meet share space: largest
 * first, each at the lowest place that is free for its lifetime. Sizes are rounded to an odd number of cache lines, so that
 * buffers of a power-of-two size do not collide in the cache.
 */
import { bytesOf } from '../base/shape.ts'
import type { Buffer, Phase } from './types.ts'

const LINE = 64

/** Vectors may be loaded up to this far beyond a buffer's end (the lanes are never used). */
const OVERREAD = 64

export function byteSize(buffer: Buffer, guard: number): number {
  const lines = Math.ceil((buffer.size * bytesOf[buffer.dtype] + OVERREAD) / LINE)
  return (lines | 1) * LINE + guard
}

/** Places buffers one behind another; returns the bytes used. */
export function placeInLine(buffers: readonly Buffer[], guard: number, start = 0): number {
  let offset = start
  for (const buffer of buffers) {
    buffer.offset = offset
    offset += byteSize(buffer, guard)
  }
  return offset - start
}

/** Places arena buffers from `start`; returns the bytes used. `guard` bytes stay free behind each, and then nothing is shared. */
export function placeArena(buffers: readonly Buffer[], phases: readonly Phase[], start: number, guard: number): number {
  if (guard > 0) return placeInLine(buffers, guard, start)
  const lives = new Map<Buffer, { first: number; last: number }>()
  for (const [index, phase] of phases.entries()) {
    for (const kernel of phase.kernels) {
      for (const buffer of [...kernel.reads, ...kernel.writes]) {
        const life = lives.get(buffer)
        lives.set(buffer, { first: life?.first ?? index, last: index })
      }
    }
  }
  const placed: { buffer: Buffer; first: number; last: number; end: number }[] = []
  let used = 0
  const bySize = buffers
    .filter(buffer => lives.has(buffer))
    .sort((a, b) => byteSize(b, 0) - byteSize(a, 0) || a.id - b.id)
  for (const buffer of bySize) {
    const { first, last } = lives.get(buffer)!
    const neighbours = placed
      .filter(other => other.first <= last && first <= other.last)
      .sort((a, b) => a.buffer.offset - b.buffer.offset)
    let offset = start
    for (const other of neighbours) {
      if (offset + byteSize(buffer, 0) <= other.buffer.offset) break
      offset = Math.max(offset, other.end)
    }
    buffer.offset = offset
    placed.push({ buffer, first, last, end: offset + byteSize(buffer, 0) })
    used = Math.max(used, offset + byteSize(buffer, 0) - start)
  }
  return used
}
