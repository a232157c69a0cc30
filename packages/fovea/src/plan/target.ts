/**
 * The machine that code is made for, as data. In a plan for the kernels that are written for it, which ask it and hold no numbers of it
 * themselves. Targets with other vectors are further records.
 */
export interface Target {
  readonly name: string
  /** Floats (and 32-bit integers) of a vector; half as many doubles. */
  readonly lanes: number
  readonly vectorBytes: number
}

/** WebAssembly with 128-bit vectors. */
export const wasm128: Target = { name: 'wasm128', lanes: 4, vectorBytes: 16 }
