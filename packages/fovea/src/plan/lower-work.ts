/**
 * Turns ordered work into kernels. In: one entry's graph with its fusion and order. Out: kernels in a valid order, to be put
 * into phases, with their buffers.
 */
import type { Node } from '../graph/node.ts'
import type { Job } from './fuse.ts'
import { dedicatedLowerings } from './lower-dedicated.ts'
import type { Lowerings } from './lower-shared.ts'
import type { Lowering } from './lowering.ts'
import { type DedicatedKind, isReduction } from './operations.ts'
import type { Work } from './work-order.ts'

type Reductions = typeof import('./lower-reduce.ts')
type Updates = Pick<typeof import('./state-updates.ts'), 'lowerKeep' | 'lowerWrite'>

/** What lowers the work of graphs of these nodes, its code loaded. `updates`: there where states are updated. */
export async function workLowering(
  nodes: readonly Node[],
  updates: Updates | undefined,
): Promise<(lowering: Lowering, work: readonly Work[]) => void> {
  const dedicated = await dedicatedLowerings(nodes)
  const reductions = nodes.some(isReduction) ? await import('./lower-reduce.ts') : undefined
  return (lowering, work) => {
    for (const each of work) {
      if (each.kind === 'keep') updates?.lowerKeep(lowering, each.update)
      else if (each.kind === 'write') updates?.lowerWrite(lowering, each.update)
      else if (each.kind === 'output') lowering.output(each.name, each.node)
      else lowerJob(lowering, each.job, dedicated, reductions)
    }
  }
}

function lowerJob(lowering: Lowering, job: Job, dedicated: Lowerings, reductions: Reductions | undefined): void {
  if (job.kind === 'reduce') {
    reductions?.lowerReduce(lowering, job)
    return
  }
  if (job.kind === 'dedicated') dedicated[job.anchor.kind as DedicatedKind](lowering, job.anchor as never, job)
  else lowering.map(nameOf(job.results), job.anchor.shape, job.anchor.batched, lowering.resultsOf(job), job)
  reductions?.joinSums(lowering, job)
}

/** What a fused kernel computes, for people: `mul select relu`. */
function nameOf(results: readonly Node[]): string {
  return results.map(({ kind, attributes }) => ('fn' in attributes ? attributes.fn : kind)).join(' ')
}
