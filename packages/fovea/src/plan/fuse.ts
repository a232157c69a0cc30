/**
 * Decides which values are written to memory and which kernel computes what. In: an expanded graph. Out: jobs in a valid order, each
 * one kernel's work: an anchor (convolution, reduction … or nothing, for purely element-wise work) and the results stored.
 *
 * Element-wise nodes are computed where they are used, unless several jobs need them and they are not cheap. A stored element-wise
 * result joins the job that produces one of its operands when everything else it reads exists before that job: its other
 * operands are older than the job's anchor (smaller id), so no cycle can arise.
 */
import { sameShape, sizeOf } from '../base/shape.ts'
import { type Node, nodesOf, type StepGraph } from '../graph/node.ts'
import { suitsEpilogue, takesEpilogue } from './epilogue.ts'
import { forcedNodes, isCheap, isQuick } from './inline.ts'
import {
  baseOf,
  isDrawn,
  isInline,
  isReduction,
  isSource,
  isView,
  type NodeIn,
  type ReductionKind,
} from './operations.ts'

export interface Job {
  /** The node whose kernel this is; for element-wise work the first stored node. */
  readonly anchor: Node
  readonly kind: 'dedicated' | 'map' | 'reduce'
  /**
   * Stored nodes: the anchor itself where others read it, and what was fused. For outputs the node is read out, not stored.
   * Reductions among them are sums over all axes but the last of what the kernel computes.
   */
  readonly results: Node[]
}

export interface Fusion {
  readonly jobs: readonly Job[]
  /** The job in which a stored node is written. */
  readonly jobOf: ReadonlyMap<Node, Job>
  /** Whether an inline node is loaded (true) or computed in place. */
  isStored(node: Node): boolean
  /** Stored nodes, views and sources that computing `node` from loaded values reads. */
  leavesOf(node: Node): Node[]
}

/** The job a reduction is computed in (fuse-reductions.ts); undefined: a job of its own. */
export type JobForReduction = (
  node: NodeIn<ReductionKind>,
  jobs: readonly Job[],
  jobOf: ReadonlyMap<Node, Job>,
  leavesOf: (node: Node) => Node[],
) => Job | undefined

/** @param jobForReduction there for graphs that have reductions. */
export function fuse(graph: StepGraph, jobForReduction?: JobForReduction): Fusion {
  const nodes = nodesOf(graph)
  const users = new Map<Node, Node[]>(nodes.map(node => [node, []]))
  for (const node of nodes) for (const input of node.inputs) users.get(input)!.push(node)

  const forced = forcedNodes(graph, nodes)
  const outputs = new Set(graph.outputs.map(output => output.node))
  const stored = new Set<Node>()
  const roots = new Map<Node, Set<Node>>()
  for (const node of nodes.toReversed()) {
    const all = new Set<Node>()
    for (const user of users.get(node)!) {
      if (isInline(user) && !stored.has(user)) for (const root of roots.get(user)!) all.add(root)
      else all.add(user)
    }
    roots.set(node, all)
    if (!isInline(node)) continue
    const places = all.size + (outputs.has(node) ? 1 : 0)
    if (forced.has(node) || (places > 1 && !isCheap(node))) stored.add(node)
  }
  const isLoaded = (node: Node): boolean => !isInline(node) || stored.has(node)
  const inMemory = (node: Node): boolean =>
    isView(node)
      ? inMemory(baseOf(node))
      : isInline(node)
        ? stored.has(node)
        : isSource(node) || users.get(node)!.some(user => !isInline(user) && !isReduction(user) && !isView(user))
  for (const node of nodes) {
    if (stored.has(node) && !forced.has(node) && !outputs.has(node) && isQuick(node, isLoaded, inMemory))
      stored.delete(node)
  }

  function leavesOf(node: Node): Node[] {
    const leaves = new Set<Node>()
    const visit = (each: Node): void => {
      // The key of a draw is no operand: kernels fold it once, before their loops.
      if (isDrawn(each)) return
      for (const input of each.inputs) {
        if (isLoaded(input)) leaves.add(input)
        else visit(input)
      }
    }
    visit(node)
    return [...leaves]
  }

  // What is stored stays the same until all jobs are known, and from then on.
  const known = new Map<Node, Node[]>()
  const leaves = (node: Node): Node[] => {
    const found = known.get(node) ?? leavesOf(node)
    known.set(node, found)
    return found
  }
  const jobs: Job[] = []
  const jobOf = new Map<Node, Job>()
  const open = (job: Job): void => {
    jobs.push(job)
    jobOf.set(job.anchor, job)
  }
  /** The element-wise jobs that load a node, or look at a part of it. */
  const readers = new Map<Node, Set<Job>>()
  for (const node of nodes) {
    if (isSource(node) || isView(node) || (isInline(node) && !stored.has(node))) continue
    const found = isReduction(node)
      ? jobForReduction?.(node, jobs, jobOf, leaves)
      : isInline(node)
        ? (jobFor(node, jobOf, leaves) ?? jobBeside(node, readers, jobOf, leaves))
        : undefined
    if (found) {
      found.results.push(node)
      jobOf.set(node, found)
    } else if (isReduction(node)) open({ anchor: node, kind: 'reduce', results: [node] })
    else if (isInline(node)) open({ anchor: node, kind: 'map', results: [node] })
    else open({ anchor: node, kind: 'dedicated', results: [] })
    const job = jobOf.get(node)!
    if (job.kind !== 'map') continue
    for (const leaf of leaves(node)) {
      const base = baseOf(leaf)
      const others = readers.get(base)
      if (others) others.add(job)
      else readers.set(base, new Set([job]))
    }
  }
  /** What states become, and what outputs are, or are computed from where they are not loaded themselves. */
  const readOut = new Set([
    ...graph.updates.map(({ value }) => value),
    ...graph.outputs.flatMap(({ node }) => (isInline(node) && !stored.has(node) ? leavesOf(node) : [node])),
  ])
  // An anchor, or a fused result nobody forced, is stored only if some other job reads it.
  for (const job of jobs) {
    if (job.kind === 'reduce') continue
    const needed = (node: Node): boolean =>
      forced.has(node) ||
      readOut.has(node) ||
      users.get(node)!.some(user => isView(user)) ||
      [...roots.get(node)!].some(root => jobOf.get(root) !== job)
    if (job.kind === 'dedicated' && (needed(job.anchor) || job.results.length === 0)) job.results.unshift(job.anchor)
    for (const node of [...job.results]) {
      if (node !== job.anchor && !needed(node)) {
        job.results.splice(job.results.indexOf(node), 1)
        stored.delete(node)
      } else if (node === job.anchor && job.kind === 'map' && job.results.length > 1 && !needed(node)) {
        job.results.splice(job.results.indexOf(node), 1)
        stored.delete(node)
      }
    }
  }
  known.clear()
  return { jobs, jobOf, isStored: node => stored.has(node), leavesOf: leaves }
}

/** The job an element-wise result can be computed in, next to an operand. */
function jobFor(node: Node, jobOf: ReadonlyMap<Node, Job>, leavesOf: (node: Node) => Node[]): Job | undefined {
  const leaves = leavesOf(node)
  const candidates = new Set(leaves.map(leaf => jobOf.get(leaf)).filter(job => job !== undefined))
  const suited = [...candidates].filter(job => canCompute(job, node, leaves, jobOf))
  return suited.sort((a, b) => b.anchor.id - a.anchor.id)[0]
}

/** Whether `node`, of these leaves, can be computed in the job's loops. */
export function canCompute(job: Job, node: Node, leaves: readonly Node[], jobOf: ReadonlyMap<Node, Job>): boolean {
  const { anchor } = job
  if (job.kind === 'reduce' || !sameShape(anchor.shape, node.shape) || anchor.batched !== node.batched) return false
  const inside = (leaf: Node): boolean => jobOf.get(leaf) === job && leaf.dtype === 'f32' && !isReduction(leaf)
  const outside = leaves.filter(leaf => !inside(leaf))
  if (!outside.every(leaf => isOlder(leaf, anchor))) return false
  return job.kind === 'map' || (takesEpilogue(anchor) && suitsEpilogue(node, anchor, outside))
}

/**
 * Element-wise work over as many elements that loads one of the same tensors, or another part of it: it is loaded once (states of an
 * optimizer), or is one kernel instead of two (mean and variance of a batch norm).
 */
function jobBeside(
  node: Node,
  readers: ReadonlyMap<Node, ReadonlySet<Job>>,
  jobOf: ReadonlyMap<Node, Job>,
  leavesOf: (node: Node) => Node[],
): Job | undefined {
  const leaves = leavesOf(node)
  let first: Job | undefined
  for (const leaf of leaves) {
    if (sizeOf(leaf.shape) === 1 || !sameShape(leaf.shape, node.shape)) continue
    for (const job of readers.get(baseOf(leaf)) ?? [])
      if ((!first || job.anchor.id < first.anchor.id) && canCompute(job, node, leaves, jobOf)) first = job
  }
  return first
}

/** Exists before the job of `anchor` runs. */
export function isOlder(leaf: Node, anchor: Node): boolean {
  const base = baseOf(leaf)
  return isSource(base) || base.id < anchor.id
}
