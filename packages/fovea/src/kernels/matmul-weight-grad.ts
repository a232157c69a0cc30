/** Weight gradient of a dense layer. */

import { inputPanel, weightGradParts, weightGradTile } from '../plan/cpu/gradient-space.ts'
import type { Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder, Operand } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import { transpose } from './gathered-lanes.ts'
import type { Value } from './ir.ts'
import { lanesOf } from './lanes.ts'
import { ENTRY, emitList, emitListProduct, FiniteCheck } from './list-product.ts'
import { blockLoop, type Range } from './matmul.ts'

type WeightGrad = Extract<Spec, { kind: 'matmulWeightGrad' }>

/**
 * dw[i, o] = Σ_n dy[n, o] · x[n, i], in tiles of inputs × outputs: the rows' pieces of x are the panel, each output has a list of rows
 * for every few of the batch. Lanes run along the inputs; sums are turned when they leave.
 */
export function emitMatmulWeightGrad(k: KernelBuilder, spec: WeightGrad, rows: Value, units: Range): void {
  const { inner, columns } = spec
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const { tile: most, tileRows } = k.target.dense
  const rowBytes = most * 4
  const panelWidth = inputPanel(k.target)
  const tileOf = weightGradTile(k.target, inner, columns)
  const pieces = Math.ceil(inner / tileOf.inputs)
  const scratch = k.let(k.global('scratch'))
  const part = weightGradParts(k.target, spec)
  const [panel, lists, ends, sums, sink] = [part.panel, part.lists, part.ends, part.sums, part.sink].map(at =>
    k.plus(scratch, at),
  ) as [Value, Value, Value, Value, Value]
  const listedTile = k.variable(k.int(-1))
  const allRows = k.variable(k.int(-1))

  k.loop(units.begin, units.end, 1, unit => {
    const outputTile = k.let(k.div(unit, pieces))
    const piece = k.let(k.rem(unit, pieces))
    const firstInput = k.times(piece, tileOf.inputs)
    const inputs = k.let(k.imin(k.int(tileOf.inputs), k.sub(k.int(inner), firstInput)))
    const firstOutput = k.times(outputTile, tileOf.outputs)
    const outputs = k.let(k.imin(k.int(tileOf.outputs), k.sub(k.int(columns), firstOutput)))

    const check = new FiniteCheck(k)
    k.loop(0, rows, 1, row => {
      const from = k.let(elementAddress(k, spec.x, k.add(k.mul(row, inner), firstInput)))
      const to = k.plus(panel, k.mul(row, rowBytes))
      const copy = (vectors: number): void =>
        k.unroll(vectors, vector => {
          const x = k.let(k.load('vec', from, vector * k.vectorBytes))
          check.see(x)
          k.store(to, x, vector * k.vectorBytes)
        })
      const rest = Math.ceil((inner % tileOf.inputs) / k.lanes)
      if (rest)
        k.when(
          k.compare('eq', piece, pieces - 1),
          () => copy(rest),
          () => copy(tileOf.inputs / k.lanes),
        )
      else copy(tileOf.inputs / k.lanes)
    })
    const keepZeros = check.failed()
    k.when(k.or(k.compare('ne', listedTile.get, outputTile), k.compare('ne', allRows.get, keepZeros)), () => {
      listedTile.set(outputTile)
      allRows.set(keepZeros)
      rowBlocks(k, rows, (first, count, index) =>
        k.loop(0, outputs, 1, output => {
          const list = k.plus(k.mul(index, most), output)
          const dy = elementAddress(k, spec.dy, k.add(k.mul(first, columns), k.add(firstOutput, output)))
          emitList(
            k,
            { at: dy, count, stride: columns * 4, rowBytes },
            k.plus(lists, k.mul(list, tileRows * ENTRY)),
            k.plus(ends, k.mul(list, 4)),
            keepZeros,
          )
        }),
      )
    })

    const wholePanels = k.let(k.div(inputs, panelWidth))
    rowBlocks(k, rows, (first, _, index) => {
      const fresh = k.let(k.compare('eq', first, 0))
      const from = k.plus(panel, k.mul(first, rowBytes))
      k.loop(0, outputs, 1, output => {
        const list = k.plus(k.mul(index, most), output)
        const at = { at: k.plus(lists, k.mul(list, tileRows * ENTRY)), end: k.plus(ends, k.mul(list, 4)) }
        const to = k.plus(sums, k.mul(output, rowBytes))
        const product = (shift: Value, vectors: number): void =>
          emitListProduct(k, at, k.plus(from, shift), k.plus(to, shift), vectors, fresh)
        k.loop(0, k.times(wholePanels, panelWidth * 4), panelWidth * 4, shift => product(shift, panelWidth / k.lanes))
        const rest = Math.ceil((inner % panelWidth) / k.lanes)
        if (rest) k.when(k.compare('eq', piece, pieces - 1), () => product(k.times(wholePanels, panelWidth * 4), rest))
      })
    })

    const firstBlock = k.let(k.div(firstOutput, k.block))
    const lastBlock = k.plus(firstBlock, k.div(k.add(outputs, k.block - 1), k.block))
    blockLoop(k, columns, { begin: firstBlock, end: lastBlock }, (block, width) => {
      const firstOfBlock = k.times(block, k.block)
      const from = k.plus(sums, k.mul(k.sub(block, firstBlock), k.block * rowBytes))
      for (const { buffer } of spec.epilogue.leaves.values()) {
        if (buffer.layout !== 'blocked' || buffer.size !== inner * columns || buffer.size * 4 < k.target.cache.far)
          continue
        const element = k.add(k.mul(firstOfBlock, inner), k.mul(firstInput, width))
        const first = elementAddress(k, { buffer, offset: 0, strides: [] }, element)
        touchLines(k, k.let(first), k.mul(inputs, width * 4), sink)
      }
      const lanes = lanesOf(k, width)
      const channels = lanes.map((_, vector) => epilogue.atChannel(k.add(firstOfBlock, vector * k.lanes)))
      const tile = (count: number) => (input: Value) => {
        const at = k.plus(from, k.mul(input, 4))
        for (const [vector, used] of lanes.entries()) {
          const columnsOf = Array.from({ length: k.lanes }, (_, lane) =>
            k.let(k.load('vec', at, (vector * k.lanes + Math.min(lane, used - 1)) * rowBytes)),
          )
          for (const [index, value] of transpose(k, columnsOf).slice(0, count).entries()) {
            const i = k.add(k.add(firstInput, input), index)
            const element =
              spec.layout === 'blocked'
                ? k.add(k.add(k.mul(firstOfBlock, inner), k.mul(i, width)), vector * k.lanes)
                : k.add(k.mul(i, columns), k.add(firstOfBlock, vector * k.lanes))
            channels[vector]!.store(element, value, used)
          }
        }
      }
      const whole = k.let(k.and(inputs, k.int(-k.lanes)))
      k.loop(0, whole, k.lanes, tile(k.lanes))
      if (inner % k.lanes) k.when(k.compare('lt', whole, inputs), () => tile(inner % k.lanes)(whole))
    })
  })
}

/** The batch in blocks of rows. */
function rowBlocks(k: KernelBuilder, rows: Value, body: (first: Value, count: Value, index: Value) => void): void {
  const { tileRows } = k.target.dense
  k.loop(0, rows, tileRows, first =>
    body(first, k.let(k.imin(k.int(tileRows), k.sub(rows, first))), k.let(k.div(first, tileRows))),
  )
}

/** Loads a word of every cache line of [from, from + bytes), all at once: nearer than one after another as they are needed. */
function touchLines(k: KernelBuilder, from: Value, bytes: Operand, sink: Value): void {
  const seen = k.variable(k.int(0))
  k.loop(from, k.plus(from, bytes), k.target.cache.line, line => seen.set(k.or(seen.get, k.load('i32', line))))
  k.store(sink, seen.get)
}
