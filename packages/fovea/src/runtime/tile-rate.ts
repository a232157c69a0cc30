/**
 * The multiply-add rate of this machine right now: a register tile whose operands come from the nearest cache, written with the
 * kernel builder, so that it is as good as our code can be. What kernels are compared with, and what contraction would gain.
 */
import { KernelBuilder } from '../kernels/builder.ts'
import type { KernelCode } from '../kernels/ir.ts'
import { lanesOf } from '../kernels/lanes.ts'
import { wasm128 } from '../plan/target.ts'
import { encodeModule } from '../targets/wasm/encode.ts'
import { emitFunction } from '../targets/wasm/function.ts'
import { compiledModule } from './wasm/engine-features.ts'

/** Rows and columns of the tile, and products summed in one pass over its operands (24 KB). */
const { tileRows: ROWS, block: COLUMNS } = wasm128
const DEPTH = 512
const INPUTS = 8192
const WEIGHTS = 65536

/** Passes of one call, and pages of memory it needs. */
export const TILE_PASSES = 64
export const TILE_PAGES = 4
export const tileFlops = 2 * ROWS * COLUMNS * DEPTH * TILE_PASSES

/** `tile(passes)`: rows × columns of a product. */
export function tileCode(): KernelCode {
  const k = new KernelBuilder('tile', ['passes'], wasm128)
  const columns = lanesOf(k, COLUMNS)
  const sums = Array.from({ length: ROWS }, () => columns.map(() => k.variable(k.vec(0))))
  k.loop(0, k.parameter('passes'), 1, () => {
    k.loop(0, DEPTH * 4, 4, i => {
      const weights = columns.map((_, vector) =>
        k.let(k.load('vec', k.add(k.int(WEIGHTS), k.mul(i, COLUMNS)), vector * k.vectorBytes)),
      )
      for (const [row, vectors] of sums.entries()) {
        const input = k.let(k.splatLoad(k.add(k.int(INPUTS), i), row * (DEPTH * 4 + 64)))
        for (const [vector, sum] of vectors.entries()) sum.set(k.muladd(weights[vector]!, input, sum.get))
      }
    })
  })
  for (const [index, sum] of sums.flat().entries()) k.store(k.int(1024 + k.vectorBytes * index), sum.get)
  return k.finish()
}

/** FLOP/s of the calling thread, the best of some 100 ms. @param contract with relaxed SIMD, which the engine must know. */
export async function tileRate(now: () => number, contract: boolean): Promise<number> {
  const code = encodeModule({
    functions: [emitFunction(tileCode(), true, { functionIndex: () => 0, globalIndex: () => 0, contract })],
    globals: 1,
    memory: { pages: TILE_PAGES, shared: false },
  })
  const memory = new WebAssembly.Memory({ initial: TILE_PAGES, maximum: TILE_PAGES })
  const module = (await compiledModule(code)) as WebAssembly.Module
  const instance = await WebAssembly.instantiate(module, { fovea: { memory } })
  const tile = instance.exports['tile'] as (passes: number) => void
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < 1000; run++) {
    const started = now()
    tile(TILE_PASSES)
    // The first half lets the engine optimise it.
    if (run >= 500) least = Math.min(least, now() - started)
  }
  return (tileFlops / least) * 1000
}
