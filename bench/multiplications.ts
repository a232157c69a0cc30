/**
 * Floating-point operations of the multiplications in a plan's kernels and of the additions that go with them: as the plain loop would
 * do them, and as they are done (Winograd needs fewer, tiles beyond the picture's edge included). Transforms and element-wise
 * work count nothing.
 */
import type { ConvGeometry, Kernel, Plan, Spec, TileSize } from '../packages/fovea/src/plan/types.ts'
import { frequencies, tilingOf } from '../packages/fovea/src/plan/winograd.ts'

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
  if ('inner' in spec) return same(2 * (spec.batched ? batch : spec.rows) * spec.inner * spec.columns)
  if (!multiplies(spec)) return same(0)
  const direct = convolution(spec.geometry, batch)
  return isWinograd(spec) ? { direct, done: products(spec, batch) } : same(direct)
}

type Convolution = Extract<Spec, { readonly geometry: ConvGeometry }>
type Winograd = Extract<Convolution, { readonly size: TileSize }>

/** Not those that only transform. */
function multiplies(spec: Spec): spec is Convolution {
  return 'geometry' in spec && spec.kind !== 'winogradTiles' && spec.kind !== 'winogradOutput'
}

function isWinograd(spec: Convolution): spec is Winograd {
  return 'size' in spec
}

const same = (flops: number): Multiplications => ({ direct: flops, done: flops })

/** Of a gradient, the smaller picture's pixels are those of dy. */
function convolution({ input, output, size, groups }: ConvGeometry, batch: number): number {
  const pixels = Math.min(input.height * input.width, output.height * output.width)
  return (2 * batch * pixels * size[0] * size[1] * input.channels * output.channels) / groups
}

function products(spec: Winograd, batch: number): number {
  const { geometry, size } = spec
  const { rows, columns } = tilingOf(geometry, size, 'side' in spec ? spec.side : 'input')
  return 2 * frequencies(size) * batch * rows * columns * geometry.input.channels * geometry.output.channels
}
