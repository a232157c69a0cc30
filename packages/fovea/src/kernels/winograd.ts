/**
 * Winograd convolutions (forward and input gradient). Slice by slice: some rows of tiles at a time are transformed, multiplied and
 * transformed back, a block of outputs after the other, while everything lies in the core's own cache. Staged, where few tiles meet a
 * large filter: the whole batch is transformed (rows), multiplied frequency by frequency (units) and transformed back (rows).
 */

import {
  convolutionSpace,
  filterStride,
  outputSpace,
  planeStride,
  productPart,
  productSpace,
  tileStride,
} from '../plan/cpu/winograd-space.ts'
import type { Spec } from '../plan/types.ts'
import { frequencies, tileOutput, tilingOf } from '../plan/winograd.ts'
import { addressIn } from './address.ts'
import type { KernelBuilder, Operand } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import type { Value } from './ir.ts'
import { lanesOf } from './lanes.ts'
import { blockLoop, type Range, someBlocksLoop } from './matmul.ts'
import { TileOrder } from './winograd-order.ts'
import { TileWriter } from './winograd-outputs.ts'
import { emitProduct } from './winograd-product.ts'
import { inputTiles, TileReader, type TileRule } from './winograd-tiles.ts'
import { ZeroFields } from './winograd-zeros.ts'

type Convolution = Extract<Spec, { kind: 'winogradConv' }>
type Tiles = Extract<Spec, { kind: 'winogradTiles' }>
type Product = Extract<Spec, { kind: 'winogradProduct' }>
type Output = Extract<Spec, { kind: 'winogradOutput' }>

/** How tiles are read and written: those of x, or of dy (winograd-input-gradient.ts). */
export interface WinogradSide {
  readonly tiles: TileRule
  readonly Writer: typeof TileWriter
}
export const inputSide: WinogradSide = { tiles: inputTiles, Writer: TileWriter }

export function emitWinogradConv(k: KernelBuilder, spec: Convolution, rows: Range, by = inputSide): void {
  const { geometry, size, side } = spec
  const outputs = tileOutput(geometry, side).channels
  const space = convolutionSpace(k.target, geometry, size, side)
  const { tiling } = space
  const { channels } = tiling.picture
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const at = (offset: number): Value => k.plus(k.global('scratch'), offset)
  const [tiles, products] = [at(space.tiles), at(space.products)]
  const reader = new TileReader(k, tiling, spec.x, at(space.band), by.tiles)
  const tileBytes = tileStride(k.target, channels) * 4
  const [planeBytes, productBytes] = [space.plane * 4, space.productPlane * 4]
  const writer = new by.Writer(k, spec, tiling, { planeBytes: productBytes, isFar: false }, at(space.sums))
  const fields = spec.keepsZeros ? new ZeroFields(k, tiling, spec.x, at(space.pixels)) : undefined
  const masks = at(space.mask)
  const filterBytes = filterStride(k.target, channels) * 4
  const count = frequencies(size)
  const lastLine = k.times(rows.end, tiling.rows)
  k.loop(k.times(rows.begin, tiling.rows), lastLine, space.lines, firstLine => {
    const endLine = k.let(k.imin(k.add(firstLine, space.lines), lastLine))
    const order = new TileOrder(k, tiling, firstLine, endLine)
    k.loop(firstLine, endLine, 1, line => {
      const place = (...kind: [boolean, boolean]): Value => k.plus(tiles, k.mul(order.at(line, ...kind), tileBytes))
      reader.read(line, place, planeBytes, tileBytes)
      fields?.mask(line, k.plus(masks, k.mul(k.sub(line, firstLine), fields.lineBytes)))
    })
    forBlocks(k, epilogue, outputs, block => {
      const filter = addressIn(k, spec.weight, k.mul(block.index, (count * filterBytes) / 4))
      k.loop(0, count, 1, frequency => {
        const range = order.range(frequency)
        const x = k.add(k.add(tiles, k.mul(frequency, planeBytes)), k.mul(range.first, tileBytes))
        const to = k.add(k.add(products, k.mul(frequency, productBytes)), k.mul(range.first, k.block * 4))
        emitProduct(
          k,
          { at: k.let(x), begin: 0, end: range.count, bytes: tileBytes },
          { at: k.plus(filter, k.mul(frequency, filterBytes)), channels },
          { at: k.let(to) },
          [block.width],
        )
      })
      writer.write(firstLine, endLine, products, block, fields && { at: masks, first: firstLine })
    })
  })
}

/** Tiles of pictures [begin, end) into planes that hold those of the whole batch. */
export function emitWinogradTiles(k: KernelBuilder, spec: Tiles, rows: Range, by = inputSide): void {
  const tiling = tilingOf(spec.geometry, spec.size, spec.side)
  const reader = new TileReader(k, tiling, spec.x, k.let(k.global('scratch')), by.tiles)
  const { channels } = tiling.picture
  const planeBytes = planeStride(k.target, spec.pictures * tiling.rows * tiling.columns, channels) * 4
  const lineFloats = tiling.columns * tileStride(k.target, channels)
  k.loop(k.times(rows.begin, tiling.rows), k.times(rows.end, tiling.rows), 1, line => {
    const to = addressIn(k, spec.to, k.mul(line, lineFloats))
    reader.read(line, () => to, planeBytes, tileStride(k.target, channels) * 4)
  })
}

/** Units are frequencies. `tiles`: real ones, of the whole batch. */
export function emitWinogradProduct(k: KernelBuilder, spec: Product, tiles: Value, units: Range): void {
  const { geometry, size, side } = spec
  const { rows, columns, picture } = tilingOf(geometry, size, side)
  const { channels } = picture
  const outputs = tileOutput(geometry, side).channels
  const all = spec.pictures * rows * columns
  const count = frequencies(size)
  const plane = planeStride(k.target, all, channels)
  const product = productSpace(k.target, all, outputs, size).plane
  const filterFloats = filterStride(k.target, channels)
  const bytes = tileStride(k.target, channels) * 4
  const part = productPart(k.target, channels)
  const blocks = Math.ceil(outputs / k.block)
  const tilesOf = (frequency: Value, channel: number): Value =>
    addressIn(k, spec.from, k.add(k.mul(frequency, plane), channel))
  const filterOf = (block: Operand, frequency: Value, channel: number): Value =>
    addressIn(k, spec.weight, k.add(k.mul(k.add(k.mul(block, count), frequency), filterFloats), channel * k.block))
  const productsOf = (block: Value, frequency: Value): Value =>
    addressIn(k, spec.to, k.mul(k.add(k.mul(block, count), frequency), product))
  const eachPart = (body: (channel: number, part: { channels: number; continues: boolean }) => void): void => {
    for (let channel = 0; channel < channels; channel += part.channels)
      body(channel, { channels: Math.min(part.channels, channels - channel), continues: channel > 0 })
  }
  // Of the tiles that register tiles leave over, as many as half of one are multiplied by themselves; a small picture has but one.
  const over = k.let(k.and(tiles, k.int(k.target.tileRows - 1)))
  const whole = k.let(k.sub(tiles, k.mul(over, k.compare('le', over, k.target.tileRows / 2))))

  k.loop(units.begin, units.end, 1, frequency => {
    k.loop(0, whole, part.tiles, tile => {
      const some = k.let(k.imin(part.tiles, k.sub(whole, tile)))
      eachPart((channel, common) => {
        const at = k.plus(tilesOf(frequency, channel), k.mul(tile, bytes))
        blockLoop(k, outputs, { begin: k.int(0), end: k.int(blocks) }, (block, width) => {
          const next = filterOf(k.imin(k.add(block, 1), blocks - 1), frequency, channel)
          const filter = { ...common, at: filterOf(block, frequency, channel), next }
          const to = k.plus(productsOf(block, frequency), k.mul(tile, k.block * 4))
          emitProduct(k, { at, begin: 0, end: some, bytes }, filter, { at: to }, [width])
        })
      })
    })
  })
  k.when(k.compare('lt', whole, tiles), () => {
    // A block's filters of all frequencies lie one behind the other: so they come from far memory at its full rate.
    someBlocksLoop(k, outputs, { begin: k.int(0), end: k.int(blocks) }, (block, widths) =>
      k.loop(units.begin, units.end, 1, frequency =>
        eachPart((channel, common) =>
          emitProduct(
            k,
            { at: tilesOf(frequency, channel), begin: whole, end: tiles, bytes },
            { ...common, at: filterOf(block, frequency, channel), apart: count * filterFloats * 4 },
            { at: productsOf(block, frequency), apart: count * product * 4 },
            widths,
            1,
          ),
        ),
      ),
    )
  })
}

export function emitWinogradOutput(k: KernelBuilder, spec: Output, rows: Range, by = inputSide): void {
  const { geometry, size, side } = spec
  const tiling = tilingOf(geometry, size, side)
  const outputs = tileOutput(geometry, side).channels
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const { plane } = productSpace(k.target, spec.pictures * tiling.rows * tiling.columns, outputs, size)
  const space = outputSpace(k.target, tiling, size, side)
  const at = (offset: number): Value => k.plus(k.global('scratch'), offset)
  const writer = new by.Writer(k, spec, tiling, { planeBytes: plane * 4, isFar: true }, at(space.sums))
  const fields = spec.zerosOf && new ZeroFields(k, tiling, spec.zerosOf, at(space.pixels))
  const masks = at(space.mask)
  k.loop(rows.begin, rows.end, 1, row => {
    const first = k.times(row, tiling.rows)
    const end = k.plus(first, tiling.rows)
    if (fields)
      k.loop(first, end, 1, line => fields.mask(line, k.plus(masks, k.mul(k.sub(line, first), fields.lineBytes))))
    forBlocks(k, epilogue, outputs, block => {
      const start = k.add(k.mul(block.index, frequencies(size) * plane), k.mul(first, tiling.columns * k.block))
      writer.write(first, end, addressIn(k, spec.from, start), block, fields && { at: masks, first })
    })
  })
}

function forBlocks(
  k: KernelBuilder,
  epilogue: EpilogueEmitter,
  outputs: number,
  body: (block: Parameters<TileWriter['write']>[3] & { index: Value }) => void,
): void {
  blockLoop(k, outputs, { begin: k.int(0), end: k.int(Math.ceil(outputs / k.block)) }, (index, width) => {
    const first = k.times(index, k.block)
    const epilogues = lanesOf(k, width).map((_, vector) => epilogue.atChannel(k.add(first, vector * k.lanes)))
    body({ index, first, width, epilogues })
  })
}
