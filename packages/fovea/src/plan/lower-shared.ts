/** What the kernels of several operations have in common: operands of epilogues, how pictures are split, packed weights. */
import { sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { Job } from './fuse.ts'
import type { Lowering } from './lowering.ts'
import { baseOf, type DedicatedKind } from './operations.ts'
import type { Buffer, Epilogue, Packing } from './types.ts'

/** How operations of these kinds become kernels. */
export type Lowerings<K extends DedicatedKind = DedicatedKind> = {
  readonly [E in K]: (lowering: Lowering, node: NodeOf<E>, job: Job) => void
}

/** What the epilogue reads and writes besides the operands. */
export function ofEpilogue(lowering: Lowering, epilogue: Epilogue): { reads: Buffer[]; writes: Buffer[] } {
  return { reads: lowering.buffersOf(epilogue), writes: epilogue.results.map(({ access }) => access.buffer) }
}

/** Pictures of the batch are rows; pictures of an unbatched tensor are units. */
export function pictureSplit(x: Node): { split: 'rows' | 'units'; units: number } {
  return x.batched ? { split: 'rows', units: 1 } : { split: 'units', units: x.shape[0]! }
}

/** A filter in the order its kernel reads, by a kernel of its own: to so many numbers, in so many units. */
export function packed(lowering: Lowering, node: Node, packing: Packing, size: number, units: number): Buffer {
  const { buffer: from } = lowering.contiguous(node, true)
  const to = lowering.newBuffer(`packed ${baseOf(node).kind} ${node.id}`, size)
  lowering.kernel({
    name: `pack ${packing.kind}`,
    spec: { kind: 'pack', from, to, packing },
    split: 'units',
    units,
    reads: [from],
    writes: [to],
    scratch: 0,
  })
  return to
}

/** As many numbers as before, tap by tap. */
export function packedByTaps(lowering: Lowering, node: Node, packing: Extract<Packing, { taps: number }>): Buffer {
  return packed(lowering, node, packing, sizeOf(node.shape), packing.taps)
}
