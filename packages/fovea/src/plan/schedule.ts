/**
 * Groups kernels into phases, a barrier between each two. Within a phase no kernel may depend on what another thread does in it:
 * kernels split by rows may follow one another (a thread's slices are its own), kernels of a single unit all run on thread 0;
 * anything else that shares a written buffer needs a barrier in between. Kernels split by rows come last in their phase, in one
 * run, so that a slice goes through all of them.
 */
import type { Buffer, Kernel, Phase } from './types.ts'

export function schedule(kernels: readonly Kernel[]): Phase[] {
  const edges = dependencies(kernels)
  const waiting = kernels.map((_, index) => edges.before[index]!.length)
  const ready: number[] = []
  for (const [index, count] of waiting.entries()) if (count === 0) ready.push(index)
  const phaseOf = new Array<number>(kernels.length).fill(-1)
  const phases: Kernel[][] = []
  while (ready.length > 0) {
    const phase: Kernel[] = []
    const number = phases.push(phase) - 1
    // Work that needs no barrier first: it may be all that the work behind the barrier waits for.
    for (let position = 0; position < ready.length; ) {
      const index = ready[position]!
      const kernel = kernels[index]!
      const conflict = edges.before[index]!.some(
        earlier => phaseOf[earlier] === number && conflicts(kernels[earlier]!, kernel),
      )
      if (conflict) {
        position++
        continue
      }
      phase.push(kernel)
      phaseOf[index] = number
      ready.splice(position, 1)
      for (const later of edges.after[index]!) {
        waiting[later]!--
        if (waiting[later] === 0) ready.push(later)
      }
      ready.sort((a, b) => a - b)
      position = 0
    }
  }
  return phases.map(phase => ({
    kernels: [...phase.filter(({ split }) => split === 'units'), ...phase.filter(({ split }) => split === 'rows')],
  }))
}

interface Edges {
  /** Of each kernel: the earlier ones it must wait for. */
  readonly before: readonly (readonly number[])[]
  readonly after: readonly (readonly number[])[]
}

/** Two kernels depend on each other where they share a buffer that one of them writes. */
function dependencies(kernels: readonly Kernel[]): Edges {
  const users = new Map<Buffer, { readonly reads: number[]; readonly writes: number[] }>()
  const usersOf = (buffer: Buffer) => {
    const known = users.get(buffer) ?? { reads: [], writes: [] }
    users.set(buffer, known)
    return known
  }
  const after: number[][] = kernels.map(() => [])
  const before = kernels.map(({ reads, writes }, index) => {
    const earlier = new Set<number>()
    for (const buffer of reads) for (const writer of usersOf(buffer).writes) earlier.add(writer)
    for (const buffer of writes) {
      const known = usersOf(buffer)
      for (const user of known.reads) earlier.add(user)
      for (const user of known.writes) earlier.add(user)
    }
    for (const buffer of reads) usersOf(buffer).reads.push(index)
    for (const buffer of writes) usersOf(buffer).writes.push(index)
    for (const each of earlier) after[each]!.push(index)
    return [...earlier]
  })
  return { before, after }
}

/** Whether two dependent kernels need a barrier between them. */
function conflicts(earlier: Kernel, later: Kernel): boolean {
  if (earlier.split === 'rows' && later.split === 'rows')
    return sharedWrites(earlier, later).some(buffer => !buffer.batched)
  return !(earlier.split === 'units' && later.split === 'units' && earlier.units === 1 && later.units === 1)
}

function sharedWrites(a: Kernel, b: Kernel): Buffer[] {
  const shared = a.writes.filter(buffer => b.reads.includes(buffer) || b.writes.includes(buffer))
  return [...shared, ...a.reads.filter(buffer => b.writes.includes(buffer))]
}
