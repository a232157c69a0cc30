/** Kernels of convolutions by Winograd's algorithm, forward and of the input gradient. */
import { allTiles, type Emitters } from './part.ts'
import { emitWinogradConv, emitWinogradOutput, emitWinogradProduct, emitWinogradTiles } from './winograd.ts'
import { emitWinogradFilter } from './winograd-filter.ts'

export const winogradEmitters: Emitters<
  'winogradFilter' | 'winogradConv' | 'winogradTiles' | 'winogradProduct' | 'winogradOutput'
> = {
  winogradFilter: (k, spec, { range }) => emitWinogradFilter(k, spec, range),
  winogradConv: (k, spec, { range }) => emitWinogradConv(k, spec, range),
  winogradTiles: (k, spec, { range }) => emitWinogradTiles(k, spec, range),
  winogradProduct: (k, spec, { range }) => emitWinogradProduct(k, spec, allTiles(k, spec), range),
  winogradOutput: (k, spec, { range }) => emitWinogradOutput(k, spec, range),
}
