/** Kernels of pooling. */
import type { Node, NodeOf } from '../graph/node.ts'
import { poolScratch } from './cpu/padded-space.ts'
import { pictureSplit } from './lower-shared.ts'
import type { Lowering } from './lowering.ts'

export function lowerPool(lowering: Lowering, node: NodeOf<'maxPool2d'> | NodeOf<'averagePool2d'>): void {
  const [x] = node.inputs as [Node]
  const input = lowering.contiguous(x)
  const y = lowering.destination(node)
  const fn = node.kind === 'maxPool2d' ? 'max' : 'average'
  const spec = {
    kind: 'pool',
    fn,
    x: input,
    y,
    window: node.attributes,
    inputShape: x.shape,
    outputShape: node.shape,
  } as const
  lowering.kernel({
    name: `${fn} pooling`,
    spec,
    ...pictureSplit(x),
    reads: [input.buffer],
    writes: [y.buffer],
    scratch: poolScratch(lowering.target, spec),
  })
}
