/** Kernels of pooling and its gradients. */
import type { Node, NodeOf } from '../graph/node.ts'
import type { Job } from './fuse.ts'
import { ofEpilogue, pictureSplit } from './lower-shared.ts'
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
  })
}

export function lowerPoolGrad(
  lowering: Lowering,
  node: NodeOf<'maxPool2dGrad'> | NodeOf<'averagePool2dGrad'>,
  job: Job,
): void {
  const epilogue = lowering.epilogue(job)
  const accesses = node.inputs.map(input => lowering.contiguous(input))
  const dy = accesses.at(-1)!
  const common = {
    kind: 'poolGrad',
    dy,
    window: node.attributes,
    inputShape: node.shape,
    outputShape: node.inputs.at(-1)!.shape,
    epilogue,
  } as const
  const spec =
    node.kind === 'maxPool2dGrad'
      ? ({ ...common, fn: 'max', x: accesses[0]!, y: accesses[1]! } as const)
      : ({ ...common, fn: 'average' } as const)
  const { reads, writes } = ofEpilogue(lowering, epilogue)
  lowering.kernel({
    name: `${spec.fn} pooling gradient`,
    spec,
    ...pictureSplit(node),
    reads: [...accesses.map(access => access.buffer), ...reads],
    writes,
  })
}
