/**
 * dw[r, s, c] = Σ over rows and pixels of x[y · stride + r …, c] · dy[y, x, c], lanes along channels. A line of dy is taken with one row of
 * the window at a time, whose sums stay in registers along it; the products of a tile's pixels are added to each other first.
 */
import { axisClasses, GRADIENT_PIXELS, tileRuns } from '../plan/depthwise.ts'
import type { SpecOf } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { leastPlace, tapsMet } from './depthwise.ts'
import type { Value } from './ir.ts'
import type { Range } from './matmul.ts'
import { vectorLoop } from './nest.ts'

/** Sums rows [begin, end) into the section at element offset `section` of the destination. */
export function emitDepthwiseFilterGrad(
  k: KernelBuilder,
  spec: SpecOf<'depthwiseFilterGrad'>,
  rows: Range,
  section: Value,
): void {
  const { geometry } = spec
  const { input, output, size, dilation } = geometry
  const { channels } = input
  const pixel = channels * 4
  const lineBytes = input.width * pixel
  const [line] = axisClasses(geometry, 'forward', 0)
  const [column] = axisClasses(geometry, 'forward', 1)
  const runs = tileRuns(column!, GRADIENT_PIXELS)
  const to = k.let(elementAddress(k, spec.to, section))
  vectorLoop(k, size[0] * size[1] * channels, (index, lanes) => k.store(k.add(to, k.mul(index, 4)), k.vec(0), 0, lanes))
  k.loop(rows.begin, rows.end, 1, row => {
    const picture = k.let(elementAddress(k, spec.x, k.mul(row, input.height * input.width * channels)))
    k.loop(0, output.height, 1, y => {
      const gradient = k.let(
        elementAddress(k, spec.dy, k.mul(k.add(k.mul(row, output.height), y), output.width * channels)),
      )
      const position = k.let(k.mul(y, line!.inputStep))
      const [begin, end] = tapsMet(k, line!, position)
      const first = k.let(k.add(picture, k.mul(k.add(position, line!.taps[0]!.offset), lineBytes)))
      vectorLoop(k, channels, (channel, lanes) => {
        const dyLine = k.let(k.add(gradient, k.mul(channel, 4)))
        const [xLine, target] = [first, to].map(start => k.let(k.add(start, k.mul(channel, 4)))) as [Value, Value]
        k.loop(begin, end, 1, r => {
          const place = k.let(k.add(target, k.mul(r, size[1] * pixel)))
          const x = k.let(k.add(xLine, k.mul(r, dilation[0] * lineBytes)))
          const sums = column!.taps.map(({ tap }) => k.variable(k.load('vec', place, tap * pixel)))
          for (const run of runs) {
            const base = leastPlace(column!, run)
            k.loop(0, run.repeats, 1, repeat => {
              const at = k.let(k.add(k.mul(repeat, run.pixels), run.first))
              const corner = k.let(k.add(x, k.mul(k.add(k.mul(at, column!.inputStep), base), pixel)))
              const dy = k.let(k.add(dyLine, k.mul(at, pixel)))
              const vectors = run.taps.map((_, index) => k.let(k.load('vec', dy, index * pixel)))
              const inputs = new Map<number, Value>()
              for (const [s, sum] of sums.entries()) {
                const { offset } = column!.taps[s]!
                let products: Value | undefined
                for (const [index, met] of run.taps.entries()) {
                  if (!met.some(({ tap }) => tap === s)) continue
                  const where = index * column!.inputStep + offset - base
                  const value = inputs.get(where) ?? k.let(k.load('vec', corner, where * pixel))
                  inputs.set(where, value)
                  products = products ? k.muladd(value, vectors[index]!, products) : k.mul(value, vectors[index]!)
                }
                if (products) sum.set(k.add(sum.get, products))
              }
            })
          }
          for (const [s, sum] of sums.entries()) k.store(place, sum.get, s * pixel, lanes)
        })
      })
    })
  })
}
