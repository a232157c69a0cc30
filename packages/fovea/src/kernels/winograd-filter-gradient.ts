/**
 * Winograd filter gradients: dU[frequency][c][k] = Σ over tiles of transformed x · transformed dy, then dw = Gᵀ dU G. Slice by slice,
 * each slice's dw a section to be added in order; or, for large filters, from the transformed whole batch, a block of channels and filters
 * a unit. Tiles are added in order either way.
 */

import { filterGradSpace, sumsOfBlock, sumsStride } from '../plan/cpu/winograd-gradient-space.ts'
import { planeStride, tileStride } from '../plan/cpu/winograd-space.ts'
import type { Spec, TileSize } from '../plan/types.ts'
import { frequencies, tilingOf } from '../plan/winograd.ts'
import { filterGradBlock, filterGradBlocks } from '../plan/winograd-gradient.ts'
import { addressIn, elementAddress } from './address.ts'
import type { KernelBuilder, Operand } from './builder.ts'
import type { Value } from './ir.ts'
import { lanesOf, lanesOfBlock } from './lanes.ts'
import { blockLoop, type Range } from './matmul.ts'
import { gradientTransforms } from './winograd-gradient-transforms.ts'
import { gradientTiles } from './winograd-input-gradient.ts'
import { TileOrder } from './winograd-order.ts'
import { inputTiles, TileReader } from './winograd-tiles.ts'

type FilterGrad = Extract<Spec, { kind: 'winogradFilterGrad' }>
type FilterProduct = Extract<Spec, { kind: 'winogradFilterProduct' }>

/** One slice, into the section at element offset `section`. */
export function emitWinogradFilterGrad(k: KernelBuilder, spec: FilterGrad, rows: Range, section: Value): void {
  const { geometry, size } = spec
  const { input, output } = geometry
  const space = filterGradSpace(k.target, geometry, size)
  const count = frequencies(size)
  const at = (offset: number): Value => k.plus(k.global('scratch'), offset)
  const [tiles, gradients, sums] = [at(space.tiles), at(space.gradientTiles), at(space.sums)]
  const x = new TileReader(k, space.x, spec.x, at(space.band), inputTiles)
  const dy = new TileReader(k, space.dy, spec.dy, at(space.gradientBand), gradientTiles)
  const [tileBytes, gradientBytes] = [
    tileStride(k.target, input.channels) * 4,
    tileStride(k.target, output.channels) * 4,
  ]
  const sumsBytes = space.sumsStride * 4
  clear(k, sums, count * sumsBytes)
  const lastLine = k.times(rows.end, space.x.rows)
  k.loop(k.times(rows.begin, space.x.rows), lastLine, space.lines, firstLine => {
    const endLine = k.let(k.imin(k.add(firstLine, space.lines), lastLine))
    const order = new TileOrder(k, space.x, firstLine, endLine)
    k.loop(firstLine, endLine, 1, line => {
      const place = (start: Value, bytes: number) => (isShortRow: boolean, isShortColumn: boolean) =>
        k.plus(start, k.mul(order.at(line, isShortRow, isShortColumn), bytes))
      x.read(line, place(tiles, tileBytes), space.planes.x * 4, tileBytes)
      dy.read(line, place(gradients, gradientBytes), space.planes.dy * 4, gradientBytes)
    })
    k.loop(0, count, 1, frequency => {
      const range = order.range(frequency)
      const plane = (start: Value, bytes: number, each: number): Value =>
        k.plus(k.add(start, k.mul(frequency, bytes)), k.mul(range.first, each))
      const [xPlane, dyPlane, sumsPlane] = [
        plane(tiles, space.planes.x * 4, tileBytes),
        plane(gradients, space.planes.dy * 4, gradientBytes),
        k.plus(sums, k.mul(frequency, sumsBytes)),
      ]
      const channels = { count: input.channels, most: input.channels }
      emitSums(k, xPlane, tileBytes, dyPlane, gradientBytes, range.count, sumsPlane, channels, output.channels)
    })
  })
  storeTaps(k, spec, sums, sumsBytes, section, {
    channels: { first: k.int(0), count: k.int(input.channels), most: input.channels },
    firstFilter: 0,
    filters: output.channels,
  })
}

/** All blocks of one frequency. */
function emitSums(
  k: KernelBuilder,
  x: Value,
  xBytes: number,
  dy: Value,
  dyBytes: number,
  count: Value,
  sums: Value,
  channels: { count: Operand; most: number },
  filters: number,
  isFirst = false,
): void {
  const blockBytes = sumsOfBlock(k.target, channels.most) * 4
  blockLoop(k, filters, { begin: k.int(0), end: k.int(Math.ceil(filters / k.block)) }, (block, width) => {
    const gradient = k.plus(dy, k.mul(block, k.block * 4))
    const target = k.plus(sums, k.mul(block, blockBytes))
    k.loop(0, k.mul(channels.count, 4), k.target.tileRows * 4, channel =>
      emitGradientProduct(
        k,
        { at: k.plus(x, channel), bytes: xBytes },
        { at: gradient, bytes: dyBytes },
        count,
        k.plus(target, k.mul(channel, k.block)),
        width,
        isFirst,
      ),
    )
  })
}

function clear(k: KernelBuilder, at: Value, bytes: number): void {
  k.loop(0, bytes, k.vectorBytes, offset => k.store(k.add(at, offset), k.vec(0)))
}

/** The taps of channels and filters whose sums lie at `sums`, [K/block][C, whole register tiles][block] per frequency, to the result. */
function storeTaps(
  k: KernelBuilder,
  spec: FilterGrad | FilterProduct,
  sums: Value,
  sumsBytes: number,
  section: Value,
  part: {
    channels: { first: Value; count: Value; most: number }
    firstFilter: Value | number
    filters: number
  },
): void {
  const { input, output } = spec.geometry
  const { access } = spec.epilogue.results[0]!
  const blockBytes = sumsOfBlock(k.target, part.channels.most) * 4
  blockLoop(k, part.filters, { begin: k.int(0), end: k.int(Math.ceil(part.filters / k.block)) }, (block, width) => {
    const lanes = lanesOf(k, width)
    const filter = k.plus(k.mul(block, k.block), part.firstFilter)
    const from = k.plus(sums, k.mul(block, blockBytes))
    const [start, step] =
      spec.layout === 'blocked' ? [k.mul(filter, 9 * input.channels), width] : [filter, output.channels]
    const tapBytes = input.channels * step * 4
    const to = k.let(elementAddress(k, access, k.add(section, k.add(start, k.mul(part.channels.first, step)))))
    k.loop(0, part.channels.count, 1, channel => {
      const source = k.plus(from, k.mul(channel, k.block * 4))
      const target = k.plus(to, k.mul(channel, step * 4))
      for (const [vector, count] of lanes.entries()) {
        filterGradientTaps(k, spec.size, k.plus(source, vector * k.vectorBytes), sumsBytes, (row, values) => {
          const at = k.plus(target, k.mul(row, 3 * tapBytes))
          for (const [tap, value] of values.entries())
            k.store(at, value, tap * tapBytes + vector * k.vectorBytes, count)
        })
      }
    })
  })
}

/** Units: blocks of channels × blocks of filters; `tiles`: real ones of the whole batch, already transformed. */
export function emitWinogradFilterProduct(k: KernelBuilder, spec: FilterProduct, tiles: Value, units: Range): void {
  const { geometry, size } = spec
  const { input, output } = geometry
  const { rows, columns } = tilingOf(geometry, size, 'input')
  const block = filterGradBlock(geometry)
  const blocks = filterGradBlocks(geometry)
  const count = frequencies(size)
  const most = k.target.winograd.tiles
  const all = spec.pictures * rows * columns
  const planes = { x: planeStride(k.target, all, input.channels), dy: planeStride(k.target, all, output.channels) }
  const [xBytes, dyBytes] = [tileStride(k.target, input.channels) * 4, tileStride(k.target, output.channels) * 4]
  const sums = k.let(k.global('scratch'))
  const sumsBytes = sumsStride(k.target, block.channels, block.filters) * 4
  k.loop(units.begin, units.end, 1, unit => {
    const firstChannel = k.times(k.rem(unit, blocks.channels), block.channels)
    const channels = k.let(k.imin(block.channels, k.sub(k.int(input.channels), firstChannel)))
    const filterBlock = k.let(k.div(unit, blocks.channels))
    const firstFilter = k.times(filterBlock, block.filters)
    const part = (filters: number): void => {
      k.loop(0, count, 1, frequency => {
        const x = addressIn(k, spec.xTiles, k.add(k.mul(frequency, planes.x), firstChannel))
        const dy = addressIn(k, spec.dyTiles, k.add(k.mul(frequency, planes.dy), firstFilter))
        const plane = k.plus(sums, k.mul(frequency, sumsBytes))
        const sumUp = (tile: Value, isFirst: boolean): void => {
          const some = k.let(k.imin(most, k.sub(tiles, tile)))
          const [xAt, dyAt] = [k.plus(x, k.mul(tile, xBytes)), k.plus(dy, k.mul(tile, dyBytes))]
          const part = { count: channels, most: block.channels }
          emitSums(k, xAt, xBytes, dyAt, dyBytes, some, plane, part, filters, isFirst)
        }
        sumUp(k.int(0), true)
        if (all > most) k.loop(most, tiles, most, tile => sumUp(tile, false))
      })
      storeTaps(k, spec, sums, sumsBytes, k.int(0), {
        channels: { first: firstChannel, count: channels, most: block.channels },
        firstFilter,
        filters,
      })
    }
    const rest = output.channels % block.filters
    if (rest === 0) part(block.filters)
    else
      k.when(
        k.compare('eq', filterBlock, blocks.filters - 1),
        () => part(rest),
        () => part(block.filters),
      )
  })
}

interface Stream {
  /** Address of the first tile's first element. */
  readonly at: Value
  /** Bytes from tile to tile. */
  readonly bytes: number
}

/** sums[c, block] += Σ_tile x[tile, c] · dy[tile, block], tile by tile in order, for some channels; the first tiles of all begin with 0. */
function emitGradientProduct(
  k: KernelBuilder,
  x: Stream,
  dy: Stream,
  count: Value,
  sums: Value,
  width: number,
  isFirst: boolean,
): void {
  const lanes = lanesOf(k, width)
  const held = Array.from({ length: k.target.tileRows }, (_, channel) =>
    lanes.map((_, vector) =>
      k.variable(isFirst ? k.vec(0) : k.load('vec', sums, channel * k.block * 4 + vector * k.vectorBytes)),
    ),
  )
  const from = k.variable(x.at)
  k.loop(dy.at, k.plus(dy.at, k.mul(count, dy.bytes)), dy.bytes, gradient => {
    const vectors = lanes.map((_, vector) => k.let(k.load('vec', gradient, vector * k.vectorBytes)))
    for (const [channel, sum] of held.entries()) {
      const value = k.let(k.splatLoad(from.get, channel * 4))
      k.addProducts(sum, vectors, value)
    }
    from.set(k.add(from.get, x.bytes))
  })
  for (const [channel, sum] of held.entries())
    for (const [vector, each] of sum.entries())
      k.store(sums, each.get, channel * k.block * 4 + vector * k.vectorBytes, lanesOfBlock(k))
}

/** dw = Gᵀ dU G of one channel and vector of filters: columns first, in place, then row by row to `store`. */
function filterGradientTaps(
  k: KernelBuilder,
  size: TileSize,
  from: Value,
  planeBytes: number,
  store: (row: Value, values: readonly Value[]) => void,
): void {
  const t = size + 2
  const { filterGradient } = gradientTransforms[size]
  const line = (at: Value, bytes: number): Value[] =>
    filterGradient(
      k,
      Array.from({ length: t }, (_, index) => k.let(k.load('vec', at, index * bytes))),
    )
  k.loop(0, t, 1, j => {
    const column = k.plus(from, k.mul(j, planeBytes))
    for (const [r, value] of line(column, t * planeBytes).entries())
      k.store(column, value, r * t * planeBytes, lanesOfBlock(k))
  })
  k.loop(0, 3, 1, r => store(r, line(k.plus(from, k.mul(r, t * planeBytes)), planeBytes)))
}
