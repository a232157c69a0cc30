/** Resampling of pictures under an affine map, lanes along channels: two or four reads an output pixel, clamped or folded into the picture. */
import type { Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import type { Range } from './matmul.ts'
import { vectorLoop } from './nest.ts'

type Affine = Extract<Spec, { kind: 'affineSample' }>

/** A place along one axis: where to read, and (fill 'constant') whether that lies inside. */
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
    const transform = k.let(elementAddress(k, spec.transform, k.mul(row, 6)))
    const t = Array.from({ length: 6 }, (_, index) => k.let(k.load('f32', transform, index * 4)))
    k.loop(0, height, 1, y => {
      k.loop(0, width, 1, x => {
        const [fy, fx] = [k.let(k.toFloat(y)), k.let(k.toFloat(x))]
        const along = (first: number): Value =>
          k.let(k.add(k.add(k.mul(t[first]!, fy), k.mul(t[first + 1]!, fx)), t[first + 2]!))
        const [rowAt, columnAt] = [along(0), along(3)]
        const rowTaps = taps(k, rowAt, height, sampling)
        const columnTaps = taps(k, columnAt, width, sampling)
        const reads = rowTaps.flatMap(r =>
          columnTaps.map(c => {
            const weight = r.weight && c.weight ? k.mul(r.weight, c.weight) : k.float(1)
            const inside = r.tap.inside && c.tap.inside ? k.let(k.and(r.tap.inside, c.tap.inside)) : undefined
            const pixel = k.let(k.add(picture, k.mul(k.add(k.mul(r.tap.index, width), c.tap.index), channels * 4)))
            return { weight: k.let(k.splat(weight)), inside, pixel }
          }),
        )
        const target = k.let(
          elementAddress(k, spec.y, k.add(k.mul(row, size), k.mul(k.add(k.mul(y, width), x), channels))),
        )
        vectorLoop(k, channels, (channel, lanes) => {
          const offset = k.let(k.mul(channel, 4))
          const value = (read: (typeof reads)[number]): Value => {
            const loaded = k.load('vec', k.add(read.pixel, offset))
            if (!read.inside) return loaded
            const mask = k.asFloat(k.compare('ne', k.splat(read.inside), k.ivec(0)))
            return k.select(mask, loaded, k.vec(sampling.fillValue))
          }
          const terms = reads.map(read => (reads.length === 1 ? value(read) : k.mul(value(read), read.weight)))
          k.store(
            k.add(target, offset),
            terms.reduce((sum, term) => k.add(sum, term)),
            0,
            lanes,
          )
        })
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
        tap: place(k, k.let(k.toInt(k.unary('floor', k.add(at, k.float(0.5))))), extent, sampling.fill),
        weight: undefined,
      },
    ]
  }
  const floor = k.let(k.unary('floor', at))
  const fraction = k.let(k.sub(at, floor))
  const index = k.let(k.toInt(floor))
  return [
    { tap: place(k, index, extent, sampling.fill), weight: k.let(k.sub(k.float(1), fraction)) },
    { tap: place(k, k.let(k.add(index, 1)), extent, sampling.fill), weight: fraction },
  ]
}

function place(k: KernelBuilder, index: Value, extent: number, fill: Affine['sampling']['fill']): Tap {
  const clamp = (value: Value): Value => k.let(k.imax(k.imin(value, extent - 1), 0))
  const modulo = (value: Value, period: number): Value => k.let(k.rem(k.add(k.rem(value, period), period), period))
  switch (fill) {
    case 'nearest':
      return { index: clamp(index), inside: undefined }
    case 'wrap':
      return { index: modulo(index, extent), inside: undefined }
    case 'reflect': {
      // d c b a | a b c d | d c b a
      const folded = modulo(index, 2 * extent)
      return { index: k.let(k.imin(folded, k.sub(k.int(2 * extent - 1), folded))), inside: undefined }
    }
    case 'constant':
      return { index: clamp(index), inside: k.let(k.and(k.compare('ge', index, 0), k.compare('lt', index, extent))) }
  }
}
