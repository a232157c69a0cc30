/**
 * Updates of states: their order among the work of a step (every reader of an old state before the job that overwrites it; where that cannot
 * be, a copy at the end), and the kernels of such copies. Loaded for graphs that have updates.
 */
import { sizeOf, stridesOf } from '../base/shape.ts'
import type { Node, NodeOf, StateUpdate } from '../graph/node.ts'
import type { Fusion } from './fuse.ts'
import { type Lowering, natural } from './lowering.ts'
import { baseOf, isSource, isView } from './operations.ts'
import type { Ordering, Work } from './work-order.ts'

export function orderUpdates(
  updates: readonly StateUpdate[],
  fusion: Fusion,
  { work, before, readersOf, workOf, addReads }: Ordering,
): ReadonlyMap<Node, NodeOf<'state'>> {
  // Kept aside before anything is updated in place, whichever of the updates comes first.
  const keeps = new Map<StateUpdate, Work>()
  for (const update of updates) {
    if (baseOf(update.value).kind !== 'state') continue
    const keep: Work = { kind: 'keep', update }
    work.push(keep)
    before.set(keep, new Set())
    addReads(keep)
    keeps.set(update, keep)
  }
  const inPlace = new Map<Node, NodeOf<'state'>>()
  const writes: StateUpdate[] = []
  for (const update of updates) {
    const { state, value } = update
    const job = isSource(value) || isView(value) ? undefined : fusion.jobOf.get(value)
    const writer = job && workOf.get(job)
    const others = [...(readersOf.get(state) ?? [])].filter(reader => reader !== writer)
    const readWhole = job?.kind !== 'map' && job?.anchor.inputs.some(input => baseOf(input) === state)
    // Element by element it may read what it overwrites, but not through a view: that shows other elements.
    const readOtherwise = job?.results
      .flatMap(node => fusion.leavesOf(node))
      .some(leaf => leaf !== state && baseOf(leaf) === state)
    const whole = readWhole || readOtherwise || job?.kind === 'reduce'
    if (
      writer &&
      !whole &&
      !inPlace.has(value) &&
      job.results.includes(value) &&
      !others.some(reader => comesAfter(reader, writer, before))
    ) {
      inPlace.set(value, state)
      for (const reader of others) before.get(writer)!.add(reader)
      continue
    }
    writes.push(update)
  }
  for (const update of writes) {
    const write: Work = { kind: 'write', update }
    const keep = keeps.get(update)
    work.push(write)
    before.set(write, new Set(readersOf.get(update.state)))
    if (keep) before.get(write)!.add(keep)
    else addReads(write)
  }
  return inPlace
}

/** With a list of its own: in a network of thousands of layers the way is longer than calls can be nested. */
function comesAfter(each: Work, other: Work, before: Ordering['before']): boolean {
  const seen = new Set<Work>([each])
  for (const reached of seen) {
    if (reached === other) return true
    for (const earlier of before.get(reached)!) seen.add(earlier)
  }
  return false
}

/** Keeps a state's old value aside, for a state that is written with it at the end. */
export function lowerKeep(lowering: Lowering, update: StateUpdate): void {
  const { value } = update
  const buffer = lowering.newBuffer('kept', sizeOf(value.shape), { layout: lowering.layoutOf(value) })
  const kept = natural(buffer, value.shape)
  lowering.map('keep', value.shape, false, [{ node: value, access: kept }])
  lowering.kept.set(update, kept)
}

export function lowerWrite(lowering: Lowering, update: StateUpdate): void {
  const { state, value } = update
  const kept = lowering.kept.get(update)
  if (kept) lowering.readFrom(value, kept)
  const access = { ...lowering.destination(state), strides: stridesOf(value.shape) }
  lowering.map(`write ${state.attributes.name}`, value.shape, false, [{ node: value, access }])
}
