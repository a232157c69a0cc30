/** Kernels that most predictions have: of every bundle. */
import { emitConv2d } from './convolution.ts'
import { emitMap } from './map.ts'
import { emitMatmul } from './matmul.ts'
import { allBlocks, allRows, type Emitters } from './part.ts'
import { emitPool } from './pooling.ts'
import { emitSoftmax } from './softmax.ts'

export const everydayEmitters: Emitters<'map' | 'matmul' | 'conv2d' | 'pool' | 'rowwise'> = {
  map: (k, spec, { range }) => emitMap(k, spec, range.begin, range.end),
  matmul(k, spec, { range, byRows }) {
    if (byRows) emitMatmul(k, spec, range, allBlocks(k, spec.columns, k.block))
    else emitMatmul(k, spec, allRows(k, spec.rows, spec.batched), range)
  },
  conv2d: emitConv2d,
  pool: (k, spec, { range }) => emitPool(k, spec, range),
  rowwise: emitSoftmax,
}
