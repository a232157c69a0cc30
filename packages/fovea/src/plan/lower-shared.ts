/** What the kernels of several operations have in common: operands of epilogues, how pictures are split, packed weights. */
import { sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import { runsSize } from './cpu/workspace.ts'
import type { Job } from './fuse.ts'
import type { Lowering } from './lowering.ts'
import { baseOf, type DedicatedKind } from './operations.ts'
import type { Target } from './target.ts'
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

/** Numbers a filter of so many is packed to, and the units that packing is cut into. */
const packings: {
  readonly [K in Packing['kind']]: (
    packing: Extract<Packing, { readonly kind: K }>,
    numbers: number,
    target: Target,
  ) => { readonly size: number; readonly units: number }
} = {
  forward: ({ taps }, numbers) => ({ size: numbers, units: taps }),
  turned: ({ taps }, numbers) => ({ size: numbers, units: taps }),
  runs: ({ geometry }, _, target) => ({ size: runsSize(target, geometry), units: geometry.size[0] }),
}

/** A filter in the order its kernel reads, by a kernel of its own. */
export function packed(lowering: Lowering, node: Node, packing: Packing): Buffer {
  const { buffer: from } = lowering.contiguous(node, true)
  const { size, units } = packings[packing.kind](packing as never, sizeOf(node.shape), lowering.target)
  const to = lowering.newBuffer(`packed ${baseOf(node).kind} ${node.id}`, size)
  lowering.kernel({
    name: `pack ${packing.kind}`,
    spec: { kind: 'pack', from, to, packing },
    split: 'units',
    units,
    reads: [from],
    writes: [to],
  })
  return to
}
