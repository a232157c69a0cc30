/**
 * Where the tiles, transformed planes and products of a Winograd convolution lie. In: a convolution's shape and its tiles. Out: strides,
 * sizes and offsets. Strides between planes are an odd number of cache lines, so that the t² planes that are written together never
 * fall on the same cache sets.
 */
import { BLOCK, type ConvGeometry, SLICE_ROWS, type TileSide, type TileSize } from './types.ts'
import { filterGradBlock, frequencies, isMixed, slicedTiling, type Tiling } from './winograd.ts'

const LINE_FLOATS = 16
/** Bytes of transformed inputs worked on at a time, so that they stay in the core's own cache. */
const WORKING_BYTES = 160 << 10
/** The same for the nearest cache, and at most so many channels of it. */
const PART_BYTES = 32 << 10
const PART_CHANNELS = 256

/** Floats rounded up to an odd number of cache lines. */
function oddLines(floats: number): number {
  return (Math.ceil(floats / LINE_FLOATS) | 1) * LINE_FLOATS
}

/** Floats from tile to tile of a plane: whole vectors, and no large power of two. */
export function tileStride(channels: number): number {
  const vectors = Math.ceil(channels / 4) * 4
  return vectors % 256 === 0 ? vectors + LINE_FLOATS : vectors
}

/** Floats of one plane of `tiles` tiles: products round tiles up to fours. */
export function planeStride(tiles: number, channels: number): number {
  return oddLines(Math.ceil(tiles / 4) * 4 * tileStride(channels))
}

/** Floats of one (output block, frequency) of a transformed filter. */
export function filterStride(inner: number): number {
  return oddLines(inner * BLOCK)
}

export function filterFloats(inner: number, outputs: number, size: TileSize): number {
  return Math.ceil(outputs / BLOCK) * frequencies(size) * filterStride(inner)
}

/** Floats of one line of a tile row after its first transform; a line of zeros is as long. */
export function bandStride({ picture, points, step, columns }: Tiling): number {
  return oddLines(Math.max(picture.width, (columns - 1) * step + points) * picture.channels + BLOCK)
}

function bandFloats(tiling: Tiling): number {
  return (tiling.step + 3) * bandStride(tiling)
}

/** Tile rows worked on at a time: of whole pictures where tiles are sorted by kind. */
function linesAtOnce(tiling: Tiling, channels: number): number {
  const { step, rows, columns } = tiling
  const tiles = Math.max(16, Math.floor(WORKING_BYTES / (4 * frequencies(step) * tileStride(channels))))
  const lines = Math.max(1, Math.floor(tiles / columns))
  return isMixed(tiling) ? Math.min(SLICE_ROWS, Math.ceil(lines / rows)) * rows : lines
}

/** Tiles a plane has room for: fours may begin anywhere where tiles are sorted by kind. */
function roomFor(tiling: Tiling, lines: number): number {
  return lines * tiling.columns + (isMixed(tiling) ? 3 : 0)
}

/** Byte offsets of named pieces of a thread's memory, one behind the other. */
function pieces<K extends string>(floats: Readonly<Record<K, number>>): Readonly<Record<K | 'bytes', number>> {
  const offsets: Record<string, number> = {}
  let bytes = 0
  for (const [name, count] of Object.entries<number>(floats)) {
    offsets[name] = bytes
    bytes += oddLines(count) * 4
  }
  return { ...(offsets as Record<K, number>), bytes }
}

/** Integers of one line of pixels that are not zero, with room for whole vectors behind it. */
export function pixelStride({ columns, step }: Tiling): number {
  return oddLines(columns * step + 2 + BLOCK)
}

/** Integers of one line of the mask of outputs. */
export function maskStride({ columns, step }: Tiling): number {
  return Math.ceil((columns * step) / 4) * 4
}

function maskFloats(tiling: Tiling, lines: number): { pixels: number; mask: number } {
  return { pixels: (tiling.step + 2) * pixelStride(tiling), mask: lines * tiling.step * maskStride(tiling) }
}

/** Forward and input gradient, slice by slice. */
export function convolutionSpace(geometry: ConvGeometry, size: TileSize, side: TileSide) {
  const tiling = slicedTiling(geometry, size, side)
  const { channels } = tiling.picture
  const count = frequencies(size)
  const some = linesAtOnce(tiling, channels)
  // Overlapping tiles of a picture are added up at once.
  const lines = side === 'input' ? some : Math.ceil(some / tiling.rows) * tiling.rows
  const tiles = roomFor(tiling, lines)
  const plane = planeStride(tiles, channels)
  const productPlane = oddLines(Math.ceil(tiles / 4) * 4 * BLOCK)
  const space = pieces({
    band: bandFloats(tiling),
    tiles: count * plane,
    products: count * productPlane,
    sums: sumFloats(tiling, size, side),
    ...maskFloats(tiling, lines),
  })
  return { tiling, lines, plane, productPlane, ...space }
}

/** The picture overlapping tiles are added up in: its pixels a line, and floats in all. */
export function sumPicture(
  { rows, columns }: Pick<Tiling, 'rows' | 'columns'>,
  size: TileSize,
): { width: number; floats: number } {
  const width = columns * size + 2
  return { width, floats: (rows * size + 2) * width * BLOCK }
}

/** Floats for transforming products back. */
function sumFloats(tiling: Tiling, size: TileSize, side: TileSide): number {
  return OUTPUT_SCRATCH / 4 + (side === 'gradient' ? sumPicture(tiling, size).floats : 0)
}

/** Transforming products of a whole batch back, a picture at a time. */
export function outputSpace(tiling: Tiling, size: TileSize, side: TileSide) {
  return pieces({ sums: sumFloats(tiling, size, side), ...maskFloats(tiling, tiling.rows) })
}

/** Transforming a whole batch: tiles of all pictures in one plane. */
export function transformSpace(tiling: Tiling) {
  return pieces({ band: bandFloats(tiling) })
}

/** Floats of all products of a staged convolution, and of one of its planes. */
export function productSpace(tiles: number, outputs: number, size: TileSize): { plane: number; floats: number } {
  const plane = oddLines(Math.ceil(tiles / 4) * 4 * BLOCK)
  return { plane, floats: Math.ceil(outputs / BLOCK) * frequencies(size) * plane }
}

/** Channels and tiles multiplied with all filters before the next ones, so that they stay in the nearest cache. */
export function productPart(channels: number): { channels: number; tiles: number } {
  const parts = Math.ceil(channels / PART_CHANNELS)
  const some = Math.ceil(channels / parts / 4) * 4
  return { channels: some, tiles: Math.max(16, Math.floor(PART_BYTES / (16 * some)) * 4) }
}

/** Bytes of a tile's half-transformed products. */
export const OUTPUT_SCRATCH = 6 * 6 * 16

/** Bytes of a half-transformed filter. */
export const HALF_FILTER = 6 * 3 * 16

/** With what 4 × 4 pieces of nine taps are turned in. */
export const TURNED_SCRATCH = HALF_FILTER + 9 * 4 * 16

/** Filter gradient of one slice. */
export function filterGradSpace(geometry: ConvGeometry, size: TileSize) {
  const { input, output } = geometry
  const [x, dy] = [slicedTiling(geometry, size, 'input'), slicedTiling(geometry, size, 'gradient')]
  const count = frequencies(size)
  const lines = linesAtOnce(x, input.channels + output.channels)
  const tiles = roomFor(x, lines)
  const planes = { x: planeStride(tiles, input.channels), dy: planeStride(tiles, output.channels) }
  const sums = sumsStride(input.channels, output.channels)
  const space = pieces({
    band: bandFloats(x),
    gradientBand: bandFloats(dy),
    tiles: count * planes.x,
    gradientTiles: count * planes.dy,
    sums: count * sums,
  })
  return { x, dy, lines, planes, sumsStride: sums, ...space }
}

/** Floats of one frequency of a transformed filter gradient: [K/8][C, whole fours][8]. */
export function sumsStride(channels: number, filters: number): number {
  return oddLines(Math.ceil(filters / BLOCK) * Math.ceil(channels / 4) * 4 * BLOCK)
}

/** Bytes of the sums of one unit of a filter gradient that is taken from the tiles of a whole batch. */
export function filterProductBytes(geometry: ConvGeometry, size: TileSize): number {
  const { channels, filters } = filterGradBlock(geometry)
  return frequencies(size) * sumsStride(channels, filters) * 4
}
