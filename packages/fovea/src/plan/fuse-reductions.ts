/** Which kernel computes a reduction, beside what else. Loaded for graphs that have reductions. */
import { sameShape } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { takesSums } from './epilogue.ts'
import { canCompute, isOlder, type Job, type JobForReduction } from './fuse.ts'
import { isReduction, type NodeIn, type ReductionKind } from './operations.ts'

export const jobForReduction: JobForReduction = (node, jobs, jobOf, leavesOf) =>
  jobForSum(node, jobOf, leavesOf) ?? jobBesideReduction(node, jobs, leavesOf)

/** Sums of channels over the batch are taken where their operand, or something they are computed from, is produced. */
function jobForSum(
  node: NodeIn<ReductionKind>,
  jobOf: ReadonlyMap<Node, Job>,
  leavesOf: (node: Node) => Node[],
): Job | undefined {
  const [operand] = node.inputs as [Node]
  if (!sumsChannels(node)) return undefined
  const leaves = leavesOf(node)
  const candidates = new Set(leaves.map(leaf => jobOf.get(leaf)).filter(job => job !== undefined))
  const suited = [...candidates].filter(
    job =>
      (job.kind === 'map' || (job.kind === 'dedicated' && takesSums(job.anchor))) &&
      canCompute(job, operand, leaves, jobOf),
  )
  return suited.sort((a, b) => b.anchor.id - a.anchor.id)[0]
}

/** Over the batch and all other axes but the last. */
export function sumsChannels({ inputs, attributes }: NodeIn<ReductionKind>): boolean {
  const { shape, batched } = inputs[0]!
  return (
    attributes.fn === 'sum' &&
    batched &&
    shape.length > 1 &&
    attributes.axes.length === shape.length - 1 &&
    !attributes.axes.includes(shape.length - 1)
  )
}

/** A reduction over the same elements joins one that can see all it reads. */
function jobBesideReduction(
  node: NodeIn<ReductionKind>,
  jobs: readonly Job[],
  leavesOf: (node: Node) => Node[],
): Job | undefined {
  const [operand] = node.inputs as [Node]
  return jobs.find(job => {
    if (job.kind !== 'reduce' || !isReduction(job.anchor)) return false
    const [other] = job.anchor.inputs as [Node]
    const alike = sameShape(other.shape, operand.shape) && other.batched === operand.batched
    const same =
      alike &&
      job.anchor.attributes.fn === node.attributes.fn &&
      sameShape(job.anchor.attributes.axes, node.attributes.axes)
    return same && leavesOf(node).every(leaf => isOlder(leaf, job.anchor))
  })
}
