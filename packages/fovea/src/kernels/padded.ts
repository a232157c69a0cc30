/** A picture's copy in the thread's scratch memory, with a border and (for input gradients) gaps between its pixels. */

import type { Placement } from '../plan/cpu/padded-space.ts'
import type { Access } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { vectorLoop } from './nest.ts'

/** Fills border and gaps (the pixels are overwritten by every copy). `start` is the copy's address. */
export function fillPadded(k: KernelBuilder, placement: Placement, start: Value, value: number): void {
  const size = placement.padded[0] * placement.padded[1] * placement.input.channels
  vectorLoop(k, size, (index, lanes) => k.store(k.add(start, k.mul(index, 4)), k.vec(value), 0, lanes))
}

/** Copies picture `row` of the batch into place, or back out (`direction`). Pixels that fall outside are left out. */
export function emitCopy(
  k: KernelBuilder,
  placement: Placement,
  access: Access,
  row: Value,
  start: Value,
  direction: 'in' | 'out',
): void {
  const { input, origin, spread, padded } = placement
  const { height, width, channels } = input
  const picture = k.let(elementAddress(k, access, k.mul(row, height * width * channels)))
  // Rows and columns whose place is inside the copy.
  const [firstRow, lastRow] = inside(height, origin[0], spread[0], padded[0])
  const [firstColumn, lastColumn] = inside(width, origin[1], spread[1], padded[1])
  const move = (outer: Value, inner: Value, count: number): void =>
    vectorLoop(k, count, (index, lanes) => {
      const [from, to] = direction === 'in' ? [outer, inner] : [inner, outer]
      k.store(k.add(to, k.mul(index, 4)), k.load('vec', k.add(from, k.mul(index, 4))), 0, lanes)
    })
  k.loop(firstRow, lastRow, 1, y => {
    const line = k.plus(picture, k.mul(y, width * channels * 4))
    const copyLine = k.plus(start, k.mul(k.add(k.mul(y, spread[0]), origin[0]), padded[1] * channels * 4))
    if (spread[1] === 1) {
      const [outer, inner] = [
        k.add(line, firstColumn * channels * 4),
        k.add(copyLine, (firstColumn + origin[1]) * channels * 4),
      ]
      move(k.let(outer), k.let(inner), Math.max(0, lastColumn - firstColumn) * channels)
      return
    }
    k.loop(firstColumn, lastColumn, 1, x => {
      const outer = k.plus(line, k.mul(x, channels * 4))
      move(outer, k.plus(copyLine, k.mul(k.add(k.mul(x, spread[1]), origin[1]), channels * 4)), channels)
    })
  })
}

function inside(extent: number, origin: number, spread: number, padded: number): [number, number] {
  const first = Math.max(0, Math.ceil(-origin / spread))
  const last = Math.min(extent, Math.floor((padded - 1 - origin) / spread) + 1)
  return [first, Math.max(first, last)]
}
