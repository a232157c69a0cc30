/**
 * Dense layers: N batch rows, I inputs, O outputs. Weights are blocked [O/8][I][8] (the last block narrower), so a block of
 * outputs streams through memory once. Tiles hold 8 accumulators of one vector: 4 × 8, the best shape measured.
 */
import { BLOCK, type Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import type { Value } from './ir.ts'
import { lanesOf } from './lanes.ts'

type Matmul = Extract<Spec, { kind: 'matmul' }>

export interface Range {
  readonly begin: Value
  readonly end: Value
}

/** Runs `body(block, width)` for blocks [begin, end): `width` is 8, or what the last block has. */
export function blockLoop(
  k: KernelBuilder,
  outputs: number,
  range: Range,
  body: (block: Value, width: number) => void,
): void {
  const whole = Math.floor(outputs / BLOCK)
  const rest = outputs % BLOCK
  k.loop(range.begin, k.let(k.imin(range.end, whole)), 1, block => body(block, BLOCK))
  if (rest) k.when(k.compare('gt', range.end, whole), () => body(k.int(whole), rest))
}

/** Rows of the batch in one tile; a power of two. */
const ROWS = 4

/** y[n, o] = Σ_i x[n, i] · w[i, o] */
export function emitMatmul(k: KernelBuilder, spec: Matmul, rows: Range, blocks: Range): void {
  const { inner, columns } = spec
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  blockLoop(k, columns, blocks, (block, width) => {
    const lanes = lanesOf(k, width)
    const weights = k.let(
      elementAddress(k, { buffer: spec.weight.buffer, offset: 0, strides: [] }, k.mul(block, BLOCK * inner)),
    )
    const outputs = lanes.map((_, vector) => epilogue.atChannel(k.add(k.mul(block, BLOCK), vector * k.lanes)))
    const tile = (count: number) => (row: Value) => {
      const x = k.let(elementAddress(k, spec.a, k.mul(row, inner)))
      const sums = Array.from({ length: count }, () => lanes.map(() => k.variable(k.vec(0))))
      k.loop(0, inner * 4, 4, i => {
        const vectors = lanes.map((_, vector) =>
          k.let(k.load('vec', k.add(weights, k.mul(i, width)), vector * k.vectorBytes)),
        )
        for (let r = 0; r < count; r++) {
          const input = k.let(k.splatLoad(k.add(x, i), r * inner * 4))
          for (const [vector, sum] of sums[r]!.entries()) sum.set(k.muladd(vectors[vector]!, input, sum.get))
        }
      })
      for (let r = 0; r < count; r++) {
        for (const [vector, sum] of sums[r]!.entries()) {
          const element = k.add(k.mul(k.add(row, r), columns), k.add(k.mul(block, BLOCK), vector * k.lanes))
          outputs[vector]!.store(element, sum.get, lanes[vector]!)
        }
      }
    }
    const whole = k.let(k.sub(rows.end, k.and(k.sub(rows.end, rows.begin), k.int(ROWS - 1))))
    k.loop(rows.begin, whole, ROWS, tile(ROWS))
    k.loop(whole, rows.end, 1, tile(1))
  })
}
