/**
 * Turns ordered work into kernels. In: one entry's graph with its fusion and order. Out: kernels in a valid order, to be put
 * into phases, with their buffers.
 */
import type { Node } from '../graph/node.ts'
import type { Job } from './fuse.ts'
import { lowerDedicated } from './lower-dedicated.ts'
import { joinSums, lowerReduce } from './lower-reduce.ts'
import type { Lowering } from './lowering.ts'
import type { Work } from './work-order.ts'

export function lowerAll(lowering: Lowering, work: readonly Work[]): void {
  for (const each of work) {
    if (each.kind === 'keep') lowering.keep(each.update)
    else if (each.kind === 'write') lowering.write(each.update)
    else if (each.kind === 'output') lowering.output(each.name, each.node)
    else lowerJob(lowering, each.job)
  }
}

function lowerJob(lowering: Lowering, job: Job): void {
  if (job.kind === 'reduce') {
    lowerReduce(lowering, job)
    return
  }
  if (job.kind === 'dedicated') lowerDedicated(lowering, job)
  else lowering.map(nameOf(job.results), job.anchor.shape, job.anchor.batched, lowering.resultsOf(job), job)
  joinSums(lowering, job)
}

/** What a fused kernel computes, for people: `mul select relu`. */
function nameOf(results: readonly Node[]): string {
  return results.map(({ kind, attributes }) => ('fn' in attributes ? attributes.fn : kind)).join(' ')
}
