/**
 * What each kind of kernel costs: one row a kind, so that the compiler names every row that is missing. How a kind is written as code
 * stands in the table of kernels/emitters.
 */
import { sizeOf } from '../base/shape.ts'
import { convolutionFlops, operations, productFlops } from './flops.ts'
import type { KernelKind, Spec, SpecOf } from './types.ts'

/** Floating-point operations of a kernel on a full batch, those of an epilogue left out. */
type Flops<K extends KernelKind> = (spec: SpecOf<K>, batch: number) => number

const none = (): number => 0
const ofWindows = ({ outputShape, window }: SpecOf<'pool' | 'poolGrad'>): number =>
  sizeOf(outputShape) * window.size[0] * window.size[1]

const flopsOf: { readonly [K in KernelKind]: Flops<K> } = {
  map: ({ expression, shape }) => operations(expression) * sizeOf(shape),
  reduce: ({ expression, shape }) => (operations(expression) + expression.results.length) * sizeOf(shape),
  combine: ({ from, fn }) => from.size * (fn === 'moments' ? 5 : 1),
  matmul: productFlops,
  matmulInputGrad: productFlops,
  matmulWeightGrad: productFlops,
  conv2d: convolutionFlops,
  conv2dInputGrad: convolutionFlops,
  conv2dFilterGrad: convolutionFlops,
  depthwise: convolutionFlops,
  depthwiseFilterGrad: convolutionFlops,
  winogradFilter: none,
  winogradConv: convolutionFlops,
  winogradTiles: none,
  winogradProduct: convolutionFlops,
  winogradOutput: none,
  winogradFilterGrad: convolutionFlops,
  winogradFilterProduct: convolutionFlops,
  pack: none,
  pool: ofWindows,
  poolGrad: ofWindows,
  // Largest, difference, exponential, sum, quotient (or difference); or the largest alone.
  rowwise: ({ batched, rows, width, fn }, batch) => (batched ? batch : 1) * rows * width * (fn === 'argmax' ? 1 : 5),
  moments: ({ pixels, channels }, batch) => 5 * batch * pixels * channels,
  affineSample: ({ sampling, shape }) => (sampling.interpolation === 'bilinear' ? 7 * sizeOf(shape) : 0),
  fill: none,
}

/** Flops of a kernel on a full batch, without those of its epilogue. */
export function ownFlops(spec: Spec, batch: number): number {
  return flopsOf[spec.kind](spec as never, batch)
}
