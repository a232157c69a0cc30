/** Kernels of convolutions by Winograd's algorithm where some of them are input gradients. */
import type { TileSide } from '../plan/types.ts'
import type { Emitters } from './part.ts'
import { emitWinogradConv, emitWinogradOutput, emitWinogradTiles, inputSide } from './winograd.ts'
import { emitExchangedFilter } from './winograd-exchanged-filter.ts'
import { emitWinogradFilter } from './winograd-filter.ts'
import { gradientSide } from './winograd-input-gradient.ts'

const sideOf = (side: TileSide) => (side === 'input' ? inputSide : gradientSide)

export const winogradGradientEmitters: Emitters<
  'winogradFilter' | 'winogradConv' | 'winogradTiles' | 'winogradOutput'
> = {
  winogradFilter(k, spec, { range }) {
    if (spec.direction === 'forward') emitWinogradFilter(k, spec, range)
    else emitExchangedFilter(k, spec, range)
  },
  winogradConv: (k, spec, { range }) => emitWinogradConv(k, spec, range, sideOf(spec.side)),
  winogradTiles: (k, spec, { range }) => emitWinogradTiles(k, spec, range, sideOf(spec.side)),
  winogradOutput: (k, spec, { range }) => emitWinogradOutput(k, spec, range, sideOf(spec.side)),
}
