/**
 * dw[r, s, c, k] = Σ over rows and pixels of x[y·stride + r, x·stride + s, c] · dy[y, x, k]. For each tap and filter block, tiles of
 * a few channels × the block are summed over a picture's pixels in registers, and over pictures in memory.
 */

import { isDirect } from '../plan/cpu/padded-space.ts'
import type { Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { lanesOf } from './lanes.ts'
import { blockLoop, type Range } from './matmul.ts'
import { emitCopy, fillPadded } from './padded.ts'

type FilterGrad = Extract<Spec, { kind: 'conv2dFilterGrad' }>

/** Sums rows [begin, end) into the section at element offset `section` of the destination, for units [begin, end). */
export function emitConv2dFilterGrad(
  k: KernelBuilder,
  spec: FilterGrad,
  rows: Range,
  units: Range,
  section: Value,
): void {
  const { geometry } = spec
  const { input, output, groups, padded, size, dilation, strides } = geometry
  const direct = isDirect(geometry)
  const copy = k.let(k.global('scratch'))
  const channels = input.channels / groups
  const filters = output.channels / groups
  const joined = groups === 1 && dilation[1] === 1
  const [pieces, run] = joined ? [1, size[1] * channels] : [size[1], channels]
  const { access } = spec.epilogue.results[0]!
  const lineBytes = padded[1] * input.channels * 4

  /** Byte address of dw at (inner index, filter) of a unit. */
  const place = (unit: { block: Value; group: Value; width: number }, inner: Value): Value => {
    const firstFilter = k.mul(unit.block, k.block)
    const element =
      spec.layout === 'blocked'
        ? k.add(k.mul(firstFilter, size[0] * size[1] * channels), k.mul(inner, unit.width))
        : k.add(k.mul(inner, output.channels), k.add(k.mul(unit.group, filters), firstFilter))
    return k.let(elementAddress(k, access, k.add(section, element)))
  }

  const forUnits = (body: (unit: { block: Value; group: Value; width: number }, r: Value) => void): void =>
    k.loop(units.begin, units.end, 1, index => {
      const r = k.let(k.rem(index, size[0]))
      const group = k.let(k.rem(k.div(index, size[0]), groups))
      const first = k.let(k.div(index, size[0] * groups))
      blockLoop(k, filters, { begin: first, end: k.plus(first, 1) }, (block, width) => body({ block, group, width }, r))
    })

  forUnits((unit, r) => {
    const count = size[1] * channels
    k.loop(0, count, 1, j => {
      const at = place(unit, k.add(k.mul(r, count), j))
      for (const [vector, lanes] of lanesOf(k, unit.width).entries())
        k.store(at, k.vec(0), vector * k.vectorBytes, lanes)
    })
  })
  if (!direct) fillPadded(k, geometry, copy, 0)
  k.loop(rows.begin, rows.end, 1, row => {
    if (!direct) emitCopy(k, geometry, spec.x, row, copy, 'in')
    const picture = direct ? k.let(elementAddress(k, spec.x, k.mul(row, padded[0] * padded[1] * input.channels))) : copy
    forUnits((unit, r) => {
      const lanes = lanesOf(k, unit.width)
      const firstFilter = k.add(k.mul(unit.group, filters), k.mul(unit.block, k.block))
      const gradient = k.let(
        elementAddress(k, spec.dy, k.add(k.mul(row, output.height * output.width * output.channels), firstFilter)),
      )
      const rowStart = k.plus(k.add(picture, k.mul(unit.group, channels * 4)), k.mul(r, dilation[0] * lineBytes))
      k.loop(0, pieces, 1, s => {
        const start = k.plus(rowStart, k.mul(s, dilation[1] * input.channels * 4))
        const tile = (count: number) => (j: Value) => {
          const inner = k.plus(k.add(k.mul(r, size[1] * channels), k.mul(s, channels)), j)
          const places = Array.from({ length: count }, (_, i) => place(unit, k.add(inner, i)))
          const sums = places.map(at => lanes.map((_, vector) => k.variable(k.load('vec', at, vector * k.vectorBytes))))
          const dy = k.variable(gradient)
          const line = k.variable(k.add(start, k.mul(j, 4)))
          k.loop(0, output.height, 1, () => {
            const x = k.variable(line.get)
            const lineEnd = k.plus(dy.get, output.width * output.channels * 4)
            k.loop(dy.get, lineEnd, output.channels * 4, at => {
              const vectors = lanes.map((_, vector) => k.let(k.load('vec', at, vector * k.vectorBytes)))
              for (let i = 0; i < count; i++) {
                const value = k.let(k.splatLoad(x.get, i * 4))
                k.addProducts(sums[i]!, vectors, value)
              }
              x.set(k.add(x.get, strides[1] * input.channels * 4))
            })
            dy.set(lineEnd)
            line.set(k.add(line.get, strides[0] * lineBytes))
          })
          for (const [i, at] of places.entries()) {
            for (const [vector, sum] of sums[i]!.entries()) k.store(at, sum.get, vector * k.vectorBytes, lanes[vector]!)
          }
        }
        const { tileRows } = k.target
        const whole = run - (run % tileRows)
        k.loop(0, whole, tileRows, tile(tileRows))
        if (run % tileRows) tile(run % tileRows)(k.int(whole))
      })
    })
  })
}
