/**
 * The kernels of a plan as code. Emitters lie in families: code that is loaded when a plan first has a kernel of the family, so that a page
 * that only predicts loads none of training. One row for each kind of kernel, so that the compiler names every row that is missing.
 */
import { expressionNodes } from '../plan/axes.ts'
import type { Target } from '../plan/target.ts'
import type { Expression, Kernel, KernelKind, Plan, Spec } from '../plan/types.ts'
import { KernelBuilder } from './builder.ts'
import { isInDoubles } from './elementwise.ts'
import { everydayEmitters } from './everyday-emitters.ts'
import type { KernelCode } from './ir.ts'
import type { Emitters } from './part.ts'

const everyday = async () => everydayEmitters
const winograd = async () => (await import('./winograd-emitters.ts')).winogradEmitters
const gradients = async () => (await import('./gradient-emitters.ts')).gradientEmitters
const rarer = async () => (await import('./rarer-emitters.ts')).rarerEmitters

const families: { readonly [K in KernelKind]: () => Promise<Emitters<K>> } = {
  map: everyday,
  reduce: rarer,
  combine: rarer,
  matmul: everyday,
  matmulInputGrad: gradients,
  matmulWeightGrad: gradients,
  conv2d: everyday,
  conv2dInputGrad: gradients,
  conv2dFilterGrad: gradients,
  winogradFilter: winograd,
  winogradConv: winograd,
  winogradTiles: winograd,
  winogradProduct: winograd,
  winogradOutput: winograd,
  winogradFilterGrad: gradients,
  winogradFilterProduct: gradients,
  pack: rarer,
  pool: everyday,
  poolGrad: gradients,
  rowwise: everyday,
  moments: rarer,
  affineSample: rarer,
  fill: rarer,
}

/** The kernel as a function of (begin, end): rows of one slice, or units. */
export type EmitKernel = (kernel: Kernel, name: string, target: Target) => KernelCode

/** What writes the kernels of these plans, its code loaded. */
export async function kernelEmitter(plans: readonly Plan[]): Promise<EmitKernel> {
  const specs = plans.flatMap(({ phases }) => phases.flatMap(({ kernels }) => kernels.map(({ spec }) => spec)))
  const kinds = new Set(specs.map(({ kind }) => kind))
  const doubles = specs.some(hasDoubles) ? await import('./double-math.ts') : undefined
  const loaded = await Promise.all(Array.from(kinds, kind => families[kind]()))
  const emitters = Object.assign({}, ...loaded) as Emitters
  return ({ spec, split }, name, target) => {
    const k = new KernelBuilder(name, ['begin', 'end'], target, doubles)
    const range = { begin: k.parameter('begin'), end: k.parameter('end') }
    emitters[spec.kind](k, spec as never, { range, byRows: split === 'rows' })
    return k.finish()
  }
}

/** Whether a function in double precision is computed in it. */
function hasDoubles(spec: Spec): boolean {
  if (spec.kind === 'rowwise') return spec.fn === 'logSoftmax'
  if ('expression' in spec) return computes(spec.expression)
  return 'epilogue' in spec && computes(spec.epilogue)
}

const computes = (expression: Expression): boolean => expressionNodes(expression).some(isInDoubles)
