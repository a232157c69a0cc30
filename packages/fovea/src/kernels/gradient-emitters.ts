/** Kernels of gradients: of training, and of explanations. */

import { hasSums } from '../plan/axes.ts'
import { filterGradUnits, inputPanel } from '../plan/cpu/gradient-space.ts'
import { emitDepthwiseFilterGrad } from './depthwise-filter-gradient.ts'
import { emitConv2dFilterGrad } from './filter-gradient.ts'
import { emitConv2dInputGrad } from './input-gradient.ts'
import { emitMap } from './map.ts'
import { emitMapSums } from './map-sums.ts'
import type { Range } from './matmul.ts'
import { emitMatmulInputGrad } from './matmul-input-grad.ts'
import { emitMatmulWeightGrad } from './matmul-weight-grad.ts'
import { allBlocks, allRows, allTiles, type Emitters } from './part.ts'
import { emitPoolGrad } from './pooling-gradient.ts'
import { sectionOf, sliceOf } from './section.ts'
import { emitWinogradFilterGrad, emitWinogradFilterProduct } from './winograd-filter-gradient.ts'

export const gradientEmitters: Emitters<
  | 'map'
  | 'matmulInputGrad'
  | 'matmulWeightGrad'
  | 'conv2dInputGrad'
  | 'conv2dFilterGrad'
  | 'depthwiseFilterGrad'
  | 'winogradFilterGrad'
  | 'winogradFilterProduct'
  | 'poolGrad'
> = {
  map(k, spec, { range }) {
    if (hasSums(spec)) emitMapSums(k, spec, range.begin, range.end, sliceOf(k, range))
    else emitMap(k, spec, range.begin, range.end)
  },
  matmulInputGrad(k, spec, { range, byRows }) {
    if (byRows) emitMatmulInputGrad(k, spec, range, allBlocks(k, spec.inner, inputPanel(k.target)))
    else emitMatmulInputGrad(k, spec, allRows(k, spec.rows, spec.batched), range)
  },
  matmulWeightGrad: (k, spec, { range }) =>
    emitMatmulWeightGrad(k, spec, allRows(k, spec.rows, spec.batched).end, range),
  conv2dInputGrad: (k, spec, { range }) => emitConv2dInputGrad(k, spec, range),
  conv2dFilterGrad(k, spec, { range, byRows }) {
    if (byRows) {
      const units: Range = { begin: k.int(0), end: k.int(filterGradUnits(k.target, spec)) }
      emitConv2dFilterGrad(k, spec, range, units, sectionOf(k, range, spec.geometry))
    } else emitConv2dFilterGrad(k, spec, allRows(k, spec.rows, spec.batched), range, k.int(0))
  },
  depthwiseFilterGrad(k, spec, { range, byRows }) {
    if (byRows) emitDepthwiseFilterGrad(k, spec, range, sectionOf(k, range, spec.geometry))
    else emitDepthwiseFilterGrad(k, spec, allRows(k, spec.rows, spec.batched), k.int(0))
  },
  winogradFilterGrad: (k, spec, { range }) =>
    emitWinogradFilterGrad(k, spec, range, sectionOf(k, range, spec.geometry)),
  winogradFilterProduct: (k, spec, { range }) => emitWinogradFilterProduct(k, spec, allTiles(k, spec), range),
  poolGrad: (k, spec, { range }) => emitPoolGrad(k, spec, range, sliceOf(k, range)),
}
