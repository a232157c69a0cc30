/**
 * Winograd's minimal filtering for 3×3 filters at stride 1: outputs are computed in tiles of m × m from t × t inputs (t = m + 2) with
 * t² products where the plain sum takes 9 m². In: a convolution's shape. Out: the algorithm, a function of the layer's shape alone, and how
 * pictures are cut into tiles. Where tiles lie in memory is in cpu/winograd-space.ts.
 * Source: Lavin & Gray, Fast Algorithms for Convolutional Neural Networks (2016).
 */
import { type ConvGeometry, SLICE_ROWS, type TileSide, type TileSize } from './types.ts'

export type Algorithm = 'auto' | 'direct' | 'winograd2' | 'winograd4'

/** Transformed filters of more elements than this are not read again for every slice: the batch is transformed as a whole. */
const SLICE_FILTER = 9216
/** Slices of this many tiles pay for reading the transformed filter again, whatever its size. */
const MANY_TILES = 128

/** Short tiles cost code and whole pictures at a time: only where they leave at most this share of the products. */
const MIXED_PRODUCTS = 0.9

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
  return geometry.input.channels * geometry.output.channels > SLICE_FILTER && SLICE_ROWS * rows * columns < MANY_TILES
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

export function outputTiles({ output }: ConvGeometry, size: TileSize): { rows: number; columns: number } {
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
export function slicedTiling(geometry: ConvGeometry, size: TileSize, side: TileSide): Tiling {
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
export function productsOf({ step, rows, columns, shortRows, shortColumns }: Tiling): number {
  return ((step + 2) * rows - 2 * shortRows) * ((step + 2) * columns - 2 * shortColumns)
}

/** The picture that is written. */
export function tileOutput(geometry: ConvGeometry, side: TileSide): ConvGeometry['output'] {
  return side === 'input' ? geometry.output : geometry.input
}

/** Frequencies: products of a tile. */
export function frequencies(size: TileSize): number {
  return (size + 2) ** 2
}

/**
 * F(4×4) rounds what the plain sum gets exactly: an output whose whole field is zero. Behind it a relu or a comparison would see
 * ±10⁻⁹ instead of 0 (black borders, before biases have moved), so such outputs of the forward pass are masked.
 */
export function keepsZeros(isForward: boolean, size: TileSize): boolean {
  return isForward && size === 4
}
