/**
 * Groups kernels into phases, a barrier between each two. Within a phase no kernel may depend on what another thread does in it:
 * kernels split by rows may follow one another (a thread's slices are its own), kernels of a single unit all run on thread 0;
 * anything else that shares a written buffer needs a barrier in between.
 */
import type { Buffer, Kernel, Phase } from './types.ts'

export function schedule(kernels: readonly Kernel[]): Phase[] {
  const before = kernels.map((kernel, index) => kernels.slice(0, index).filter(earlier => touches(earlier, kernel)))
  const done = new Set<Kernel>()
  const phases: Phase[] = []
  let current: Kernel[] = []
  while (done.size < kernels.length) {
    const ready = kernels.filter(
      (kernel, index) => !done.has(kernel) && before[index]!.every(earlier => done.has(earlier)),
    )
    // Work that needs no barrier first: it may be all that the work behind the barrier waits for.
    const next = ready.find(kernel => current.every(earlier => !conflicts(earlier, kernel)))
    if (!next) {
      phases.push({ kernels: current })
      current = []
      continue
    }
    current.push(next)
    done.add(next)
  }
  if (current.length > 0) phases.push({ kernels: current })
  return phases
}

/** The later one must wait for the earlier one. */
function touches(earlier: Kernel, later: Kernel): boolean {
  return sharedWrites(earlier, later).length > 0
}

function sharedWrites(a: Kernel, b: Kernel): Buffer[] {
  const shared = a.writes.filter(buffer => b.reads.includes(buffer) || b.writes.includes(buffer))
  return [...shared, ...a.reads.filter(buffer => b.writes.includes(buffer))]
}

function conflicts(a: Kernel, b: Kernel): boolean {
  const shared = sharedWrites(a, b)
  if (shared.length === 0) return false
  if (a.split === 'rows' && b.split === 'rows') return shared.some(buffer => !buffer.batched)
  return !(a.split === 'units' && b.split === 'units' && a.units === 1 && b.units === 1)
}
