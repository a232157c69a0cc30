/** Lowerings of gradients: of training, and of explanations. */
import type { NodeOf } from '../graph/node.ts'
import { poolScratch } from './cpu/padded-space.ts'
import type { Job } from './fuse.ts'
import { lowerFilterGrad, lowerInputGrad } from './lower-conv-gradient.ts'
import { lowerAnyMatmul } from './lower-dense-gradient.ts'
import { type Lowerings, ofEpilogue, pictureSplit } from './lower-shared.ts'
import type { Lowering } from './lowering.ts'

export const gradientLowerings: Lowerings<
  'matmul' | 'conv2dInputGrad' | 'conv2dFilterGrad' | 'maxPool2dGrad' | 'averagePool2dGrad'
> = {
  matmul: lowerAnyMatmul,
  conv2dInputGrad: lowerInputGrad,
  conv2dFilterGrad: lowerFilterGrad,
  maxPool2dGrad: lowerPoolGrad,
  averagePool2dGrad: lowerPoolGrad,
}

function lowerPoolGrad(
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
    scratch: 2 * poolScratch(lowering.target, spec),
  })
}
