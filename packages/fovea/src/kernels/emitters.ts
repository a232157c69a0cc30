/**
 * One kernel of a plan as code: which part of it [begin, end) means, and which emitter writes it. One row for each kind of kernel, so that
 * the compiler names every row that is missing.
 */
import { MAP_UNIT } from '../plan/axes.ts'
import { filterGradUnits, inputPanel } from '../plan/cpu/workspace.ts'
import type { Target } from '../plan/target.ts'
import {
  type ConvGeometry,
  type Kernel,
  type KernelKind,
  SLICE_ROWS,
  type SpecOf,
  type TileSize,
} from '../plan/types.ts'
import { tilingOf } from '../plan/winograd.ts'
import { emitAffineSample } from './affine.ts'
import { KernelBuilder } from './builder.ts'
import { emitConv2d } from './convolution.ts'
import { emitFill } from './fill.ts'
import { emitConv2dFilterGrad } from './filter-gradient.ts'
import { emitConv2dInputGrad } from './input-gradient.ts'
import type { KernelCode, Value } from './ir.ts'
import { emitMap } from './map.ts'
import { emitMatmul, type Range } from './matmul.ts'
import { emitMatmulInputGrad } from './matmul-input-grad.ts'
import { emitMatmulWeightGrad } from './matmul-weight-grad.ts'
import { emitPack } from './pack.ts'
import { emitPool, emitPoolGrad } from './pooling.ts'
import { emitReduce } from './reduce.ts'
import { emitRowwise } from './rowwise.ts'
import { emitCombine, emitMoments } from './statistics.ts'
import { emitWinogradConv, emitWinogradOutput, emitWinogradProduct, emitWinogradTiles } from './winograd.ts'
import { emitWinogradFilter } from './winograd-filter.ts'
import { emitWinogradFilterGrad, emitWinogradFilterProduct } from './winograd-filter-gradient.ts'

/** What one call of a kernel does: rows of one slice, or units, with the whole batch. */
interface Part {
  readonly range: Range
  readonly byRows: boolean
}
type Emitter<K extends KernelKind> = (k: KernelBuilder, spec: SpecOf<K>, part: Part) => void

/** The kernel as a function of (begin, end): rows of one slice, or units. */
export function emitKernel({ spec, split }: Kernel, name: string, target: Target): KernelCode {
  const k = new KernelBuilder(name, ['begin', 'end'], target)
  const range: Range = { begin: k.parameter('begin'), end: k.parameter('end') }
  emitters[spec.kind](k, spec as never, { range, byRows: split === 'rows' })
  return k.finish()
}

const emitters: { readonly [K in KernelKind]: Emitter<K> } = {
  map: (k, spec, { range }) => emitMap(k, spec, range.begin, range.end, sliceOf(k, range)),
  reduce(k, spec, { range, byRows }) {
    if (byRows) emitReduce(k, spec, range.begin, range.end, sliceOf(k, range))
    else if (spec.shape.length > 1) emitReduce(k, spec, k.int(0), k.int(spec.shape[0]!), k.int(0))
    else {
      k.loop(range.begin, range.end, 1, unit => {
        const first = k.let(k.mul(unit, MAP_UNIT))
        emitReduce(k, spec, first, k.let(k.imin(k.add(first, MAP_UNIT), spec.shape[0]!)), unit)
      })
    }
  },
  combine: (k, spec, { range }) => emitCombine(k, spec, range, SLICE_ROWS),
  matmul(k, spec, { range, byRows }) {
    if (byRows) emitMatmul(k, spec, range, allBlocks(k, spec.columns, k.block))
    else emitMatmul(k, spec, allRows(k, spec.rows, spec.batched), range)
  },
  matmulInputGrad(k, spec, { range, byRows }) {
    if (byRows) emitMatmulInputGrad(k, spec, range, allBlocks(k, spec.inner, inputPanel(k.target)))
    else emitMatmulInputGrad(k, spec, allRows(k, spec.rows, spec.batched), range)
  },
  matmulWeightGrad: (k, spec, { range }) =>
    emitMatmulWeightGrad(k, spec, allRows(k, spec.rows, spec.batched).end, range),
  conv2d: (k, spec, { range }) => emitConv2d(k, spec, range),
  conv2dInputGrad: (k, spec, { range }) => emitConv2dInputGrad(k, spec, range),
  conv2dFilterGrad(k, spec, { range, byRows }) {
    if (byRows) {
      const units: Range = { begin: k.int(0), end: k.int(filterGradUnits(k.target, spec)) }
      emitConv2dFilterGrad(k, spec, range, units, sectionOf(k, range, spec.geometry))
    } else emitConv2dFilterGrad(k, spec, allRows(k, spec.rows, spec.batched), range, k.int(0))
  },
  winogradFilter: (k, spec, { range }) => emitWinogradFilter(k, spec, range),
  winogradConv: (k, spec, { range }) => emitWinogradConv(k, spec, range),
  winogradTiles: (k, spec, { range }) => emitWinogradTiles(k, spec, range),
  winogradProduct: (k, spec, { range }) => emitWinogradProduct(k, spec, allTiles(k, spec), range),
  winogradOutput: (k, spec, { range }) => emitWinogradOutput(k, spec, range),
  winogradFilterGrad: (k, spec, { range }) =>
    emitWinogradFilterGrad(k, spec, range, sectionOf(k, range, spec.geometry)),
  winogradFilterProduct: (k, spec, { range }) => emitWinogradFilterProduct(k, spec, allTiles(k, spec), range),
  pack: (k, spec, { range }) => emitPack(k, spec, range),
  pool: (k, spec, { range }) => emitPool(k, spec, range),
  poolGrad: (k, spec, { range }) => emitPoolGrad(k, spec, range, sliceOf(k, range)),
  rowwise(k, spec, { range, byRows }) {
    const rows = (index: Value): Value => k.let(k.mul(index, spec.rows))
    emitRowwise(k, spec, byRows ? { begin: rows(range.begin), end: rows(range.end) } : range)
  },
  moments: (k, spec, { range }) => emitMoments(k, spec, range, sliceOf(k, range)),
  affineSample: (k, spec, { range }) => emitAffineSample(k, spec, range),
  fill: (k, spec, { range }) => emitFill(k, spec, range),
}

/** Index of the slice whose rows a call does. */
function sliceOf(k: KernelBuilder, { begin }: Range): Value {
  return k.let(k.div(begin, SLICE_ROWS))
}

/** First element of the slice's own filter gradient. */
function sectionOf(k: KernelBuilder, range: Range, { size, input, output, groups }: ConvGeometry): Value {
  const filterSize = size[0] * size[1] * (input.channels / groups) * output.channels
  return k.let(k.mul(sliceOf(k, range), filterSize))
}

function allRows(k: KernelBuilder, count: number, batched: boolean): Range {
  return { begin: k.int(0), end: batched ? k.let(k.global('rows')) : k.int(count) }
}

function allTiles(
  k: KernelBuilder,
  staged: { geometry: ConvGeometry; size: TileSize; pictures: number; batched: boolean },
): Value {
  const { rows, columns } = tilingOf(staged.geometry, staged.size, 'input')
  return k.let(k.mul(allRows(k, staged.pictures, staged.batched).end, rows * columns))
}

function allBlocks(k: KernelBuilder, extent: number, size: number): Range {
  return { begin: k.int(0), end: k.int(Math.ceil(extent / size)) }
}
