/**
 * Dense layers: N batch rows, I inputs, O outputs. Weights are blocked [O/block][I][block] (the last block narrower), so a block of
 * outputs streams through memory once. Tiles are some rows × a block (4 × 8 on WebAssembly, the
 * best shape measured).
 */
import type { Spec } from '../plan/types.ts'
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

/** Runs `body(block, width)` for blocks [begin, end): `width` is a block's, or what the last one has. */
export function blockLoop(
  k: KernelBuilder,
  outputs: number,
  range: Range,
  body: (block: Value, width: number) => void,
): void {
  const whole = Math.floor(outputs / k.block)
  const rest = outputs % k.block
  k.loop(range.begin, k.let(k.imin(range.end, whole)), 1, block => body(block, k.block))
  if (rest) k.when(k.compare('gt', range.end, whole), () => body(k.int(whole), rest))
}

/** y[n, o] = Σ_i x[n, i] · w[i, o] */
export function emitMatmul(k: KernelBuilder, spec: Matmul, rows: Range, blocks: Range): void {
  const { inner, columns } = spec
  const { tileRows } = k.target
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  blockLoop(k, columns, blocks, (block, width) => {
    const lanes = lanesOf(k, width)
    const weights = k.let(
      elementAddress(k, { buffer: spec.weight.buffer, offset: 0, strides: [] }, k.mul(block, k.block * inner)),
    )
    const outputs = lanes.map((_, vector) => epilogue.atChannel(k.add(k.mul(block, k.block), vector * k.lanes)))
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
          const element = k.add(k.mul(k.add(row, r), columns), k.add(k.mul(block, k.block), vector * k.lanes))
          outputs[vector]!.store(element, sum.get, lanes[vector]!)
        }
      }
    }
    const whole = k.let(k.sub(rows.end, k.and(k.sub(rows.end, rows.begin), k.int(tileRows - 1))))
    k.loop(rows.begin, whole, tileRows, tile(tileRows))
    k.loop(whole, rows.end, 1, tile(1))
  })
}
