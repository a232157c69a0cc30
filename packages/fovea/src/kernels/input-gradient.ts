/**
 * dx from dy by scattering: dx[y·stride + r, x·stride + s, c] += Σ_k dy[y, x, k] · w[r, s, c, k]. A row of the window is one run of
 * S · C numbers of the padded picture, so lanes run along (s, c): no borders are multiplied, and few channels still fill the lanes.
 * Runs are summed over k in registers and added to the picture in the order of dy's pixels and the window's rows.
 */

import { runPieces } from '../plan/cpu/gradient-space.ts'
import type { Spec } from '../plan/types.ts'
import { addressIn, elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import type { Value } from './ir.ts'
import { lanesOf } from './lanes.ts'
import type { Range } from './matmul.ts'
import { vectorLoop } from './nest.ts'
import { fillPadded } from './padded.ts'

type InputGrad = Extract<Spec, { kind: 'conv2dInputGrad' }>

export function emitConv2dInputGrad(k: KernelBuilder, spec: InputGrad, rows: Range): void {
  const { geometry } = spec
  const { input: dx, output: dy, size, strides, dilation, padded, origin } = geometry
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const picture = k.let(k.global('scratch'))
  const line = padded[1] * dx.channels * 4
  const pixel = dx.channels * 4
  const step = dilation[0] * line
  k.loop(rows.begin, rows.end, 1, row => {
    fillPadded(k, geometry, picture, 0)
    const gradient = k.let(elementAddress(k, spec.dy, k.mul(row, dy.height * dy.width * dy.channels)))
    for (const { first, run, before } of runPieces(k.target, geometry)) {
      const lanes = lanesOf(k, run)
      const weights = addressIn(k, spec.weight, before * size[0] * dy.channels)
      k.loop(0, dy.height, 1, y => {
        const targetLine = k.plus(k.add(picture, k.mul(y, strides[0] * line)), first * 4)
        const gradientLine = k.plus(gradient, k.mul(y, dy.width * dy.channels * 4))
        const tile = (pixels: number, apart: number) => (x: Value) => {
          const corner = k.plus(targetLine, k.mul(x, strides[1] * pixel))
          const at = k.plus(gradientLine, k.mul(x, dy.channels * 4))
          const end = k.plus(at, dy.channels * 4)
          const weight = k.variable(weights)
          k.loop(corner, k.plus(corner, size[0] * step), step, target => {
            const sums = Array.from({ length: pixels }, () => lanes.map(() => k.variable(k.vec(0))))
            k.loop(at, end, 4, place => {
              const vectors = lanes.map((_, vector) => k.let(k.load('vec', weight.get, vector * k.vectorBytes)))
              for (const [index, row] of sums.entries()) {
                const value = k.let(k.splatLoad(place, index * apart * dy.channels * 4))
                k.addProducts(row, vectors, value)
              }
              weight.set(k.add(weight.get, lanes.length * k.vectorBytes))
            })
            for (const [index, row] of sums.entries()) {
              const shift = index * apart * strides[1] * pixel
              for (const [vector, sum] of row.entries()) {
                const offset = shift + vector * k.vectorBytes
                k.store(target, k.add(k.load('vec', target, offset), sum.get), offset, lanes[vector]!)
              }
            }
          })
        }
        const half = Math.floor(dy.width / 2)
        k.loop(0, half, 1, tile(2, half))
        if (dy.width % 2) tile(1, 0)(k.int(dy.width - 1))
      })
    }
    k.loop(0, dx.height, 1, y => {
      const from = k.plus(picture, k.add(k.mul(k.add(y, origin[0]), line), origin[1] * pixel))
      const to = k.times(k.add(k.mul(row, dx.height), y), dx.width * dx.channels)
      vectorLoop(k, dx.channels, (channel, count) => {
        const output = epilogue.atChannel(channel)
        k.loop(0, dx.width, 1, x => {
          const element = k.plus(k.mul(x, dx.channels), channel)
          output.store(k.add(to, element), k.load('vec', k.add(from, k.mul(element, 4))), count)
        })
      })
    })
  })
}
