/**
 * Depthwise convolution and its input gradient, NHWC, lanes along channels: y[i, j, c] = Σ over taps of x[…, c] · w[r, s, c]. A tile is some
 * pixels of a line × a vector of channels; a turn of its loop takes one row of the window, whose inputs its pixels share. Nothing
 * is padded: which taps meet the picture is decided for a line when it is computed, for a tile when the code is written.
 */
import { type AxisClass, axisClasses, heldAtOnce, type Tap, type TileRun, tileRuns } from '../plan/depthwise.ts'
import { readAndWritten } from '../plan/geometry.ts'
import type { SpecOf } from '../plan/types.ts'
import { addressIn, elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import type { Value } from './ir.ts'
import { vectorLoop } from './nest.ts'
import { type KernelPart, rangesOf } from './part.ts'

export function emitDepthwise(k: KernelBuilder, spec: SpecOf<'depthwise'>, part: KernelPart): void {
  const { geometry, direction } = spec
  const { from, to } = readAndWritten(geometry, direction)
  const { channels } = from
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const lines = axisClasses(geometry, direction, 0)
  const runs = runsOf(k, axisClasses(geometry, direction, 1))
  const weights = addressIn(k, spec.weight, 0)
  /** Bytes of a pixel, of a line of the picture, of a row of the filter. */
  const pixel = channels * 4
  const [lineBytes, rowBytes] = [from.width * pixel, geometry.size[1] * pixel]
  const apart = stepOf(lines)
  /** Rows of the window that lie in the picture; of the first one, the address of its line and of its part of the filter. */
  const [count, line, filterRow] = [k.variable(0), k.variable(0), k.variable(0)]
  const { pictures, lines: outputs } = rangesOf(k, part, spec.cut, { lines: to.height })

  const meetLine = (picture: Value, y: Value, each: AxisClass): void => {
    const position = k.times(k.div(y, each.step), each.inputStep)
    const [begin, end] = tapsMet(k, each, position)
    const first = each.taps[0] ?? { tap: 0, offset: 0 }
    count.set(k.sub(end, begin))
    line.set(k.add(picture, k.mul(k.add(k.add(position, k.mul(begin, apart.offset)), first.offset), lineBytes)))
    filterRow.set(k.add(weights, k.mul(k.add(k.mul(begin, apart.tap), first.tap), rowBytes)))
  }
  const tile = (run: TileRun, outputLine: Value) => (repeat: Value) => {
    const corner = k.plus(line.get, k.mul(k.add(k.mul(repeat, run.apart), run.input), pixel))
    const output = k.plus(outputLine, k.mul(k.add(k.mul(repeat, run.pixels.length), run.first), channels))
    vectorLoop(k, channels, (channel, lanes) => {
      const sums = run.pixels.map(() => k.variable(k.vec(0)))
      const x = k.variable(k.add(corner, k.mul(channel, 4)))
      const w = k.variable(k.add(filterRow.get, k.mul(channel, 4)))
      k.loop(0, count.get, 1, () => {
        const input = loadedOnce(k, x.get, pixel)
        const weight = loadedOnce(k, w.get, pixel)
        for (const [index, sum] of sums.entries())
          for (const { tap, place } of run.pixels[index]!) sum.set(k.muladd(weight(tap), input(place), sum.get))
        x.set(k.add(x.get, apart.offset * lineBytes))
        w.set(k.add(w.get, apart.tap * rowBytes))
      })
      const finished = epilogue.atChannel(channel)
      for (const [index, sum] of sums.entries())
        finished.store(k.add(output, k.add(channel, index * channels)), sum.get, lanes)
    })
  }
  k.loop(pictures.begin, pictures.end, 1, row => {
    const picture = k.let(elementAddress(k, spec.x, k.mul(row, from.height * from.width * channels)))
    k.loop(outputs.begin, outputs.end, 1, y => {
      const [only, ...others] = lines as [AxisClass, ...AxisClass[]]
      if (others.length === 0) meetLine(picture, y, only)
      else
        for (const each of lines)
          k.when(k.compare('eq', k.rem(y, each.step), each.first), () => meetLine(picture, y, each))
      const outputLine = k.times(k.add(k.mul(row, to.height), y), to.width * channels)
      for (const run of runs) k.loop(0, run.repeats, 1, tile(run, outputLine))
    })
  })
}

/** Vectors `bytes` apart, each loaded when it is first asked for. */
export function loadedOnce(k: KernelBuilder, start: Value, bytes: number): (index: number) => Value {
  const loaded = new Map<number, Value>()
  return index => {
    const value = loaded.get(index) ?? k.let(k.load('vec', start, index * bytes))
    loaded.set(index, value)
    return value
  }
}

/** From tap to tap: the same in all classes that have two. */
function stepOf(classes: readonly AxisClass[]): Tap {
  const [first, second] = classes.find(({ taps }) => taps.length > 1)?.taps ?? []
  return first && second ? { tap: second.tap - first.tap, offset: second.offset - first.offset } : { tap: 0, offset: 0 }
}

/** Of an output whose input lies at `position`: taps [begin, end) of its class meet the picture. */
function tapsMet(k: KernelBuilder, { taps, inputs, count, inputStep }: AxisClass, position: Value): [Value, Value] {
  let [begin, end] = [k.int(0), k.int(taps.length)]
  for (const { offset } of taps) {
    if (offset < 0) begin = k.add(begin, k.compare('lt', position, -offset))
    if ((count - 1) * inputStep + offset >= inputs) end = k.sub(end, k.compare('ge', position, inputs - offset))
  }
  return [k.let(begin), k.let(end)]
}

/** In the largest tiles that hold no more vectors than a register tile of a product. */
function runsOf(k: KernelBuilder, columns: readonly AxisClass[]): TileRun[] {
  const { tileRows, block, lanes } = k.target
  const vectors = Math.max(1, block / lanes)
  const most = tileRows * vectors + tileRows + vectors
  let pixels: number = columns.length
  while (pixels < 2 * tileRows && heldAtOnce(columns, pixels + columns.length) <= most) pixels += columns.length
  return tileRuns(columns, pixels)
}
