/**
 * Floating-point operations of the multiplications in a plan's kernels and of the additions that go with them: as the plain loop would
 * do them, and as they are done (Winograd needs fewer, tiles beyond the picture's edge included). Transforms and element-wise
 * work count nothing.
 */
import type { ConvGeometry, Kernel, Plan, Spec } from '../src/plan/types.ts'
import { frequencies, tilingOf } from '../src/plan/winograd.ts'

export interface Multiplications {
  readonly direct: number
  readonly done: number
}

export function planMultiplications(plan: Plan): Multiplications {
  const all = plan.phases.flatMap(phase => phase.kernels.map(kernel => multiplicationsOf(kernel, plan.batch)))
  return {
    direct: all.reduce((sum, { direct }) => sum + direct, 0),
    done: all.reduce((sum, { done }) => sum + done, 0),
  }
}

export function multiplicationsOf({ spec }: Kernel, batch: number): Multiplications {
  switch (spec.kind) {
    case 'matmul':
    case 'matmulInputGrad':
    case 'matmulWeightGrad':
      return same(2 * (spec.batched ? batch : spec.rows) * spec.inner * spec.columns)
    case 'conv2d':
    case 'conv2dFilterGrad':
      return same(convolution(spec.geometry, batch))
    case 'winogradConv':
    case 'winogradProduct':
    case 'winogradFilterGrad':
    case 'winogradFilterProduct':
      return { direct: convolution(spec.geometry, batch), done: products(spec, batch) }
    default:
      return same(0)
  }
}

const same = (flops: number): Multiplications => ({ direct: flops, done: flops })

/** Of a gradient, the smaller picture's pixels are those of dy. */
function convolution({ input, output, size, groups }: ConvGeometry, batch: number): number {
  const pixels = Math.min(input.height * input.width, output.height * output.width)
  return (2 * batch * pixels * size[0] * size[1] * input.channels * output.channels) / groups
}

type Winograd = Extract<
  Spec,
  { kind: 'winogradConv' | 'winogradProduct' | 'winogradFilterGrad' | 'winogradFilterProduct' }
>

function products(spec: Winograd, batch: number): number {
  const { geometry, size } = spec
  const { rows, columns } = tilingOf(geometry, size, 'side' in spec ? spec.side : 'input')
  return 2 * frequencies(size) * batch * rows * columns * geometry.input.channels * geometry.output.channels
}
