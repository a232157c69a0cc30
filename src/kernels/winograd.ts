/**
 * Winograd convolutions (forward and input gradient). Slice by slice: some rows of tiles at a time are transformed, multiplied and
 * transformed back, a block of 8 outputs after the other, while everything lies in the core's own cache. Staged, where few tiles meet a
 * large filter: the whole batch is transformed (rows), multiplied frequency by frequency (units) and transformed back (rows).
 */
import { BLOCK, type Spec } from '../plan/types.ts'
import {
  convolutionSpace,
  filterStride,
  frequencies,
  gradientTiling,
  inputTiling,
  planeStride,
  productSpace,
  tileStride,
} from '../plan/winograd.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import { LANES, type Value } from './ir.ts'
import { blockLoop, lanesOf, type Range } from './matmul.ts'
import { emitProduct } from './winograd-product.ts'
import { emitOutputTile, TileReader } from './winograd-tiles.ts'

type Convolution = Extract<Spec, { kind: 'winogradConv' }>
type Tiles = Extract<Spec, { kind: 'winogradTiles' }>
type Product = Extract<Spec, { kind: 'winogradProduct' }>
type Output = Extract<Spec, { kind: 'winogradOutput' }>

export function emitWinogradConv(k: KernelBuilder, spec: Convolution, rows: Range): void {
  const { geometry, size } = spec
  const { input, output } = geometry
  const space = convolutionSpace(geometry, size)
  const { tiling } = space
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const at = (offset: number): Value => k.let(k.add(k.global('scratch'), offset))
  const [tiles, products, temporary] = [at(space.tiles), at(space.products), at(space.rows)]
  const reader = new TileReader(k, tiling, spec.x, at(space.band), 'input')
  const tileBytes = tileStride(input.channels) * 4
  const [planeBytes, productBytes] = [space.plane * 4, space.productPlane * 4]
  const filterBytes = filterStride(input.channels) * 4
  const count = frequencies(size)
  const lastLine = k.let(k.mul(rows.end, tiling.rows))
  k.loop(k.let(k.mul(rows.begin, tiling.rows)), lastLine, space.lines, firstLine => {
    const lines = k.let(k.imin(space.lines, k.sub(lastLine, firstLine)))
    k.loop(0, lines, 1, line =>
      reader.read(
        k.let(k.add(firstLine, line)),
        k.let(k.add(tiles, k.mul(line, tiling.columns * tileBytes))),
        planeBytes,
        tileBytes,
      ),
    )
    const tileCount = k.let(k.mul(lines, tiling.columns))
    blockLoop(
      k,
      output.channels,
      { begin: k.int(0), end: k.int(Math.ceil(output.channels / BLOCK)) },
      (block, width) => {
        const filter = k.let(
          elementAddress(k, { buffer: spec.weight, offset: 0, strides: [] }, k.mul(block, (count * filterBytes) / 4)),
        )
        k.loop(0, count, 1, frequency =>
          emitProduct(
            k,
            { at: k.let(k.add(tiles, k.mul(frequency, planeBytes))), count: tileCount, bytes: tileBytes },
            k.let(k.add(filter, k.mul(frequency, filterBytes))),
            k.let(k.add(products, k.mul(frequency, productBytes))),
            input.channels,
            width,
          ),
        )
        const first = k.let(k.mul(block, BLOCK))
        const epilogues = lanesOf(width).map((_, vector) => epilogue.atChannel(k.add(first, vector * LANES)))
        const product = k.variable(products)
        k.loop(0, lines, 1, index => {
          const line = k.let(k.add(firstLine, index))
          const [row, tileRow] = [k.let(k.div(line, tiling.rows)), k.let(k.rem(line, tiling.rows))]
          k.loop(0, tiling.columns, 1, tileColumn => {
            const tile = { row, tileRow, tileColumn }
            emitOutputTile(k, size, output, product.get, productBytes, temporary, tile, first, epilogues, width)
            product.set(k.add(product.get, BLOCK * 4))
          })
        })
      },
    )
  })
}

/** Tiles of pictures [begin, end) into planes that hold those of the whole batch. */
export function emitWinogradTiles(k: KernelBuilder, spec: Tiles, rows: Range): void {
  const { geometry, size } = spec
  const tiling = spec.side === 'input' ? inputTiling(geometry, size) : gradientTiling(geometry, size)
  const reader = new TileReader(k, tiling, spec.x, k.let(k.global('scratch')), spec.side)
  const { channels } = tiling.picture
  const planeBytes = planeStride(spec.pictures * tiling.rows * tiling.columns, channels) * 4
  const lineFloats = tiling.columns * tileStride(channels)
  k.loop(k.let(k.mul(rows.begin, tiling.rows)), k.let(k.mul(rows.end, tiling.rows)), 1, line => {
    const target = k.let(elementAddress(k, { buffer: spec.to, offset: 0, strides: [] }, k.mul(line, lineFloats)))
    reader.read(line, target, planeBytes, tileStride(channels) * 4)
  })
}

/** Units are frequencies. `tiles`: real ones, of the whole batch. */
export function emitWinogradProduct(k: KernelBuilder, spec: Product, tiles: Value, units: Range): void {
  const { geometry, size } = spec
  const [channels, filters] = [geometry.input.channels, geometry.output.channels]
  const { rows, columns } = inputTiling(geometry, size)
  const all = spec.pictures * rows * columns
  const count = frequencies(size)
  const plane = planeStride(all, channels)
  const product = productSpace(all, filters, size).plane
  const start = (buffer: Product['from'], element: Value): Value =>
    k.let(elementAddress(k, { buffer, offset: 0, strides: [] }, element))
  k.loop(units.begin, units.end, 1, frequency => {
    const x = start(spec.from, k.mul(frequency, plane))
    blockLoop(k, filters, { begin: k.int(0), end: k.int(Math.ceil(filters / BLOCK)) }, (block, width) => {
      const index = k.let(k.add(k.mul(block, count), frequency))
      const filter = start(spec.weight, k.mul(index, filterStride(channels)))
      const to = start(spec.to, k.mul(index, product))
      emitProduct(k, { at: x, count: tiles, bytes: tileStride(channels) * 4 }, filter, to, channels, width)
    })
  })
}

export function emitWinogradOutput(k: KernelBuilder, spec: Output, rows: Range): void {
  const { geometry, size } = spec
  const { output } = geometry
  const tiling = inputTiling(geometry, size)
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const temporary = k.let(k.global('scratch'))
  const { plane } = productSpace(spec.pictures * tiling.rows * tiling.columns, output.channels, size)
  blockLoop(k, output.channels, { begin: k.int(0), end: k.int(Math.ceil(output.channels / BLOCK)) }, (block, width) => {
    const first = k.let(k.mul(block, BLOCK))
    const epilogues = lanesOf(width).map((_, vector) => epilogue.atChannel(k.add(first, vector * LANES)))
    const start = k.let(
      elementAddress(k, { buffer: spec.from, offset: 0, strides: [] }, k.mul(block, frequencies(size) * plane)),
    )
    k.loop(k.let(k.mul(rows.begin, tiling.rows)), k.let(k.mul(rows.end, tiling.rows)), 1, line => {
      const [row, tileRow] = [k.let(k.div(line, tiling.rows)), k.let(k.rem(line, tiling.rows))]
      const product = k.variable(k.add(start, k.mul(line, tiling.columns * BLOCK * 4)))
      k.loop(0, tiling.columns, 1, tileColumn => {
        const tile = { row, tileRow, tileColumn }
        emitOutputTile(k, size, output, product.get, plane * 4, temporary, tile, first, epilogues, width)
        product.set(k.add(product.get, BLOCK * 4))
      })
    })
  })
}
