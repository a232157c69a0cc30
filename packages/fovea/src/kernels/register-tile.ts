/** The loop of all dense products: rows of inputs times vectors of weights, summed in registers. */
import type { KernelBuilder, Operand, Variable } from './builder.ts'
import type { Value } from './ir.ts'

/** Of x[row, i] · w[i, vector]. */
export interface RegisterTile {
  /** Addresses of the first row and of the first weights. */
  readonly x: Value
  readonly weights: Value
  /** From row to row. */
  readonly rowBytes: number
  /** Weights of an i. */
  readonly width: number
  /** Bytes from the weights to each vector of them. */
  readonly vectors: readonly number[]
}

/** Sums of each row and vector that begin with 0, or with what `start` gives. */
export const tileSums = (
  k: KernelBuilder,
  rows: number,
  { vectors }: Pick<RegisterTile, 'vectors'>,
  start: (row: number, vector: number) => Value = () => k.vec(0),
): Variable[][] => Array.from({ length: rows }, (_, row) => vectors.map((_, vector) => k.variable(start(row, vector))))

/** Adds the products of i in [begin, end), both times 4, in their order. */
export function multiplyTile(
  k: KernelBuilder,
  { x, weights, rowBytes, width, vectors }: RegisterTile,
  sums: readonly Variable[][],
  begin: Operand,
  end: Operand,
): void {
  k.loop(begin, end, 4, i => {
    const at = k.plus(weights, k.mul(i, width))
    const loaded = vectors.map(offset => k.let(k.load('vec', at, offset)))
    const from = k.plus(x, i)
    for (const [row, ofRow] of sums.entries()) {
      const input = k.let(k.splatLoad(from, row * rowBytes))
      k.addProducts(ofRow, loaded, input)
    }
  })
}
