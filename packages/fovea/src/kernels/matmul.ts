/**
 * Dense layers: N batch rows, I inputs, O outputs. Weights are blocked [O/block][I][block] (the last block narrower), so a block of
 * outputs streams through memory once. Tiles are some rows × a block (4 × 8 on WebAssembly, the
 * best shape measured).
 */
import type { Spec } from '../plan/types.ts'
import { addressIn, elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import type { Value } from './ir.ts'
import { lanesOf } from './lanes.ts'
import { multiplyTile, tileSums } from './register-tile.ts'

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

/** The same with the widths of as many blocks at a time as a single row takes: their sums are those of a row of a panel. */
export function someBlocksLoop(
  k: KernelBuilder,
  outputs: number,
  { begin, end }: Range,
  body: (block: Value, widths: readonly number[]) => void,
): void {
  const together = Math.floor((k.target.panelVectors * k.lanes) / k.block) || 1
  const whole = k.let(k.imin(end, Math.floor(outputs / k.block)))
  const rest = k.let(k.sub(whole, k.rem(k.sub(whole, begin), together)))
  k.loop(begin, rest, together, block => body(block, new Array<number>(together).fill(k.block)))
  blockLoop(k, outputs, { begin: rest, end }, (block, width) => body(block, [width]))
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
    const weights = addressIn(k, spec.weight.buffer, k.mul(block, k.block * inner))
    const vectors = widths.flatMap((width, at) =>
      lanesOf(k, width).map((lanes, vector) => {
        const output = at * k.block + vector * k.lanes
        return { lanes, output, offset: at * k.block * inner * 4 + vector * k.vectorBytes }
      }),
    )
    const first = k.times(block, k.block)
    const outputs = vectors.map(({ output }) => epilogue.atChannel(k.add(first, output)))
    k.loop(range.begin, range.end, count, row => {
      const x = k.let(elementAddress(k, spec.a, k.mul(row, inner)))
      const register = { x, weights, rowBytes: inner * 4, width: widths[0]!, vectors: vectors.map(each => each.offset) }
      const sums = tileSums(k, count, register)
      multiplyTile(k, register, sums, 0, inner * 4)
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
    someBlocksLoop(k, columns, blocks, (block, widths) => tiles(block, widths, 1, left))
  })
}
