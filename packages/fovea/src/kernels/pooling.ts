/** Pooling, a picture at a time, lanes along channels. Windows that reach over the edge see a padded copy. */

import { isDirect, placementOf } from '../plan/cpu/padded-space.ts'
import type { Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import type { Range } from './matmul.ts'
import { chunks } from './nest.ts'
import { emitCopy, fillPadded } from './padded.ts'

type Pool = Extract<Spec, { kind: 'pool' }>

interface WindowAt {
  /** Element indices in the (padded) picture and in the output. */
  readonly corner: Value
  readonly output: Value
  readonly y: Value
  readonly x: Value
}

/** Calls `body` for every window of a picture. */
export function forWindows(
  k: KernelBuilder,
  spec: Pick<Pool, 'window' | 'inputShape' | 'outputShape'>,
  body: (window: WindowAt) => void,
): void {
  const { padded, input } = placementOf(spec)
  const [, height, width] = spec.outputShape as [number, number, number]
  const { strides } = spec.window
  k.loop(0, height, 1, y => {
    k.loop(0, width, 1, x => {
      const pixel = k.add(k.mul(k.mul(y, strides[0]), padded[1]), k.mul(x, strides[1]))
      body({
        corner: k.mul(pixel, input.channels),
        output: k.mul(k.add(k.mul(y, width), x), input.channels),
        y,
        x,
      })
    })
  })
}

/** Element offsets of a window's elements from its corner. */
export function windowOffsets(spec: Pick<Pool, 'window' | 'inputShape'>): number[] {
  const { padded, input } = placementOf(spec)
  const [rows, columns] = spec.window.size
  return Array.from(
    { length: rows * columns },
    (_, index) => (Math.floor(index / columns) * padded[1] + (index % columns)) * input.channels,
  )
}

/** 1 / (elements of the window inside the picture). */
export function inverseCount(k: KernelBuilder, spec: Pick<Pool, 'window' | 'inputShape'>, y: Value, x: Value): Value {
  const { window, inputShape } = spec
  const { padding, size, strides } = window
  if (isDirect(placementOf(spec))) return k.vec(1 / (size[0] * size[1]))
  const along = (index: Value, stride: number, extent: number, from: number, length: number): Value => {
    const first = k.times(index, stride)
    return k.let(k.sub(k.imin(k.add(first, extent), from + length), k.imax(first, from)))
  }
  const rows = along(y, strides[0], size[0], padding.top, inputShape[1]!)
  const columns = along(x, strides[1], size[1], padding.left, inputShape[2]!)
  return k.let(k.div(k.vec(1), k.splat(k.floatOf('toFloat', k.mul(rows, columns)))))
}

export function emitPool(k: KernelBuilder, spec: Pool, rows: Range): void {
  const placement = placementOf(spec)
  const { input, padded } = placement
  const direct = isDirect(placement)
  const copy = k.let(k.global('scratch'))
  const outputSize = spec.outputShape.slice(1).reduce((product, extent) => product * extent, 1)
  const outside = spec.fn === 'max' ? Number.NEGATIVE_INFINITY : 0
  if (!direct) fillPadded(k, placement, copy, outside)
  k.loop(rows.begin, rows.end, 1, row => {
    if (!direct) emitCopy(k, placement, spec.x, row, copy, 'in')
    const from = direct ? k.let(elementAddress(k, spec.x, k.mul(row, padded[0] * padded[1] * input.channels))) : copy
    const to = k.let(elementAddress(k, spec.y, k.mul(row, outputSize)))
    forWindows(k, spec, ({ corner, output, y, x }) => {
      const scale = spec.fn === 'average' ? inverseCount(k, spec, y, x) : k.vec(1)
      const [source, target] = [k.plus(from, k.mul(corner, 4)), k.plus(to, k.mul(output, 4))]
      chunks(k, input.channels, (first, lanesOf) => {
        const [at, place] = [k.plus(source, k.mul(first, 4)), k.plus(target, k.mul(first, 4))]
        for (const [vector, lanes] of lanesOf.entries()) {
          const values = windowOffsets(spec).map(offset => k.load('vec', at, offset * 4 + vector * k.vectorBytes))
          const result = values.reduce((a, b) => k.let(spec.fn === 'max' ? k.fmax(a, b) : k.add(a, b)))
          k.store(place, spec.fn === 'max' ? result : k.mul(result, scale), vector * k.vectorBytes, lanes)
        }
      })
    })
  })
}
