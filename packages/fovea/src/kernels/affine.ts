/**
 * Resampling of pictures under an affine map: two or four reads an output pixel, clamped or folded into the picture. Places and weights
 * are computed for a vector of pixels at once, values with lanes along channels.
 */
import type { Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { laneOffsets } from './gathered-lanes.ts'
import type { Value } from './ir.ts'
import { laneNumbers } from './lanes.ts'
import type { Range } from './matmul.ts'
import { vectorLoop } from './nest.ts'

type Affine = Extract<Spec, { kind: 'affineSample' }>

/** A vector of places along one axis: where to read, and (fill 'constant') whether that lies inside. */
interface Tap {
  readonly index: Value
  readonly inside: Value | undefined
}

export function emitAffineSample(k: KernelBuilder, spec: Affine, rows: Range): void {
  const [, height, width, channels] = spec.shape as [number, number, number, number]
  const { sampling } = spec
  const size = height * width * channels
  k.loop(rows.begin, rows.end, 1, row => {
    const picture = k.let(elementAddress(k, spec.x, k.mul(row, size)))
    const output = k.let(elementAddress(k, spec.y, k.mul(row, size)))
    const transform = k.let(elementAddress(k, spec.transform, k.mul(row, 6)))
    const t = Array.from({ length: 6 }, (_, index) => k.let(k.splatLoad(transform, index * 4)))
    k.loop(0, height, 1, y => {
      const line = k.plus(output, k.mul(y, width * channels * 4))
      const fy = k.let(k.splat(k.floatOf('toFloat', y)))
      vectorLoop(k, width, (x, pixels) => {
        const fx = k.let(k.floatOf('toFloat', k.add(k.splat(x), laneOffsets(k, 1))))
        const along = (first: number): Value =>
          k.plus(k.add(k.mul(t[first]!, fy), k.mul(t[first + 1]!, fx)), t[first + 2]!)
        const [rowAt, columnAt] = [along(0), along(3)]
        const rowTaps = taps(k, rowAt, height, sampling)
        const columnTaps = taps(k, columnAt, width, sampling)
        const reads = rowTaps.flatMap(r =>
          columnTaps.map(c => ({
            weight: r.weight && c.weight ? k.times(r.weight, c.weight) : undefined,
            inside: r.tap.inside && c.tap.inside ? k.let(k.and(r.tap.inside, c.tap.inside)) : undefined,
            offset: k.times(k.add(k.mul(r.tap.index, width), c.tap.index), channels * 4),
          })),
        )
        for (let pixel = 0; pixel < pixels; pixel++) {
          const spread = (vector: Value): Value =>
            k.let(
              k.shuffle(
                vector,
                vector,
                laneNumbers(k).map(() => pixel),
              ),
            )
          const sources = reads.map(({ weight, inside, offset }) => ({
            weight: weight && spread(weight),
            inside: inside && spread(inside),
            address: k.plus(picture, k.lane(offset, pixel)),
          }))
          const target = k.plus(line, k.mul(k.add(x, pixel), channels * 4))
          vectorLoop(k, channels, (channel, lanes) => {
            const terms = sources.map(({ weight, inside, address }) => {
              const loaded = k.load('vec', k.add(address, k.mul(channel, 4)))
              const value = inside ? k.select(k.floatOf('asFloat', inside), loaded, k.vec(sampling.fillValue)) : loaded
              return weight ? k.mul(value, weight) : value
            })
            k.store(
              k.add(target, k.mul(channel, 4)),
              terms.reduce((sum, term) => k.add(sum, term)),
              0,
              lanes,
            )
          })
        }
      })
    })
  })
}

/** The one (nearest) or two (bilinear) places read for a coordinate, with their weights. */
function taps(
  k: KernelBuilder,
  at: Value,
  extent: number,
  sampling: Affine['sampling'],
): { tap: Tap; weight: Value | undefined }[] {
  if (sampling.interpolation === 'nearest') {
    return [
      {
        tap: place(k, k.let(k.intOf('toInt', k.unary('floor', k.add(at, 0.5)))), extent, sampling.fill),
        weight: undefined,
      },
    ]
  }
  const floor = k.let(k.unary('floor', at))
  const fraction = k.let(k.sub(at, floor))
  const index = k.let(k.intOf('toInt', floor))
  return [
    { tap: place(k, index, extent, sampling.fill), weight: k.let(k.sub(k.vec(1), fraction)) },
    { tap: place(k, k.plus(index, k.ivec(1)), extent, sampling.fill), weight: fraction },
  ]
}

function place(k: KernelBuilder, index: Value, extent: number, fill: Affine['sampling']['fill']): Tap {
  const clamp = (value: Value): Value => k.let(k.imax(k.imin(value, extent - 1), 0))
  // The quotient is rounded, so the rest may be one period off; far beyond 2²⁴, where coordinates mean nothing, it is clamped.
  const modulo = (period: number): Value => {
    const quotient = k.intOf('toInt', k.unary('floor', k.mul(k.floatOf('toFloat', index), 1 / period)))
    const rest = k.let(k.sub(index, k.mul(quotient, period)))
    const above = k.let(k.select(k.compare('lt', rest, 0), k.add(rest, k.ivec(period)), rest))
    return k.let(k.select(k.compare('lt', above, period), above, k.sub(above, k.ivec(period))))
  }
  switch (fill) {
    case 'nearest':
      return { index: clamp(index), inside: undefined }
    case 'wrap':
      return { index: clamp(modulo(extent)), inside: undefined }
    case 'reflect': {
      // d c b a | a b c d | d c b a
      const folded = modulo(2 * extent)
      return { index: clamp(k.imin(folded, k.sub(k.ivec(2 * extent - 1), folded))), inside: undefined }
    }
    case 'constant':
      return { index: clamp(index), inside: k.let(k.and(k.compare('ge', index, 0), k.compare('lt', index, extent))) }
  }
}
