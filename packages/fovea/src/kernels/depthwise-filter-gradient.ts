/**
 * dw[r, s, c] = Σ over rows and pixels of x[y · stride + r …, c] · dy[y, x, c], lanes along channels. Sums of one row of the window stay in
 * registers along some lines, as many as the nearest cache holds while all channels pass; the products of a tile's pixels are
 * added to each other first, so that the sums do not wait for one another.
 */
import { axisClasses, GRADIENT_PIXELS, tileRuns } from '../plan/depthwise.ts'
import type { Target } from '../plan/target.ts'
import type { ConvGeometry, SpecOf } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder, Variable } from './builder.ts'
import { loadedOnce } from './depthwise.ts'
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
  const { input, output, size, dilation, strides, origin } = geometry
  const { channels } = input
  const pixel = channels * 4
  const runs = tileRuns(axisClasses(geometry, 'forward', 1), GRADIENT_PIXELS)
  const to = k.let(elementAddress(k, spec.to, section))
  const band = bandLines(k.target, geometry)
  vectorLoop(k, size[0] * size[1] * channels, (index, lanes) => k.store(k.add(to, k.mul(index, 4)), k.vec(0), 0, lanes))

  /** Adds a tile's products to the sums of a row of the window. */
  const addTile = (sums: readonly Variable[], pixels: (typeof runs)[number]['pixels'], x: Value, dy: Value): void => {
    const inputs = loadedOnce(k, x, pixel)
    const gradients = loadedOnce(k, dy, pixel)
    for (const [tap, sum] of sums.entries()) {
      let products: Value | undefined
      for (const [index, meetings] of pixels.entries()) {
        const met = meetings.find(each => each.tap === tap)
        if (!met) continue
        const [a, b] = [inputs(met.place), gradients(index)]
        products = products ? k.muladd(a, b, products) : k.mul(a, b)
      }
      if (products) sum.set(k.add(sum.get, products))
    }
  }
  k.loop(rows.begin, rows.end, 1, row => {
    const picture = k.let(elementAddress(k, spec.x, k.mul(row, input.height * input.width * channels)))
    const gradient = k.let(elementAddress(k, spec.dy, k.mul(row, output.height * output.width * channels)))
    k.loop(0, output.height, band, start => {
      const stop = k.let(k.imin(k.add(start, band), output.height))
      vectorLoop(k, channels, (channel, lanes) => {
        k.loop(0, size[0], 1, r => {
          // Line y of dy meets line y · stride + shift of the picture, where there is one.
          const shift = k.plus(k.mul(r, dilation[0]), -origin[0])
          const first = k.let(k.imax(start, k.div(k.imax(k.sub(k.int(strides[0] - 1), shift), 0), strides[0])))
          const last = k.div(k.sub(k.int(input.height - 1 + strides[0]), shift), strides[0])
          const place = k.plus(k.add(to, k.mul(channel, 4)), k.mul(r, size[1] * pixel))
          const sums = Array.from({ length: size[1] }, (_, tap) => k.variable(k.load('vec', place, tap * pixel)))
          k.loop(first, k.let(k.imax(first, k.imin(stop, last))), 1, y => {
            const dyLine = k.plus(k.add(gradient, k.mul(channel, 4)), k.mul(y, output.width * pixel))
            const inputLine = k.mul(k.add(k.mul(y, strides[0]), shift), input.width * pixel)
            const xLine = k.plus(k.add(picture, k.mul(channel, 4)), inputLine)
            for (const run of runs)
              k.loop(0, run.repeats, 1, repeat => {
                const x = k.plus(xLine, k.mul(k.add(k.mul(repeat, run.apart), run.input), pixel))
                const dy = k.plus(dyLine, k.mul(k.add(k.mul(repeat, run.pixels.length), run.first), pixel))
                addTile(sums, run.pixels, x, dy)
              })
          })
          for (const [tap, sum] of sums.entries()) k.store(place, sum.get, tap * pixel, lanes)
        })
      })
    })
  })
}

/** Lines of dy that stay in the nearest cache with those of x that they meet, a line of the cache for each pixel, while channels pass. */
function bandLines({ cache }: Target, { input, output, size, strides }: ConvGeometry): number {
  const pixels = cache.near / cache.line - (size[0] - strides[0]) * input.width
  return Math.max(1, Math.floor(pixels / (output.width + strides[0] * input.width)))
}
