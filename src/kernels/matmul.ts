/**
 * Dense layers: N batch rows, I inputs, O outputs. Weights are blocked [O/8][I][8] (the last block narrower), so a block of
 * outputs streams through memory once. Tiles hold 8 accumulators of one vector: 4 × 8, the best shape measured.
 */
import { BLOCK, type Spec } from '../plan/types.ts'
import { INPUT_UNIT, transposedRows } from '../plan/workspace.ts'
import { elementAddress, startOf } from './address.ts'
import type { KernelBuilder, Variable } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import { LANES, type Value } from './ir.ts'

type Matmul = Extract<Spec, { kind: 'matmul' }>
type InputGrad = Extract<Spec, { kind: 'matmulInputGrad' }>
type WeightGrad = Extract<Spec, { kind: 'matmulWeightGrad' }>

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

/** Lanes of each vector that covers `width` elements. */
export function lanesOf(width: number): number[] {
  return Array.from({ length: Math.ceil(width / LANES) }, (_, vector) => Math.min(LANES, width - vector * LANES))
}

/** y[n, o] = Σ_i x[n, i] · w[i, o] */
export function emitMatmul(k: KernelBuilder, spec: Matmul, rows: Range, blocks: Range): void {
  const { inner, columns } = spec
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  blockLoop(k, columns, blocks, (block, width) => {
    const lanes = lanesOf(width)
    const weights = k.let(
      elementAddress(k, { buffer: spec.weight.buffer, offset: 0, strides: [] }, k.mul(block, BLOCK * inner)),
    )
    const outputs = lanes.map((_, vector) => epilogue.atChannel(k.add(k.mul(block, BLOCK), vector * LANES)))
    const tile = (count: number) => (row: Value) => {
      const x = k.let(elementAddress(k, spec.a, k.mul(row, inner)))
      const sums = Array.from({ length: count }, () => lanes.map(() => k.variable(k.vec(0))))
      k.loop(0, inner * 4, 4, i => {
        const vectors = lanes.map((_, vector) => k.let(k.load('vec', k.add(weights, k.mul(i, width)), vector * 16)))
        for (let r = 0; r < count; r++) {
          const input = k.let(k.splatLoad(k.add(x, i), r * inner * 4))
          for (const [vector, sum] of sums[r]!.entries()) sum.set(k.muladd(vectors[vector]!, input, sum.get))
        }
      })
      for (let r = 0; r < count; r++) {
        for (const [vector, sum] of sums[r]!.entries()) {
          const element = k.add(k.mul(k.add(row, r), columns), k.add(k.mul(block, BLOCK), vector * LANES))
          outputs[vector]!.store(element, sum.get, lanes[vector]!)
        }
      }
    }
    const whole = k.let(k.sub(rows.end, k.and(k.sub(rows.end, rows.begin), k.int(3))))
    k.loop(rows.begin, whole, 4, tile(4))
    k.loop(whole, rows.end, 1, tile(1))
  })
}

/**
 * dx[n, i] = Σ_o dy[n, o] · w[i, o]: lanes along the batch, so that weights are read as they lie; dy is transposed first, the
 * 4 × 4 results as they are stored.
 */
export function emitMatmulInputGrad(k: KernelBuilder, spec: InputGrad, rows: Range, inputs: Range): void {
  const { inner, columns } = spec
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const stride = transposedRows(spec) * 4
  const transposed = k.let(k.global('scratch'))
  k.loop(rows.begin, rows.end, 1, row => {
    const from = k.let(elementAddress(k, spec.dy, k.mul(row, columns)))
    const to = k.let(k.add(transposed, k.mul(k.sub(row, rows.begin), 4)))
    k.loop(0, columns, 1, o => k.store(k.add(to, k.mul(o, stride)), k.load('f32', k.add(from, k.mul(o, 4)))))
  })
  const count = k.let(k.sub(rows.end, rows.begin))
  const wholeBlocks = Math.floor(columns / BLOCK)
  const rest = columns % BLOCK

  const tile = (input: Value, width: number): void => {
    const output = epilogue.atChannel(input)
    const weights = k.let(
      elementAddress(k, { buffer: spec.weight.buffer, offset: 0, strides: [] }, k.mul(input, BLOCK)),
    )
    const restWeights = k.let(
      elementAddress(
        k,
        { buffer: spec.weight.buffer, offset: wholeBlocks * BLOCK * inner, strides: [] },
        k.mul(input, rest),
      ),
    )
    const batch = (vectors: number) => (first: Value) => {
      const sums = Array.from({ length: width }, () => Array.from({ length: vectors }, () => k.variable(k.vec(0))))
      const column = k.let(k.add(transposed, k.mul(first, 4)))
      const turn = (dy: Value, weight: Value, o: number, blockWidth: number): void => {
        const loaded = Array.from({ length: vectors }, (_, vector) =>
          k.let(k.load('vec', dy, o * stride + vector * 16)),
        )
        for (let i = 0; i < width; i++) {
          const w = k.let(k.splatLoad(weight, (i * blockWidth + o) * 4))
          for (const [vector, sum] of sums[i]!.entries()) sum.set(k.muladd(loaded[vector]!, w, sum.get))
        }
      }
      k.loop(0, wholeBlocks, 1, block => {
        const dy = k.let(k.add(column, k.mul(block, BLOCK * stride)))
        const weight = k.let(k.add(weights, k.mul(block, BLOCK * inner * 4)))
        k.unroll(BLOCK, o => turn(dy, weight, o, BLOCK))
      })
      if (rest) k.unroll(rest, o => turn(k.add(column, wholeBlocks * BLOCK * stride), restWeights, o, rest))
      for (let vector = 0; vector < vectors; vector++) {
        const byRow = transpose(
          k,
          sums.map(sum => sum[vector]!),
        )
        for (const [lane, value] of byRow.entries()) {
          const row = k.let(k.add(first, vector * LANES + lane))
          k.when(k.compare('lt', row, count), () =>
            output.store(k.add(k.mul(k.add(row, rows.begin), inner), input), value, width),
          )
        }
      }
    }
    const pairs = k.let(k.sub(count, k.rem(count, BLOCK)))
    k.loop(0, pairs, BLOCK, batch(2))
    k.loop(pairs, count, LANES, batch(1))
  }
  const whole = Math.floor(inner / LANES)
  k.loop(inputs.begin, k.let(k.imin(inputs.end, whole)), 1, block => tile(k.let(k.mul(block, LANES)), LANES))
  if (inner % LANES) k.when(k.compare('gt', inputs.end, whole), () => tile(k.int(whole * LANES), inner % LANES))
}

/** Four vectors (fewer: the rest is anything) as the columns of a 4 × 4 matrix, rows out. */
function transpose(k: KernelBuilder, columns: readonly Variable[]): Value[] {
  const [a, b, c, d] = [0, 1, 2, 3].map(index => (columns[index] ?? columns[0]!).get) as [Value, Value, Value, Value]
  const low = [k.let(k.shuffle(a, b, [0, 4, 1, 5])), k.let(k.shuffle(c, d, [0, 4, 1, 5]))] as const
  const high = [k.let(k.shuffle(a, b, [2, 6, 3, 7])), k.let(k.shuffle(c, d, [2, 6, 3, 7]))] as const
  return [
    k.let(k.shuffle(low[0], low[1], [0, 1, 4, 5])),
    k.let(k.shuffle(low[0], low[1], [2, 3, 6, 7])),
    k.let(k.shuffle(high[0], high[1], [0, 1, 4, 5])),
    k.let(k.shuffle(high[0], high[1], [2, 3, 6, 7])),
  ]
}

/** dw[i, o] = Σ_n x[n, i] · dy[n, o]; the block of dy is gathered first (its rows may lie a power of two apart). */
export function emitMatmulWeightGrad(k: KernelBuilder, spec: WeightGrad, rows: Value, units: Range): void {
  const { inner, columns } = spec
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const pieces = Math.ceil(inner / INPUT_UNIT)
  const gathered = k.let(k.global('scratch'))
  k.loop(units.begin, units.end, 1, unit => {
    const block = k.let(k.div(unit, pieces))
    blockLoop(k, columns, { begin: block, end: k.let(k.add(block, 1)) }, (_, width) => {
      const lanes = lanesOf(width)
      const firstOutput = k.let(k.mul(block, BLOCK))
      k.loop(0, rows, 1, row => {
        const from = k.let(elementAddress(k, spec.dy, k.add(k.mul(row, columns), firstOutput)))
        for (const [vector] of lanes.entries())
          k.store(k.add(gathered, k.mul(row, BLOCK * 4)), k.load('vec', from, vector * 16), vector * 16)
      })
      const firstInput = k.let(k.mul(k.rem(unit, pieces), INPUT_UNIT))
      const lastInput = k.let(k.imin(k.add(firstInput, INPUT_UNIT), inner))
      const outputs = lanes.map((_, vector) => epilogue.atChannel(k.add(firstOutput, vector * LANES)))
      const tile = (count: number) => (input: Value) => {
        const sums = Array.from({ length: count }, () => lanes.map(() => k.variable(k.vec(0))))
        const x = k.variable(k.add(startOf(k, spec.x), k.mul(input, 4)))
        k.loop(gathered, k.add(gathered, k.mul(rows, BLOCK * 4)), BLOCK * 4, dy => {
          const vectors = lanes.map((_, vector) => k.let(k.load('vec', dy, vector * 16)))
          for (let i = 0; i < count; i++) {
            const value = k.let(k.splatLoad(x.get, i * 4))
            for (const [vector, sum] of sums[i]!.entries()) sum.set(k.muladd(vectors[vector]!, value, sum.get))
          }
          x.set(k.add(x.get, inner * 4))
        })
        for (let i = 0; i < count; i++) {
          for (const [vector, sum] of sums[i]!.entries()) {
            const element =
              spec.layout === 'blocked'
                ? k.add(k.add(k.mul(firstOutput, inner), k.mul(k.add(input, i), width)), vector * LANES)
                : k.add(k.mul(k.add(input, i), columns), k.add(firstOutput, vector * LANES))
            outputs[vector]!.store(element, sum.get, lanes[vector]!)
          }
        }
      }
      const whole = k.let(k.sub(lastInput, k.and(k.sub(lastInput, firstInput), k.int(3))))
      k.loop(firstInput, whole, 4, tile(4))
      if (inner % 4) k.when(k.compare('lt', whole, lastInput), () => tile(inner % 4)(whole))
    })
  })
}
