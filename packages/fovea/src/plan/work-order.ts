/**
 * Puts the work of a step in a valid order: values before their readers, and (so that states can be updated where they lie) every
 * reader of an old state before the job that overwrites it.
 */
import { InternalError } from '../base/errors.ts'
import type { Node, NodeOf, StateUpdate, StepGraph } from '../graph/node.ts'
import type { Fusion, Job } from './fuse.ts'
import { baseOf, isInline } from './operations.ts'

/** A job, an output copied out for the host, or a state written by a copy at the end (from a value kept aside where that is a state itself). */
export type Work =
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'output'; readonly name: string; readonly node: Node }
  | { readonly kind: 'keep'; readonly update: StateUpdate }
  | { readonly kind: 'write'; readonly update: StateUpdate }

export interface Order {
  readonly work: readonly Work[]
  /** Values that are written straight into a state. */
  readonly inPlace: ReadonlyMap<Node, NodeOf<'state'>>
}

/** What is known of the order so far, to be added to. */
export interface Ordering {
  readonly work: Work[]
  /** What comes before each piece of work. */
  readonly before: Map<Work, Set<Work>>
  readonly readersOf: ReadonlyMap<Node, ReadonlySet<Work>>
  readonly workOf: ReadonlyMap<Job, Work>
  addReads(work: Work): void
}

/** Adds the updates of states (state-updates.ts); gives the values that are written straight into a state. */
export type OrderUpdates = (updates: readonly StateUpdate[], fusion: Fusion, ordering: Ordering) => Order['inPlace']

/** @param orderUpdates there for graphs that update states. */
export function orderWork(graph: StepGraph, fusion: Fusion, orderUpdates?: OrderUpdates): Order {
  const work: Work[] = fusion.jobs.map(job => ({ kind: 'job', job }))
  for (const { name, node } of graph.outputs) work.push({ kind: 'output', name, node })
  const workOf = new Map<Job, Work>()
  for (const each of work) if (each.kind === 'job') workOf.set(each.job, each)

  const before = new Map<Work, Set<Work>>(work.map(each => [each, new Set()]))
  const readersOf = new Map<Node, Set<Work>>()
  const addReads = (each: Work): void => {
    for (const node of readsOf(each, fusion)) {
      const base = baseOf(node)
      const producer = fusion.jobOf.get(base)
      const writer = producer && workOf.get(producer)
      if (writer && writer !== each) before.get(each)!.add(writer)
      if (base.kind === 'state') readersOf.set(base, (readersOf.get(base) ?? new Set()).add(each))
    }
  }
  work.forEach(addReads)

  const inPlace = orderUpdates?.(graph.updates, fusion, { work, before, readersOf, workOf, addReads }) ?? new Map()
  return { work: sorted(work, before), inPlace }
}

/** Loaded nodes (not through views) a piece of work reads. */
function readsOf(work: Work, fusion: Fusion): Node[] {
  if (work.kind === 'output') return loadedFrom(work.node, fusion)
  if (work.kind === 'keep' || work.kind === 'write') return loadedFrom(work.update.value, fusion)
  const { job } = work
  const reads = job.results.flatMap(node =>
    node === job.anchor && job.kind === 'dedicated' ? [] : fusion.leavesOf(node),
  )
  const operands = job.kind === 'dedicated' ? job.anchor.inputs : []
  return [...reads, ...operands].filter(node => !job.results.includes(node) && node !== job.anchor)
}

function loadedFrom(node: Node, fusion: Fusion): Node[] {
  return isInline(node) && !fusion.isStored(node) ? fusion.leavesOf(node) : [node]
}

/** Kahn's algorithm, the given order where there is a choice. */
function sorted(work: readonly Work[], before: ReadonlyMap<Work, ReadonlySet<Work>>): Work[] {
  const waiting = [...work]
  const done = new Set<Work>()
  const isReady = (each: Work): boolean => {
    for (const earlier of before.get(each)!) if (!done.has(earlier)) return false
    return true
  }
  while (waiting.length > 0) {
    const next = waiting.findIndex(isReady)
    if (next < 0) throw new InternalError('plan', 'the work of a step has a cycle')
    done.add(waiting[next]!)
    waiting.splice(next, 1)
  }
  return [...done]
}
