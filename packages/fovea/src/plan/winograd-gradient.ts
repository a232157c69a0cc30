/** Gradients of Winograd convolutions: the algorithm, a function of the layer's shape alone. (Forward: winograd.ts.) */
import type { ConvGeometry, TileSize } from './types.ts'
import { outputTiles, productsOf, slicedTiling } from './winograd.ts'

/** Channel and filter pairs whose gradients are summed per slice; fewer where a picture has few tiles. */
const SLICE_PAIRS = 8192
const FEW_PAIRS = 1024
const FEW_TILES = 4

/** Adding up overlapping tiles costs more than writing whole ones. */
const TRANSPOSED_SAVES = 1.15

/** Filter gradients summed over the whole batch at once instead of slice by slice: where a slice's own transform back weighs too much. */
export function isSummedAtOnce(geometry: ConvGeometry, size: TileSize): boolean {
  const { rows, columns } = outputTiles(geometry, size)
  const pairs = geometry.input.channels * geometry.output.channels
  return pairs > SLICE_PAIRS || (rows * columns <= FEW_TILES && pairs >= FEW_PAIRS)
}

/** Whether the input gradient takes clearly fewer products of tiles of dy (`forward`'s output) than of dx. */
export function isTransposed(forward: ConvGeometry, backward: ConvGeometry, size: TileSize): boolean {
  const [dy, dx] = [slicedTiling(forward, size, 'gradient'), slicedTiling(backward, size, 'input')]
  return TRANSPOSED_SAVES * productsOf(dy) <= productsOf(dx)
}

/**
 * Channels and filters of one unit of a staged filter gradient: large, since a unit reads all tiles of both. Whole blocks and register
 * tiles of any target.
 */
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
