/**
 * The machine that code is made for, as data. The plan's passes that know a machine (docs/architecture.md lists them) and the kernels ask it
 * and hold no number of it themselves. None of its numbers decides a bit, but for `block`: the sum over a whole weight takes its numbers
 * in the order they lie. What does decide bits (SLICE_ROWS, MAP_UNIT, SUM_LANES, which algorithm a shape gets) is the same for all targets.
 */
export interface Target {
  readonly name: string
  /** Floats (and 32-bit integers) of a vector; half as many doubles. A multiple of SUM_LANES, a power of two. */
  readonly lanes: number
  readonly vectorBytes: number
  /** Outputs of a weight that lie together: a blocked weight is [O/block][I][block]. A power of two, at most 32. */
  readonly block: number
  /** Rows of a register tile: samples, pixels, Winograd tiles or channels, each with a block of outputs. A power of two. */
  readonly tileRows: number
  /** Vectors of sums that a loop without a tile carries. */
  readonly carried: number
  /** Vectors of a row of the panel that a dense gradient multiplies lists with. */
  readonly panelVectors: number
  readonly cache: {
    /** Bytes of a line; whole vectors. */
    readonly line: number
    /** Bytes of the nearest cache that what is used again may take. */
    readonly near: number
    /** Bytes of the core's own cache that what is used again may take. */
    readonly own: number
    /** Bytes from which on a tensor comes from beyond the core's own cache. */
    readonly far: number
  }
  readonly dense: {
    /** Weights up to which every slice of rows reads them all; more of them are split by outputs, and stream once. */
    readonly weightsOfSlice: number
    /** Input gradient: outputs gathered into a panel, rows of the batch whose sums are kept. */
    readonly outputs: number
    readonly rows: number
    /** Weight gradient: most inputs and outputs of one unit, rows of the batch listed at a time. Multiples of panels and blocks. */
    readonly tile: number
    readonly tileRows: number
  }
  /** Operations of convolutions that one thread has done before others help: of a kernel, before a barrier; of a step, before they are awake. */
  readonly alone: { readonly kernel: number; readonly step: number }
  readonly winograd: {
    /** Most channels multiplied before the next ones. */
    readonly channels: number
    /** Tiles of one frequency whose products are added to a filter gradient at a time. */
    readonly tiles: number
  }
}

/**
 * Lanes of a sum across vectors, on every target: element i is added to lane i modulo 4, and the four are joined in a fixed tree. Vectors
 * of more lanes are added four by four, in order.
 */
export const SUM_LANES = 4

/** WebAssembly with 128-bit vectors: of 16 registers a tile takes 8 for sums, 6 for operands and one for a product. */
export const wasm128: Target = {
  name: 'wasm128',
  lanes: 4,
  vectorBytes: 16,
  block: 8,
  tileRows: 4,
  carried: 4,
  panelVectors: 6,
  cache: { line: 64, near: 32 << 10, own: 160 << 10, far: 4 << 20 },
  dense: { weightsOfSlice: 32768, outputs: 128, rows: 128, tile: 96, tileRows: 64 },
  // Some microseconds; half a millisecond.
  alone: { kernel: 1 << 18, step: 20e6 },
  winograd: { channels: 256, tiles: 128 },
}
