/**
 * Dense layers: N batch rows, I inputs, O outputs. Weights are blocked [O/block][I][block] (the last block narrower), so a block of
 * outputs streams through memory once. Tiles are some rows × a block (4 × 8 on WebAssembly, the
 * best shape measured).
 */
import type { Target } from '../plan/target.ts'
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

/** Blocks of outputs that a single row takes at a time: as many sums as there are in a row of a panel. */
export const rowBlocks = ({ panelVectors, lanes, block }: Target): number =>
  Math.max(1, Math.floor((panelVectors * lanes) / block))

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

/**
 * y[n, o] = Σ_i x[n, i] · w[i, o]
 *
 * Tiles of several rows take one block of outputs at a time. A row that is left, and the only row of a single picture, takes as many blocks
 * as the registers hold: the sums of one block alone would wait for each other, since each adds up along i.
 */
export function emitMatmul(k: KernelBuilder, spec: Matmul, rows: Range, blocks: Range): void {
  const { inner, columns } = spec
  const { tileRows } = k.target
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const whole = k.let(k.sub(rows.end, k.and(k.sub(rows.end, rows.begin), k.int(tileRows - 1))))

  /** Tiles of `count` rows × the blocks of these widths, from `block` on. */
  function tiles(block: Value, widths: readonly number[], count: number, range: Range): void {
    const weights = k.let(
      elementAddress(k, { buffer: spec.weight.buffer, offset: 0, strides: [] }, k.mul(block, k.block * inner)),
    )
    const vectors = widths.flatMap((width, at) =>
      lanesOf(k, width).map((lanes, vector) => {
        const output = at * k.block + vector * k.lanes
        return { lanes, width, output, offset: at * k.block * inner * 4 + vector * k.vectorBytes }
      }),
    )
    const first = k.let(k.mul(block, k.block))
    const outputs = vectors.map(({ output }) => epilogue.atChannel(k.add(first, output)))
    k.loop(range.begin, range.end, count, row => {
      const x = k.let(elementAddress(k, spec.a, k.mul(row, inner)))
      const sums = Array.from({ length: count }, () => vectors.map(() => k.variable(k.vec(0))))
      k.loop(0, inner * 4, 4, i => {
        const loaded = vectors.map(({ width, offset }) => k.let(k.load('vec', k.add(weights, k.mul(i, width)), offset)))
        for (let r = 0; r < count; r++) {
          const input = k.let(k.splatLoad(k.add(x, i), r * inner * 4))
          for (const [vector, sum] of sums[r]!.entries()) sum.set(k.muladd(loaded[vector]!, input, sum.get))
        }
      })
      for (let r = 0; r < count; r++) {
        for (const [vector, sum] of sums[r]!.entries()) {
          const { lanes, output } = vectors[vector]!
          const element = k.add(k.mul(k.add(row, r), columns), k.add(first, output))
          outputs[vector]!.store(element, sum.get, lanes)
        }
      }
    })
  }

  blockLoop(k, columns, blocks, (block, width) => tiles(block, [width], tileRows, { begin: rows.begin, end: whole }))
  k.when(k.compare('gt', rows.end, whole), () => {
    const left = { begin: whole, end: rows.end }
    const together = rowBlocks(k.target)
    const last = k.let(k.imin(blocks.end, Math.floor(columns / k.block)))
    const alone = k.let(k.sub(last, k.rem(k.sub(last, blocks.begin), together)))
    k.loop(blocks.begin, alone, together, block => tiles(block, new Array<number>(together).fill(k.block), 1, left))
    blockLoop(k, columns, { begin: alone, end: blocks.end }, (block, width) => tiles(block, [width], 1, left))
  })
}
