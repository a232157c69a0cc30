/** Input gradient of a dense layer. */

import { inputGradParts, inputPanel } from '../plan/cpu/gradient-space.ts'
import type { Spec } from '../plan/types.ts'
import { addressIn, elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import { transpose } from './gathered-lanes.ts'
import type { Value } from './ir.ts'
import { laneNumbers, lanesOf, maskLanes } from './lanes.ts'
import { ENTRY, emitList, emitListProduct, FiniteCheck } from './list-product.ts'
import type { Range } from './matmul.ts'

type InputGrad = Extract<Spec, { kind: 'matmulInputGrad' }>

/**
 * dx[n, i] = Σ_o dy[n, o] · w[i, o], for a panel's width of inputs at once: their weights are turned into a panel with one row per
 * output, some outputs at a time, so that the panel stays in the first-level cache for all rows.
 */
export function emitMatmulInputGrad(k: KernelBuilder, spec: InputGrad, rows: Range, inputs: Range): void {
  const { inner, columns } = spec
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const scratch = k.let(k.global('scratch'))
  const { outputs: pieceSize, rows: mostRows } = k.target.dense
  const panelWidth = inputPanel(k.target)
  const rowBytes = panelWidth * 4
  const part = inputGradParts(k.target, spec)
  const [panel, lists, ends, sums] = [part.panel, part.lists, part.ends, part.sums].map(at => k.plus(scratch, at)) as [
    Value,
    Value,
    Value,
    Value,
  ]
  const pieces = Math.ceil(columns / pieceSize)
  const placeOf = (row: Value, piece: Value) => {
    const index = k.plus(k.mul(row, pieces), piece)
    return { at: k.plus(lists, k.mul(index, pieceSize * ENTRY)), end: k.plus(ends, k.mul(index, 4)) }
  }

  k.loop(rows.begin, rows.end, mostRows, firstRow => {
    const count = k.let(k.imin(k.int(mostRows), k.sub(rows.end, firstRow)))
    const listed = k.variable(k.int(-1))
    const list = (keepZeros: Value): void => {
      listed.set(keepZeros)
      k.loop(0, count, 1, row =>
        k.loop(0, pieces, 1, piece => {
          const first = k.times(piece, pieceSize)
          const { at, end } = placeOf(row, piece)
          const dy = elementAddress(k, spec.dy, k.add(k.mul(k.add(firstRow, row), columns), first))
          const size = k.let(k.imin(k.int(pieceSize), k.sub(k.int(columns), first)))
          emitList(k, { at: dy, count: size, stride: 4, rowBytes }, at, end, keepZeros)
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
            k.plus(sums, k.mul(row, rowBytes)),
            Math.ceil(width / k.lanes),
            fresh,
          ),
        )
      })
      const lanes = lanesOf(k, width)
      const outputs = lanes.map((_, vector) => epilogue.atChannel(k.add(firstInput, vector * k.lanes)))
      k.loop(0, count, 1, row => {
        const from = k.plus(sums, k.mul(row, rowBytes))
        const element = k.plus(k.mul(k.add(firstRow, row), inner), firstInput)
        for (const [vector, used] of lanes.entries())
          outputs[vector]!.store(k.add(element, vector * k.lanes), k.load('vec', from, vector * k.vectorBytes), used)
      })
    }
    const whole = Math.floor(inner / panelWidth)
    k.loop(inputs.begin, k.let(k.imin(inputs.end, whole)), 1, index => panelOf(k.times(index, panelWidth), panelWidth))
    const rest = inner % panelWidth
    if (rest) k.when(k.compare('gt', inputs.end, whole), () => panelOf(k.int(whole * panelWidth), rest))
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
  const pieceSize = k.target.dense.outputs
  const rowBytes = inputPanel(k.target) * 4
  const check = new FiniteCheck(k)
  const weights = (block: Value, blockWidth: number): Value =>
    addressIn(k, spec.weight.buffer, k.add(k.mul(block, k.block * inner), k.mul(firstInput, blockWidth)))
  /** One weight at a time. */
  const copy = (from: Value, to: Value, input: Value, blockWidth: number): void =>
    k.unroll(blockWidth, o => {
      const weight = k.let(k.splatLoad(k.add(from, k.mul(input, blockWidth * 4)), o * 4))
      check.see(weight)
      k.store(k.add(to, k.mul(input, 4)), weight, o * rowBytes, 1)
    })
  const wholeBlocks = Math.floor(columns / k.block)
  const firstBlock = k.times(piece, pieceSize / k.block)
  const lastBlock = k.let(k.imin(k.add(firstBlock, pieceSize / k.block), k.int(wholeBlocks)))
  const rowsOf = (block: Value): Value => k.plus(panel, k.mul(k.sub(block, firstBlock), k.block * rowBytes))
  k.loop(firstBlock, lastBlock, 1, block => {
    const [from, to] = [weights(block, k.block), rowsOf(block)]
    k.loop(0, width - (width % k.lanes), k.lanes, input => {
      const at = k.plus(from, k.mul(input, k.block * 4))
      for (const [vector, used] of lanesOf(k, k.block).entries()) {
        const loaded = laneNumbers(k).map(lane => k.let(k.load('vec', at, lane * k.block * 4 + vector * k.vectorBytes)))
        for (const each of loaded) check.see(used < k.lanes ? maskLanes(k, each, used, 0) : each)
        for (const [o, row] of transpose(k, loaded).slice(0, used).entries())
          k.store(k.add(to, k.mul(input, 4)), row, (vector * k.lanes + o) * rowBytes)
      }
    })
    k.loop(width - (width % k.lanes), width, 1, input => copy(from, to, input, k.block))
  })
  if (columns % k.block) {
    k.when(k.compare('eq', piece, Math.ceil(columns / pieceSize) - 1), () => {
      const block = k.int(wholeBlocks)
      const [from, to] = [weights(block, columns % k.block), rowsOf(block)]
      k.loop(0, width, 1, input => copy(from, to, input, columns % k.block))
    })
  }
  return check.failed()
}
