/**
 * Depthwise convolution and its input gradient, NHWC, lanes along channels: y[i, j, c] = Σ over taps of x[…, c] · w[r, s, c]. A tile is some
 * pixels of a line × a vector of channels; a turn of its loop takes one row of the window, whose inputs its pixels share. Nothing
 * is padded: which taps meet the picture is decided for a line when it is computed, for a tile when the code is written.
 */
import { type AxisClass, axisClasses, picturesOf, type Tap, type TileRun, tileRuns } from '../plan/depthwise.ts'
import type { SpecOf } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder, Variable } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import type { Value } from './ir.ts'
import { vectorLoop } from './nest.ts'
import { type KernelPart, partsOf } from './part.ts'

export function emitDepthwise(k: KernelBuilder, spec: SpecOf<'depthwise'>, part: KernelPart): void {
  const { geometry, direction } = spec
  const { from, to } = picturesOf(geometry, direction)
  const { channels } = from
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const lines = axisClasses(geometry, direction, 0)
  const columns = axisClasses(geometry, direction, 1)
  const weights = k.let(elementAddress(k, { buffer: spec.weight, offset: 0, strides: [] }, 0))
  /** Bytes of a pixel, of a line of the picture, of a row of the filter. */
  const pixel = channels * 4
  const [lineBytes, rowBytes] = [from.width * pixel, geometry.size[1] * pixel]
  const apart = stepOf(lines)
  /** Rows of the window that lie in the picture; of the first one, the address of its line and of its part of the filter. */
  const [count, line, filterRow] = [k.variable(0), k.variable(0), k.variable(0)]
  const outputs = partsOf(k, part, spec.parts, { lines: to.height })
  k.loop(outputs.pictures.begin, outputs.pictures.end, 1, row => {
    const picture = k.let(elementAddress(k, spec.x, k.mul(row, from.height * from.width * channels)))
    k.loop(outputs.lines.begin, outputs.lines.end, 1, y => {
      const outputLine = k.let(k.mul(k.add(k.mul(row, to.height), y), to.width * channels))
      for (const each of lines) {
        const meet = (): void => {
          const position = k.let(k.mul(k.div(y, each.step), each.inputStep))
          const [begin, end] = tapsMet(k, each, position)
          const first = each.taps[0] ?? { tap: 0, offset: 0 }
          count.set(k.sub(end, begin))
          line.set(k.add(picture, k.mul(k.add(k.add(position, k.mul(begin, apart.offset)), first.offset), lineBytes)))
          filterRow.set(k.add(weights, k.mul(k.add(k.mul(begin, apart.tap), first.tap), rowBytes)))
        }
        if (lines.length === 1) meet()
        else k.when(k.compare('eq', k.rem(y, each.step), each.first), meet)
      }
      const turn = (column: AxisClass, run: TileRun) => (repeat: Value) => {
        const position = k.add(k.mul(repeat, run.pixels), run.first)
        const base = leastPlace(column, run)
        const corner = k.let(k.add(line.get, k.mul(k.add(k.mul(position, column.inputStep), base), pixel)))
        const output = k.let(k.add(outputLine, k.mul(k.add(k.mul(position, column.step), column.first), channels)))
        vectorLoop(k, channels, (channel, lanes) => {
          const sums = run.taps.map(() => k.variable(k.vec(0)))
          const x = k.variable(k.add(corner, k.mul(channel, 4)))
          const w = k.variable(k.add(filterRow.get, k.mul(channel, 4)))
          k.loop(0, count.get, 1, () => {
            const loaded = new Map<number, Value>()
            const load = (start: Variable, place: number, key: number): Value => {
              const known = loaded.get(key) ?? k.let(k.load('vec', start.get, place * pixel))
              loaded.set(key, known)
              return known
            }
            for (const [index, taps] of run.taps.entries())
              for (const { tap, offset } of taps) {
                const place = index * column.inputStep + offset - base
                const value = load(x, place, place)
                const sum = sums[index]!
                sum.set(k.muladd(load(w, tap, -1 - tap), value, sum.get))
              }
            x.set(k.add(x.get, apart.offset * lineBytes))
            w.set(k.add(w.get, apart.tap * rowBytes))
          })
          const finished = epilogue.atChannel(channel)
          for (const [index, sum] of sums.entries())
            finished.store(k.add(output, k.add(channel, index * column.step * channels)), sum.get, lanes)
        })
      }
      for (const column of columns)
        for (const run of tileRuns(column, tilePixels(k, column))) k.loop(0, run.repeats, 1, turn(column, run))
    })
  })
}

/** From tap to tap: the same in all classes that have two. */
export function stepOf(classes: readonly AxisClass[]): Tap {
  const [first, second] = classes.find(({ taps }) => taps.length > 1)?.taps ?? []
  return first && second ? { tap: second.tap - first.tap, offset: second.offset - first.offset } : { tap: 0, offset: 0 }
}

/** Of an output whose input lies at `position`: taps [begin, end) of its class meet the picture. */
export function tapsMet(
  k: KernelBuilder,
  { taps, inputs, count, inputStep }: AxisClass,
  position: Value,
): [Value, Value] {
  let [begin, end] = [k.int(0), k.int(taps.length)]
  for (const { offset } of taps) {
    if (offset < 0) begin = k.add(begin, k.compare('lt', position, -offset))
    if ((count - 1) * inputStep + offset >= inputs) end = k.sub(end, k.compare('ge', position, inputs - offset))
  }
  return [k.let(begin), k.let(end)]
}

/** Of the inputs of a tile, counted from its position on. */
export function leastPlace({ inputStep }: AxisClass, { taps }: TileRun): number {
  const places = taps.flatMap((met, pixel) => met.map(({ offset }) => pixel * inputStep + offset))
  return Math.min(...(places.length > 0 ? places : [0]))
}

/** Sums, inputs and weights of a tile are as many vectors as those of a register tile of a product. */
function tilePixels(k: KernelBuilder, { inputStep, taps }: AxisClass): number {
  const { tileRows, block, lanes } = k.target
  const vectors = Math.max(1, block / lanes)
  const all = tileRows * vectors + tileRows + vectors
  const reach = taps.length > 0 ? taps.at(-1)!.offset - taps[0]!.offset : 0
  const held = (pixels: number): number => pixels + (pixels - 1) * inputStep + reach + 1 + taps.length
  let pixels = 1
  while (pixels < 2 * tileRows && held(pixels + 1) <= all) pixels++
  return pixels
}
