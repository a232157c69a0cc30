/**
 * What the plan knows of each kind of kernel: one row a kind, so that the compiler names every row that is missing. How a kind is
 * written as code stands in the table of kernels/emitters.
 */
import { sizeOf } from '../base/shape.ts'
import {
  convolutionSpace,
  filterGradSpace,
  filterProductBytes,
  halfFilter,
  outputSpace,
  transformSpace,
  turnedScratch,
} from './cpu/winograd-space.ts'
import { inputGradParts, paddedBytes, paddedPictureBytes, poolScratch, weightGradParts } from './cpu/workspace.ts'
import { convolutionFlops, operations, productFlops } from './flops.ts'
import type { Target } from './target.ts'
import type { KernelKind, Spec, SpecOf } from './types.ts'
import { tilingOf } from './winograd.ts'

interface KernelRow<K extends KernelKind> {
  /** Floating-point operations on a full batch, those of an epilogue left out. */
  readonly flops: (spec: SpecOf<K>, batch: number) => number
  /** Bytes of memory that a thread needs for itself. */
  readonly workspace: (spec: SpecOf<K>, target: Target) => number
}

const none = (): number => 0

const kernelTable: { readonly [K in KernelKind]: KernelRow<K> } = {
  map: { flops: ({ expression, shape }) => operations(expression) * sizeOf(shape), workspace: none },
  reduce: {
    flops: ({ expression, shape }) => (operations(expression) + expression.results.length) * sizeOf(shape),
    workspace: none,
  },
  combine: { flops: ({ from, fn }) => from.size * (fn === 'moments' ? 5 : 1), workspace: none },
  matmul: { flops: productFlops, workspace: none },
  matmulInputGrad: { flops: productFlops, workspace: (spec, target) => inputGradParts(target, spec).end },
  matmulWeightGrad: { flops: productFlops, workspace: (spec, target) => weightGradParts(target, spec).end },
  conv2d: { flops: convolutionFlops, workspace: ({ geometry }, target) => paddedBytes(target, geometry) },
  conv2dInputGrad: {
    flops: convolutionFlops,
    workspace: ({ geometry }, target) => paddedPictureBytes(target, geometry),
  },
  conv2dFilterGrad: { flops: convolutionFlops, workspace: ({ geometry }, target) => paddedBytes(target, geometry) },
  winogradFilter: {
    flops: none,
    workspace: ({ direction }, target) => (direction === 'forward' ? halfFilter(target) : turnedScratch(target)),
  },
  winogradConv: {
    flops: convolutionFlops,
    workspace: ({ geometry, size, side }, target) => convolutionSpace(target, geometry, size, side).bytes,
  },
  winogradTiles: {
    flops: none,
    workspace: ({ geometry, size, side }, target) => transformSpace(target, tilingOf(geometry, size, side)).bytes,
  },
  winogradProduct: { flops: convolutionFlops, workspace: none },
  winogradOutput: {
    flops: none,
    workspace: ({ geometry, size, side }, target) =>
      outputSpace(target, tilingOf(geometry, size, side), size, side).bytes,
  },
  winogradFilterGrad: {
    flops: convolutionFlops,
    workspace: ({ geometry, size }, target) => filterGradSpace(target, geometry, size).bytes,
  },
  winogradFilterProduct: {
    flops: convolutionFlops,
    workspace: ({ geometry, size }, target) => filterProductBytes(target, geometry, size),
  },
  pack: { flops: none, workspace: none },
  pool: {
    flops: ({ outputShape, window }) => sizeOf(outputShape) * window.size[0] * window.size[1],
    workspace: (spec, target) => poolScratch(target, spec),
  },
  poolGrad: {
    flops: ({ outputShape, window }) => sizeOf(outputShape) * window.size[0] * window.size[1],
    workspace: (spec, target) => poolScratch(target, spec),
  },
  rowwise: {
    // Largest, difference, exponential, sum, quotient (or difference); or the largest alone.
    flops: ({ batched, rows, width, fn }, batch) => (batched ? batch : 1) * rows * width * (fn === 'argmax' ? 1 : 5),
    workspace: none,
  },
  moments: { flops: ({ pixels, channels }, batch) => 5 * batch * pixels * channels, workspace: none },
  affineSample: {
    flops: ({ sampling, shape }) => (sampling.interpolation === 'bilinear' ? 7 * sizeOf(shape) : 0),
    workspace: none,
  },
  fill: { flops: none, workspace: none },
}

/** Flops of a kernel on a full batch, without those of its epilogue. */
export function ownFlops(spec: Spec, batch: number): number {
  return kernelTable[spec.kind].flops(spec as never, batch)
}

/** Bytes of memory that each thread needs for itself while it runs a kernel. */
export function workspaceOf(target: Target, spec: Spec): number {
  return kernelTable[spec.kind].workspace(spec as never, target)
}
