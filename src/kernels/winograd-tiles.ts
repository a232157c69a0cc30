/**
 * Between pictures and transformed tiles. In: one row of tiles goes through the transform down its columns as whole lines (lanes along
 * width × channels, what two tiles share is done once, padding is a line of zeros), then along its rows, tile by tile, into the planes
 * [frequency][tile][channel]. Out: a tile's products of 8 outputs, back to pixels; only real ones are finished and stored.
 */
import type { Access, ConvGeometry, TileSize } from '../plan/types.ts'
import { bandStride, type Tiling } from '../plan/winograd.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { ChannelEpilogue } from './epilogue.ts'
import { LANES, type Value } from './ir.ts'
import { lanesOf } from './matmul.ts'
import { vectorLoop } from './nest.ts'
import { type Transform, transforms } from './winograd-transforms.ts'

/** A picture's tiles on their way to the planes. */
export class TileReader {
  private readonly k: KernelBuilder
  private readonly tiling: Tiling
  private readonly access: Access
  private readonly transform: Transform
  /** t lines of a transformed tile row, then one of zeros. */
  private readonly band: Value
  private readonly bandBytes: number

  /** Clears what stays zero; call once, before any loop. `band`: address of working memory. */
  constructor(k: KernelBuilder, tiling: Tiling, access: Access, band: Value, kind: 'input' | 'gradient') {
    this.k = k
    this.tiling = tiling
    this.access = access
    this.transform = transforms[tiling.step][kind]
    this.band = band
    this.bandBytes = bandStride(tiling) * 4
    k.loop(0, (tiling.step + 3) * this.bandBytes, 16, offset => k.store(k.add(band, offset), k.vec(0)))
  }

  /** Tile row `line`, counted over all pictures; its first tile goes to `target` and on, planes `planeBytes` apart. */
  read(line: Value, target: Value, planeBytes: number, tileBytes: number): void {
    const { k } = this
    const { picture, points, step, rows, columns } = this.tiling
    const { height, width, channels } = picture
    const [first, last] = this.columnsInside()
    const start = k.let(elementAddress(k, this.access, k.mul(k.div(line, rows), height * width * channels)))
    const top = k.let(k.sub(k.mul(k.rem(line, rows), step), this.tiling.origin[0]))
    const zeros = k.let(k.add(this.band, (step + 2) * this.bandBytes))
    const sources = Array.from({ length: points }, (_, r) => {
      const y = k.let(k.add(top, r))
      const inside = k.and(k.compare('ge', y, 0), k.compare('lt', y, height))
      return k.let(k.select(inside, k.add(start, k.mul(k.add(k.mul(y, width), first), channels * 4)), zeros))
    })
    const line0 = k.let(k.add(this.band, (first + this.tiling.origin[1]) * channels * 4))
    vectorLoop(k, (last - first) * channels, (index, lanes) => {
      const offset = k.let(k.mul(index, 4))
      const loaded = sources.map(source => k.let(k.load('vec', k.add(source, offset))))
      const at = k.let(k.add(line0, offset))
      for (const [i, value] of this.transform(k, loaded).entries()) k.store(at, value, i * this.bandBytes, lanes)
    })
    k.loop(0, columns, 1, column => {
      const from = k.let(k.add(this.band, k.mul(column, step * channels * 4)))
      const to = k.let(k.add(target, k.mul(column, tileBytes)))
      k.loop(0, channels * 4, LANES * 4, channel => {
        const source = k.let(k.add(from, channel))
        const at = k.let(k.add(to, channel))
        k.unroll(step + 2, i => {
          const loaded = Array.from({ length: points }, (_, j) =>
            k.let(k.load('vec', source, i * this.bandBytes + j * channels * 4)),
          )
          const values = this.transform(k, loaded)
          for (const [j, value] of values.entries()) k.store(at, value, (i * (step + 2) + j) * planeBytes)
        })
      })
    })
  }

  /** Columns of the picture that some tile sees. */
  private columnsInside(): [number, number] {
    const { picture, origin, points, step, columns } = this.tiling
    const first = Math.max(0, -origin[1])
    const last = Math.min(picture.width, (columns - 1) * step + points - origin[1])
    return [first, Math.max(first, last)]
  }
}

export interface OutputTile {
  /** Picture of the batch, and the tile's place in it. */
  readonly row: Value
  readonly tileRow: Value
  readonly tileColumn: Value
}

/** Transforms a tile's products (one block of outputs, at `products`) back and stores its pixels. */
export function emitOutputTile(
  k: KernelBuilder,
  size: TileSize,
  output: ConvGeometry['output'],
  products: Value,
  planeBytes: number,
  rows: Value,
  tile: OutputTile,
  firstOutput: Value,
  epilogues: readonly ChannelEpilogue[],
  width: number,
): void {
  const t = size + 2
  const { output: transform } = transforms[size]
  const top = k.let(k.mul(tile.tileRow, size))
  const left = k.let(k.mul(tile.tileColumn, size))
  const height = output.height % size === 0 ? k.int(size) : k.let(k.imin(size, k.sub(k.int(output.height), top)))
  // Pixels every tile has, and those the last one may lack.
  const certain = output.width % size || size
  const isInner = k.let(k.compare('lt', left, output.width - certain))
  const corner = k.let(
    k.add(
      k.mul(k.add(k.mul(k.add(k.mul(tile.row, output.height), top), output.width), left), output.channels),
      firstOutput,
    ),
  )
  for (const [vector, lanes] of lanesOf(width).entries()) {
    k.unroll(t, j => {
      const loaded = Array.from({ length: t }, (_, i) =>
        k.let(k.load('vec', products, (i * t + j) * planeBytes + vector * 16)),
      )
      for (const [y, value] of transform(k, loaded).entries()) k.store(rows, value, (y * t + j) * 16)
    })
    k.loop(0, height, 1, y => {
      const from = k.let(k.add(rows, k.mul(y, t * 16)))
      const values = transform(
        k,
        Array.from({ length: t }, (_, j) => k.let(k.load('vec', from, j * 16))),
      )
      const element = k.let(k.add(k.add(corner, k.mul(y, output.width * output.channels)), vector * LANES))
      const put = (x: number): void => epilogues[vector]!.store(k.add(element, x * output.channels), values[x]!, lanes)
      for (let x = 0; x < certain; x++) put(x)
      if (certain < size)
        k.when(isInner, () => {
          for (let x = certain; x < size; x++) put(x)
        })
    })
  }
}
