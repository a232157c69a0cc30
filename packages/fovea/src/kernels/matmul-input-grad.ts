/** Input gradient of a dense layer. */
import { BLOCK, type Spec } from '../plan/types.ts'
import { INPUT_GRAD_ROWS, INPUT_PANEL, inputGradParts, OUTPUT_PIECE } from '../plan/workspace.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import type { Value } from './ir.ts'
import { lanesOf, transpose } from './lanes.ts'
import { ENTRY, emitList, emitListProduct, FiniteCheck } from './list-product.ts'
import type { Range } from './matmul.ts'

type InputGrad = Extract<Spec, { kind: 'matmulInputGrad' }>

const ROW_BYTES = INPUT_PANEL * 4

/**
 * dx[n, i] = Σ_o dy[n, o] · w[i, o], for INPUT_PANEL inputs at once: their weights are turned into a panel with one row per output,
 * OUTPUT_PIECE outputs at a time, so that the panel stays in the first-level cache for all rows.
 */
export function emitMatmulInputGrad(k: KernelBuilder, spec: InputGrad, rows: Range, inputs: Range): void {
  const { inner, columns } = spec
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const scratch = k.let(k.global('scratch'))
  const part = inputGradParts(spec)
  const [panel, lists, ends, sums] = [part.panel, part.lists, part.ends, part.sums].map(at =>
    k.let(k.add(scratch, at)),
  ) as [Value, Value, Value, Value]
  const pieces = Math.ceil(columns / OUTPUT_PIECE)
  const placeOf = (row: Value, piece: Value) => {
    const index = k.let(k.add(k.mul(row, pieces), piece))
    return { at: k.let(k.add(lists, k.mul(index, OUTPUT_PIECE * ENTRY))), end: k.let(k.add(ends, k.mul(index, 4))) }
  }

  k.loop(rows.begin, rows.end, INPUT_GRAD_ROWS, firstRow => {
    const count = k.let(k.imin(k.int(INPUT_GRAD_ROWS), k.sub(rows.end, firstRow)))
    const listed = k.variable(k.int(-1))
    const list = (keepZeros: Value): void => {
      listed.set(keepZeros)
      k.loop(0, count, 1, row =>
        k.loop(0, pieces, 1, piece => {
          const first = k.let(k.mul(piece, OUTPUT_PIECE))
          const { at, end } = placeOf(row, piece)
          const dy = elementAddress(k, spec.dy, k.add(k.mul(k.add(firstRow, row), columns), first))
          const size = k.let(k.imin(k.int(OUTPUT_PIECE), k.sub(k.int(columns), first)))
          emitList(k, { at: dy, count: size, stride: 4, rowBytes: ROW_BYTES }, at, end, keepZeros)
        }),
      )
    }
    const panelOf = (firstInput: Value, width: number): void => {
      k.loop(0, pieces, 1, piece => {
        const keepZeros = gather(k, spec, panel, firstInput, width, piece)
        k.when(k.compare('ne', listed.get, keepZeros), () => list(keepZeros))
        const fresh = k.let(k.compare('eq', piece, 0))
        k.loop(0, count, 1, row =>
          emitListProduct(
            k,
            placeOf(row, piece),
            panel,
            k.let(k.add(sums, k.mul(row, ROW_BYTES))),
            Math.ceil(width / k.lanes),
            fresh,
          ),
        )
      })
      const lanes = lanesOf(k, width)
      const outputs = lanes.map((_, vector) => epilogue.atChannel(k.add(firstInput, vector * k.lanes)))
      k.loop(0, count, 1, row => {
        const from = k.let(k.add(sums, k.mul(row, ROW_BYTES)))
        const element = k.let(k.add(k.mul(k.add(firstRow, row), inner), firstInput))
        for (const [vector, used] of lanes.entries())
          outputs[vector]!.store(k.add(element, vector * k.lanes), k.load('vec', from, vector * k.vectorBytes), used)
      })
    }
    const whole = Math.floor(inner / INPUT_PANEL)
    k.loop(inputs.begin, k.let(k.imin(inputs.end, whole)), 1, index =>
      panelOf(k.let(k.mul(index, INPUT_PANEL)), INPUT_PANEL),
    )
    const rest = inner % INPUT_PANEL
    if (rest) k.when(k.compare('gt', inputs.end, whole), () => panelOf(k.int(whole * INPUT_PANEL), rest))
  })
}

/** panel[o][i] = w[i, o] for the outputs of a piece; whether a weight is not finite. */
function gather(
  k: KernelBuilder,
  spec: InputGrad,
  panel: Value,
  firstInput: Value,
  width: number,
  piece: Value,
): Value {
  const { inner, columns } = spec
  const check = new FiniteCheck(k)
  const weights = (block: Value, blockWidth: number): Value =>
    k.let(
      elementAddress(
        k,
        { buffer: spec.weight.buffer, offset: 0, strides: [] },
        k.add(k.mul(block, BLOCK * inner), k.mul(firstInput, blockWidth)),
      ),
    )
  /** One weight at a time. */
  const copy = (from: Value, to: Value, input: Value, blockWidth: number): void =>
    k.unroll(blockWidth, o => {
      const weight = k.let(k.splatLoad(k.add(from, k.mul(input, blockWidth * 4)), o * 4))
      check.see(weight)
      k.store(k.add(to, k.mul(input, 4)), weight, o * ROW_BYTES, 1)
    })
  const wholeBlocks = Math.floor(columns / BLOCK)
  const firstBlock = k.let(k.mul(piece, OUTPUT_PIECE / BLOCK))
  const lastBlock = k.let(k.imin(k.add(firstBlock, OUTPUT_PIECE / BLOCK), k.int(wholeBlocks)))
  const rowsOf = (block: Value): Value => k.let(k.add(panel, k.mul(k.sub(block, firstBlock), BLOCK * ROW_BYTES)))
  k.loop(firstBlock, lastBlock, 1, block => {
    const [from, to] = [weights(block, BLOCK), rowsOf(block)]
    k.loop(0, width - (width % k.lanes), k.lanes, input => {
      const at = k.let(k.add(from, k.mul(input, BLOCK * 4)))
      for (const half of [0, 1]) {
        const loaded = Array.from({ length: k.lanes }, (_, lane) =>
          k.let(k.load('vec', at, lane * BLOCK * 4 + half * k.vectorBytes)),
        )
        for (const each of loaded) check.see(each)
        for (const [o, row] of transpose(k, loaded).entries())
          k.store(k.add(to, k.mul(input, 4)), row, (half * k.lanes + o) * ROW_BYTES)
      }
    })
    k.loop(width - (width % k.lanes), width, 1, input => copy(from, to, input, BLOCK))
  })
  if (columns % BLOCK) {
    k.when(k.compare('eq', piece, Math.ceil(columns / OUTPUT_PIECE) - 1), () => {
      const block = k.int(wholeBlocks)
      const [from, to] = [weights(block, columns % BLOCK), rowsOf(block)]
      k.loop(0, width, 1, input => copy(from, to, input, columns % BLOCK))
    })
  }
  return check.failed()
}
