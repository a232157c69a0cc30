/**
 * The kernels of a plan as code. Emitters lie in families: code that is loaded when a plan first has a kernel of the family, so that a page
 * that only predicts loads none of training. One row for each kind of kernel, so that the compiler names every row that is missing.
 */
import type { Node } from '../graph/node.ts'
import { epilogueNodes, expressionNodes, hasSums } from '../plan/axes.ts'
import type { Target } from '../plan/target.ts'
import type { Expression, Kernel, KernelKind, Plan, Spec, SpecOf, TileSide } from '../plan/types.ts'
import { KernelBuilder } from './builder.ts'
import { isRarer } from './elementwise.ts'
import { everydayEmitters } from './everyday-emitters.ts'
import type { KernelCode } from './ir.ts'
import type { Emitters } from './part.ts'

const everyday = async () => everydayEmitters
const winograd = async () => (await import('./winograd-emitters.ts')).winogradEmitters
const winogradGradients = async () => (await import('./winograd-gradient-emitters.ts')).winogradGradientEmitters
const tilesOf = (specs: readonly { readonly side: TileSide }[]) =>
  specs.some(({ side }) => side === 'gradient') ? winogradGradients() : winograd()
const gradients = async () => (await import('./gradient-emitters.ts')).gradientEmitters
const depthwise = async () => (await import('./depthwise-emitters.ts')).depthwiseEmitters
const rarerKernels = async () => (await import('./rarer-emitters.ts')).rarerEmitters

const families: { readonly [K in KernelKind]: (specs: readonly SpecOf<K>[]) => Promise<Emitters<K>> } = {
  map: specs => (specs.some(hasSums) ? gradients() : everyday()),
  reduce: rarerKernels,
  combine: rarerKernels,
  matmul: everyday,
  matmulInputGrad: gradients,
  matmulWeightGrad: gradients,
  conv2d: everyday,
  conv2dInputGrad: gradients,
  conv2dFilterGrad: gradients,
  depthwise,
  depthwiseFilterGrad: gradients,
  winogradFilter: specs => (specs.some(({ direction }) => direction !== 'forward') ? winogradGradients() : winograd()),
  winogradConv: tilesOf,
  winogradTiles: tilesOf,
  winogradProduct: winograd,
  winogradOutput: tilesOf,
  winogradFilterGrad: gradients,
  winogradFilterProduct: gradients,
  pack: rarerKernels,
  pool: everyday,
  poolGrad: gradients,
  rowwise: specs => (specs.every(({ fn }) => fn === 'softmax') ? everyday() : rarerKernels()),
  moments: rarerKernels,
  affineSample: rarerKernels,
  fill: rarerKernels,
}

/** The kernel as a function of (begin, end): rows of one slice, or units. */
export type EmitKernel = (kernel: Kernel, name: string, target: Target) => KernelCode

/** What writes the kernels of these plans, its code loaded. */
export async function kernelEmitter(plans: readonly Plan[]): Promise<EmitKernel> {
  const specs = plans.flatMap(({ phases }) => phases.flatMap(({ kernels }) => kernels.map(({ spec }) => spec)))
  const rarer = specs.some(needsRarer) ? (await import('./rarer-elementwise.ts')).rarerFunctions : undefined
  const kinds = new Set(specs.map(({ kind }) => kind))
  // Kind by kind: a family has emitters of other kinds too.
  const loaded = await Promise.all(
    Array.from(kinds, async kind => {
      const family = await families[kind](specs.filter(spec => spec.kind === kind) as never)
      return [kind, (family as Emitters)[kind]] as const
    }),
  )
  const emitters = Object.fromEntries(loaded) as unknown as Emitters
  return ({ spec, split }, name, target) => {
    const k = new KernelBuilder(name, ['begin', 'end'], target, rarer)
    const range = { begin: k.parameter('begin'), end: k.parameter('end') }
    emitters[spec.kind](k, spec as never, { range, byRows: split === 'rows' })
    return k.finish()
  }
}

/** Whether something in it is computed that is loaded for that. */
function needsRarer(spec: Spec): boolean {
  if ('expression' in spec) return hasRarer(expressionNodes(spec.expression), spec.expression)
  return 'epilogue' in spec && hasRarer(epilogueNodes(spec.epilogue), spec.epilogue)
}

/** What is loaded was computed by another kernel. */
const hasRarer = (nodes: readonly Node[], { leaves }: Expression): boolean =>
  nodes.some(node => !leaves.has(node) && isRarer(node))
