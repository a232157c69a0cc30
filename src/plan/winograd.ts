/**
 * Winograd's minimal filtering for 3×3 filters at stride 1: outputs are computed in tiles of m × m from t × t inputs (t = m + 2) with
 * t² products where the plain sum takes 9 m². In: a convolution's shape. Out: the algorithm, a function of the layer's shape alone, and how
 * tiles, transformed planes and working memory lie. Strides between planes are an odd number of cache lines, so that the t² planes
 * that are written together never fall on the same cache sets.
 * Source: Lavin & Gray, Fast Algorithms for Convolutional Neural Networks (2016).
 */
import { BLOCK, type ConvGeometry, SLICE_ROWS, type TileSide, type TileSize } from './types.ts'

export type Algorithm = 'auto' | 'direct' | 'winograd2' | 'winograd4'

const LINE_FLOATS = 16
/** Bytes of transformed inputs worked on at a time, so that they stay in the core's own cache. */
const WORKING_BYTES = 160 << 10
/** The same for the nearest cache, and at most so many channels of it. */
const PART_BYTES = 32 << 10
const PART_CHANNELS = 256
/** Transformed filters of more elements than this are not read again for every slice: the batch is transformed as a whole. */
const SLICE_FILTER = 9216
/** Channel and filter pairs whose gradients are summed per slice; fewer where a picture has few tiles. */
const SLICE_PAIRS = 8192
const FEW_PAIRS = 1024
const FEW_TILES = 4
/** Slices of this many tiles pay for reading the transformed filter again, whatever its size. */
const MANY_TILES = 128

/** Short tiles cost code and whole pictures at a time: only where they leave at most this share of the products. */
const MIXED_PRODUCTS = 0.9

/** Adding up overlapping tiles costs more than writing whole ones. */
const TRANSPOSED_SAVES = 1.15

/** Sums of fewer channels round more than F(4×4) is allowed to; fewer outputs do not pay for the transforms. */
const LEAST_CHANNELS = 8
/** Real pixels of a tile, on average, from which on F(4×4) is faster (its 36 products are those of 4 pixels). */
const LEAST_PIXELS = 6

/** The tile size, or undefined for the direct algorithm. */
export function winogradSize(algorithm: Algorithm, geometry: ConvGeometry): TileSize | undefined {
  const { size, strides, spread, dilation, groups, input, output } = geometry
  const fits = [...strides, ...spread, ...dilation, groups].every(one => one === 1) && size[0] === 3 && size[1] === 3
  if (!fits || algorithm === 'direct') return undefined
  if (algorithm === 'winograd2') return 2
  if (algorithm === 'winograd4') return 4
  const { rows, columns } = outputTiles(geometry, 4)
  const isFull = output.height * output.width >= LEAST_PIXELS * rows * columns
  return isFull && Math.min(input.channels, output.channels) >= LEAST_CHANNELS ? 4 : undefined
}

/** Transformed as a whole batch, multiplied frequency by frequency: few tiles would read a large filter. */
export function isStaged(geometry: ConvGeometry, size: TileSize, side: TileSide): boolean {
  const { rows, columns } = tilingOf(geometry, size, side)
  return geometry.input.channels * geometry.output.channels > SLICE_FILTER && 4 * rows * columns < MANY_TILES
}

/** Filter gradients summed over the whole batch at once instead of slice by slice: where a slice's own transform back weighs too much. */
export function isSummedAtOnce(geometry: ConvGeometry, size: TileSize): boolean {
  const { rows, columns } = outputTiles(geometry, size)
  const pairs = geometry.input.channels * geometry.output.channels
  return pairs > SLICE_PAIRS || (rows * columns <= FEW_TILES && pairs >= FEW_PAIRS)
}

/** How a picture is cut into overlapping (x) or adjoining (dy) tiles. */
export interface Tiling {
  readonly picture: ConvGeometry['input']
  /** Where picture (0, 0) lies in the tiled plane. */
  readonly origin: readonly [number, number]
  /** Pixels of a tile along each axis, and from tile to tile. */
  readonly points: number
  readonly step: TileSize
  readonly rows: number
  readonly columns: number
  /** How many of them (0 or 1, the last one) make two outputs at four of the six points. */
  readonly shortRows: number
  readonly shortColumns: number
}

function outputTiles({ output }: ConvGeometry, size: TileSize): { rows: number; columns: number } {
  return { rows: Math.ceil(output.height / size), columns: Math.ceil(output.width / size) }
}

/** Tiles of the picture that is read. */
export function tilingOf(geometry: ConvGeometry, size: TileSize, side: TileSide): Tiling {
  const { input, output, origin } = geometry
  const common = { step: size, ...outputTiles(geometry, size), shortRows: 0, shortColumns: 0 }
  return side === 'input'
    ? { ...common, picture: input, origin, points: size + 2 }
    : { ...common, picture: output, origin: [0, 0], points: size }
}

/** Tiles of a convolution done slice by slice: short ones at the end, where that saves enough products. */
function slicedTiling(geometry: ConvGeometry, size: TileSize, side: TileSide): Tiling {
  const tiling = tilingOf(geometry, size, side)
  const { height, width } = geometry.output
  const isShort = (extent: number): number => (size === 4 && extent % 4 > 0 && extent % 4 <= 2 ? 1 : 0)
  const mixed = { ...tiling, shortRows: isShort(height), shortColumns: isShort(width) }
  return productsOf(mixed) <= MIXED_PRODUCTS * productsOf(tiling) ? mixed : tiling
}

export function isMixed({ shortRows, shortColumns }: Tiling): boolean {
  return shortRows + shortColumns > 0
}

/** Products of a picture, a channel and an output. */
function productsOf({ step, rows, columns, shortRows, shortColumns }: Tiling): number {
  return ((step + 2) * rows - 2 * shortRows) * ((step + 2) * columns - 2 * shortColumns)
}

/** The picture that is written. */
export function targetOf(geometry: ConvGeometry, side: TileSide): ConvGeometry['output'] {
  return side === 'input' ? geometry.output : geometry.input
}

/** Whether the input gradient takes clearly fewer products of tiles of dy (`forward`'s output) than of dx. */
export function isTransposed(forward: ConvGeometry, backward: ConvGeometry, size: TileSize): boolean {
  const [dy, dx] = [slicedTiling(forward, size, 'gradient'), slicedTiling(backward, size, 'input')]
  return TRANSPOSED_SAVES * productsOf(dy) <= productsOf(dx)
}

/** Frequencies: products of a tile. */
export function frequencies(size: TileSize): number {
  return (size + 2) ** 2
}

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

/**
 * F(4×4) rounds what the plain sum gets exactly: an output whose whole field is zero. Behind it a relu or a comparison would see
 * ±10⁻⁹ instead of 0 (black borders, before biases have moved), so such outputs of the forward pass are masked.
 */
export function keepsZeros(isForward: boolean, size: TileSize): boolean {
  return isForward && size === 4
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

/** Channels and filters of one unit of a staged filter gradient: large, since a unit reads all tiles of both. */
export function filterGradBlock({ input, output }: ConvGeometry): { channels: number; filters: number } {
  const pairs = input.channels * output.channels
  return { channels: pairs >= 16384 ? 64 : 32, filters: pairs >= 8192 ? 64 : 32 }
}

export function filterGradBlocks(geometry: ConvGeometry): { channels: number; filters: number } {
  const block = filterGradBlock(geometry)
  return {
    channels: Math.ceil(geometry.input.channels / block.channels),
    filters: Math.ceil(geometry.output.channels / block.filters),
  }
}
