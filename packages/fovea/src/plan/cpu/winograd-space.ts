/**
 * Where the tiles, transformed planes and products of a Winograd convolution lie. In: a convolution's shape and its tiles. Out: strides,
 * sizes and offsets. Strides between planes are an odd number of cache lines, so that the t² planes that are written together never
 * fall on the same cache sets.
 */
import type { Target } from '../target.ts'
import { type ConvGeometry, SLICE_ROWS, type TileSide, type TileSize } from '../types.ts'
import { frequencies, isMixed, slicedTiling, type Tiling } from '../winograd.ts'

export const upTo = (multiple: number, floats: number): number => Math.ceil(floats / multiple) * multiple

/** Floats rounded up to an odd number of cache lines. */
export function oddLines({ cache }: Target, floats: number): number {
  const ofLine = cache.line / 4
  return (Math.ceil(floats / ofLine) | 1) * ofLine
}

/** Floats rounded up to whole vectors, and to no large power of two. */
export function spacedOut(lanes: number, floats: number, more: number): number {
  const vectors = upTo(lanes, floats)
  return vectors % 256 === 0 ? vectors + more : vectors
}

/** Floats from tile to tile of a plane. */
export function tileStride({ lanes, cache }: Target, channels: number): number {
  return spacedOut(lanes, channels, cache.line / 4)
}

/** Floats of one plane of `tiles` tiles: products round them up to whole register tiles. */
export function planeStride(target: Target, tiles: number, channels: number): number {
  return oddLines(target, upTo(target.tileRows, tiles) * tileStride(target, channels))
}

/** Floats of one (output block, frequency) of a transformed filter. */
export function filterStride(target: Target, inner: number): number {
  return oddLines(target, inner * target.block)
}

export function filterFloats(target: Target, inner: number, outputs: number, size: TileSize): number {
  return Math.ceil(outputs / target.block) * frequencies(size) * filterStride(target, inner)
}

/** Floats of one line of a tile row after its first transform; a line of zeros is as long. */
export function bandStride(target: Target, { picture, points, step, columns }: Tiling): number {
  const pixels = Math.max(picture.width, (columns - 1) * step + points)
  return oddLines(target, pixels * picture.channels + 2 * target.lanes)
}

export function bandFloats(target: Target, tiling: Tiling): number {
  return (tiling.step + 3) * bandStride(target, tiling)
}

/** Tile rows worked on at a time, with `floats` a tile and frequency: of whole pictures where tiles are sorted by kind. */
export function linesAtOnce(bytes: number, tiling: Tiling, floats: number): number {
  const { step, rows, columns } = tiling
  const tiles = Math.max(16, Math.floor(bytes / (4 * frequencies(step) * floats)))
  const lines = Math.max(1, Math.floor(tiles / columns))
  return isMixed(tiling) ? Math.min(SLICE_ROWS, Math.ceil(lines / rows)) * rows : lines
}

/** Tiles a plane has room for: register tiles may begin anywhere where tiles are sorted by kind. */
export function planeTiles({ tileRows }: Target, tiling: Tiling, lines: number): number {
  return lines * tiling.columns + (isMixed(tiling) ? tileRows - 1 : 0)
}

/** Byte offsets of named pieces of a thread's memory, one behind the other. */
export function pieces<K extends string>(
  target: Target,
  floats: Readonly<Record<K, number>>,
): Readonly<Record<K | 'bytes', number>> {
  const offsets: Record<string, number> = {}
  let bytes = 0
  for (const [name, count] of Object.entries<number>(floats)) {
    offsets[name] = bytes
    bytes += oddLines(target, count) * 4
  }
  return { ...(offsets as Record<K, number>), bytes }
}

/** Integers of one line of pixels that are not zero, with room for whole vectors behind it. */
export function pixelStride(target: Target, { columns, step }: Tiling): number {
  return oddLines(target, columns * step + 2 + 2 * target.lanes)
}

/** Integers of one line of the mask of outputs. */
export function maskStride({ lanes }: Target, { columns, step }: Tiling): number {
  return upTo(lanes, columns * step)
}

function maskFloats(target: Target, tiling: Tiling, lines: number): { pixels: number; mask: number } {
  return {
    pixels: (tiling.step + 2) * pixelStride(target, tiling),
    mask: lines * tiling.step * maskStride(target, tiling),
  }
}

/** Forward and input gradient, slice by slice. */
export function convolutionSpace(target: Target, geometry: ConvGeometry, size: TileSize, side: TileSide) {
  const tiling = slicedTiling(geometry, size, side)
  const { channels } = tiling.picture
  const count = frequencies(size)
  const some = linesAtOnce(target.cache.own, tiling, tileStride(target, channels))
  // Overlapping tiles of a picture are added up at once.
  const lines = side === 'input' ? some : Math.ceil(some / tiling.rows) * tiling.rows
  const tiles = planeTiles(target, tiling, lines)
  const plane = planeStride(target, tiles, channels)
  const productPlane = productStride(target, tiles)
  const space = pieces(target, {
    band: bandFloats(target, tiling),
    tiles: count * plane,
    products: count * productPlane,
    sums: sumFloats(target, tiling, size, side),
    ...maskFloats(target, tiling, lines),
  })
  return { tiling, lines, plane, productPlane, ...space }
}

/** The picture overlapping tiles are added up in: its pixels a line, and floats in all. */
export function sumPicture(
  { block }: Target,
  { rows, columns }: Pick<Tiling, 'rows' | 'columns'>,
  size: TileSize,
): { width: number; floats: number } {
  const width = columns * size + 2
  return { width, floats: (rows * size + 2) * width * block }
}

/** Floats for transforming products back. */
function sumFloats(target: Target, tiling: Tiling, size: TileSize, side: TileSide): number {
  return outputScratch(target) / 4 + (side === 'gradient' ? sumPicture(target, tiling, size).floats : 0)
}

/** Transforming products of a whole batch back, a picture at a time. */
export function outputSpace(target: Target, tiling: Tiling, size: TileSize, side: TileSide) {
  const sums = sumFloats(target, tiling, size, side)
  return pieces(target, { sums, ...maskFloats(target, tiling, tiling.rows) })
}

/** Transforming a whole batch: tiles of all pictures in one plane. */
export function transformSpace(target: Target, tiling: Tiling) {
  return pieces(target, { band: bandFloats(target, tiling) })
}

/** Floats of one plane of products: a block of outputs for each tile. */
function productStride(target: Target, tiles: number): number {
  return oddLines(target, upTo(target.tileRows, tiles) * target.block)
}

/** Floats of all products of a staged convolution, and of one of its planes. */
export function productSpace(
  target: Target,
  tiles: number,
  outputs: number,
  size: TileSize,
): { plane: number; floats: number } {
  const plane = productStride(target, tiles)
  return { plane, floats: Math.ceil(outputs / target.block) * frequencies(size) * plane }
}

/** Channels and tiles multiplied with all filters before the next ones, so that they stay in the nearest cache. */
export function productPart(
  { cache, tileRows, winograd }: Target,
  channels: number,
): { channels: number; tiles: number } {
  const parts = Math.ceil(channels / winograd.channels)
  const some = upTo(4, channels / parts)
  const tiles = Math.floor(cache.near / (4 * tileRows * some)) * tileRows
  return { channels: some, tiles: Math.max(4 * tileRows, tiles) }
}

/** Bytes of a tile's half-transformed products. */
export const outputScratch = ({ vectorBytes }: Target): number => 6 * 6 * vectorBytes

/** Bytes of a half-transformed filter. */
export const halfFilter = ({ vectorBytes }: Target): number => 6 * 3 * vectorBytes

/** With what square pieces of nine taps are turned in. */
export const turnedScratch = (target: Target): number => halfFilter(target) + 9 * target.lanes * target.vectorBytes
