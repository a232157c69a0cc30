/**
 * What a kernel costs on a full batch: flops (a multiply-add is two; every element-wise operation is one, whatever it is) and bytes
 * (every operand and result once). Convolutions count what the plain loop would do, whichever algorithm runs, so that rates compare.
 */
import { bytesOf, sizeOf } from '../base/shape.ts'
import { expressionNodes } from './axes.ts'
import {
  type Buffer,
  type ConvGeometry,
  type Epilogue,
  type Expression,
  type Kernel,
  type Plan,
  SLICE_ROWS,
  type Spec,
} from './types.ts'

export interface Cost {
  readonly flops: number
  readonly bytes: number
}

export function kernelCost({ spec, reads, writes }: Kernel, batch: number): Cost {
  const bytes = [...reads, ...writes].reduce((sum, buffer) => sum + bytesIn(buffer), 0)
  const epilogue = 'epilogue' in spec ? operations(spec.epilogue) * sizeOf(spec.epilogue.anchor.shape) : 0
  return { flops: ownFlops(spec, batch) + epilogue, bytes }
}

/** About what a kernel takes one thread of the reference machine, in seconds: for deciding between micro- and milliseconds. */
export interface KernelEstimate {
  readonly perRow: number
  readonly fixed: number
  readonly kernel: Kernel
}

const FLOPS_PER_SECOND = 40e9
const BYTES_PER_SECOND = 20e9

export function estimates({ phases, batch }: Plan): KernelEstimate[] {
  return phases
    .flatMap(phase => phase.kernels)
    .map(kernel => {
      const { flops, bytes } = kernelCost(kernel, batch)
      const work = flops / FLOPS_PER_SECOND
      if (!kernel.writes.some(buffer => buffer.batched))
        return { kernel, perRow: 0, fixed: work + bytes / BYTES_PER_SECOND }
      const shared = kernel.reads.filter(buffer => !buffer.batched).reduce((sum, buffer) => sum + bytesIn(buffer), 0)
      const perRow = (work + (bytes - shared) / BYTES_PER_SECOND) / batch
      return { kernel, perRow, fixed: shared / BYTES_PER_SECOND }
    })
}

/** Slices of a batch and units of a kernel are spread over threads; what is one slice or unit stays on one of them. */
export function stepSeconds(kernels: readonly KernelEstimate[], rows: number, threads: number): number {
  return kernels.reduce((sum, { perRow, fixed, kernel }) => {
    const parts = kernel.split === 'rows' ? Math.ceil(rows / SLICE_ROWS) : kernel.units
    return sum + ((perRow * rows + fixed) * Math.ceil(parts / threads)) / parts
  }, 0)
}

function bytesIn({ size, dtype }: Buffer): number {
  return size * bytesOf[dtype]
}

function ownFlops(spec: Spec, batch: number): number {
  switch (spec.kind) {
    case 'map':
      return operations(spec.expression) * sizeOf(spec.shape)
    case 'reduce':
      return (operations(spec.expression) + spec.expression.results.length) * sizeOf(spec.shape)
    case 'combine':
      return spec.from.size * (spec.fn === 'moments' ? 5 : 1)
    case 'matmul':
    case 'matmulInputGrad':
    case 'matmulWeightGrad':
      return 2 * (spec.batched ? batch : spec.rows) * spec.inner * spec.columns
    case 'pool':
    case 'poolGrad':
      return sizeOf(spec.outputShape) * spec.window.size[0] * spec.window.size[1]
    case 'rowwise':
      // Largest, difference, exponential, sum, quotient (or difference); or the largest alone.
      return (spec.batched ? batch : 1) * spec.rows * spec.width * (spec.fn === 'argmax' ? 1 : 5)
    case 'moments':
      return 5 * batch * spec.pixels * spec.channels
    case 'affineSample':
      return spec.sampling.interpolation === 'bilinear' ? 7 * sizeOf(spec.shape) : 0
    default:
      return multiplies(spec) ? convolutionFlops(spec.geometry, batch) : 0
  }
}

/** Kernels that do a convolution's multiplications; those that only rearrange or transform cost bytes. */
function multiplies(spec: Spec): spec is Spec & { readonly geometry: ConvGeometry } {
  return 'geometry' in spec && !['winogradTiles', 'winogradOutput'].includes(spec.kind)
}

/** The smaller picture's pixels: of a gradient, those of dy. */
function convolutionFlops({ input, output, size, groups }: ConvGeometry, batch: number): number {
  const pixels = Math.min(input.height * input.width, output.height * output.width)
  return (2 * batch * pixels * size[0] * size[1] * input.channels * output.channels) / groups
}

/** Operations per element. */
function operations(expression: Expression | Epilogue): number {
  const inside = 'anchor' in expression ? expression.anchor : undefined
  const nodes = inside
    ? expressionNodes({ ...expression, leaves: new Map([...expression.leaves, [inside, undefined!]]) })
    : expressionNodes(expression)
  return nodes.filter(
    node =>
      !expression.leaves.has(node) &&
      node !== inside &&
      ['unary', 'binary', 'select', 'randomUniform'].includes(node.kind),
  ).length
}
