/**
 * Splits an entry whose states rarely change (prediction) in two: what depends on states alone (packed and transformed weights,
 * factors of batch norm) becomes a preparation, to be run when a state has changed; what it writes is kept between runs. In: the kernels of
 * an entry without updates. Out: both lists, in the given order.
 */
import type { StepGraph } from '../graph/node.ts'
import { nodesOf } from '../graph/node.ts'
import { isOfRun } from './operations.ts'
import type { Buffer, Kernel } from './types.ts'

export interface Preparation {
  readonly before: readonly Kernel[]
  readonly every: readonly Kernel[]
  /** Written before, read by every run. */
  readonly kept: readonly Buffer[]
}

export function splitPreparation(graph: StepGraph, kernels: readonly Kernel[]): Preparation {
  // The number of rows is an operand that no buffer shows.
  const canPrepare = graph.prepared && !nodesOf(graph).some(isOfRun)
  const before = new Set(canPrepare ? kernels.filter(kernel => kernel.split === 'units') : [])
  for (let size = -1; size !== before.size; ) {
    size = before.size
    for (const kernel of before) if (!isIndependent(kernel, before, kernels)) before.delete(kernel)
  }
  const every = kernels.filter(kernel => !before.has(kernel))
  const kept = [...new Set([...before].flatMap(kernel => kernel.writes))]
  return { before: [...before], every, kept }
}

/** All it reads, and whatever else it writes a part of, comes from states and the kernels `before`. */
function isIndependent(kernel: Kernel, before: ReadonlySet<Kernel>, kernels: readonly Kernel[]): boolean {
  const fixed = (buffer: Buffer): boolean =>
    buffer.space === 'state' ||
    (buffer.space === 'arena' && kernels.every(other => before.has(other) || !other.writes.includes(buffer)))
  return [...kernel.reads, ...kernel.writes].every(fixed)
}
