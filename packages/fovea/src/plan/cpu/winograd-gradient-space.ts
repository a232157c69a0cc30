/** Where the tiles and sums of a Winograd filter gradient lie. As in winograd-space.ts. */
import type { Target } from '../target.ts'
import type { ConvGeometry, TileSize } from '../types.ts'
import { frequencies, slicedTiling } from '../winograd.ts'
import { filterGradBlock } from '../winograd-gradient.ts'
import {
  bandFloats,
  linesAtOnce,
  oddLines,
  pieces,
  planeStride,
  planeTiles,
  spacedOut,
  upTo,
} from './winograd-space.ts'

/**
 * Bytes of transformed tiles worked on at a time by a filter gradient. On every target, and counted in whole fours of channels: where tiles
 * are sorted by kind, those of one part are added up before those of the next, so the parts decide bits.
 */
const GRADIENT_BYTES = 160 << 10

/** Filter gradient of one slice. */
export function filterGradSpace(target: Target, geometry: ConvGeometry, size: TileSize) {
  const { input, output } = geometry
  const [x, dy] = [slicedTiling(geometry, size, 'input'), slicedTiling(geometry, size, 'gradient')]
  const count = frequencies(size)
  const lines = linesAtOnce(GRADIENT_BYTES, x, spacedOut(4, input.channels + output.channels, 16))
  const tiles = planeTiles(target, x, lines)
  const planes = { x: planeStride(target, tiles, input.channels), dy: planeStride(target, tiles, output.channels) }
  const sums = sumsStride(target, input.channels, output.channels)
  const space = pieces(target, {
    band: bandFloats(target, x),
    gradientBand: bandFloats(target, dy),
    tiles: count * planes.x,
    gradientTiles: count * planes.dy,
    sums: count * sums,
  })
  return { x, dy, lines, planes, sumsStride: sums, ...space }
}

/** Floats of one frequency of a transformed filter gradient: [K/block][C, whole register tiles][block]. */
export function sumsStride(target: Target, channels: number, filters: number): number {
  return oddLines(target, Math.ceil(filters / target.block) * sumsOfBlock(target, channels))
}

/** Of a block of filters. */
export function sumsOfBlock({ tileRows, block }: Target, channels: number): number {
  return upTo(tileRows, channels) * block
}

/** Bytes of the sums of one unit of a filter gradient that is taken from the tiles of a whole batch. */
export function filterProductBytes(target: Target, geometry: ConvGeometry, size: TileSize): number {
  const { channels, filters } = filterGradBlock(geometry)
  return frequencies(size) * sumsStride(target, channels, filters) * 4
}
