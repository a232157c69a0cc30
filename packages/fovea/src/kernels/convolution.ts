/**
 * Direct convolution, NHWC, lanes along filters: tiles of a few pixels × a block of filters, weights blocked [K/block][R][S][C][block], so that the
 * window's rows and the weights are both walked in steps of one. Input gradients are the same kernel on dy (spread and padded in
 * scratch memory) with the turned filter.
 */

import { isDirect } from '../plan/cpu/padded-space.ts'
import type { ConvGeometry, Spec } from '../plan/types.ts'
import { addressIn, elementAddress } from './address.ts'
import type { KernelBuilder, Variable } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import type { Value } from './ir.ts'
import { laneNumbers, lanesOf } from './lanes.ts'
import { blockLoop } from './matmul.ts'
import { emitCopy, fillPadded } from './padded.ts'
import { type KernelPart, rangesOf } from './part.ts'

type Conv = Extract<Spec, { kind: 'conv2d' }>

export function emitConv2d(k: KernelBuilder, spec: Conv, part: KernelPart): void {
  const { geometry } = spec
  const { input, output, groups, padded } = geometry
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const direct = isDirect(geometry)
  const copy = k.let(k.global('scratch'))
  if (!direct) fillPadded(k, geometry, copy, 0)
  const channels = input.channels / groups
  const filters = output.channels / groups
  const inner = geometry.size[0] * geometry.size[1] * channels
  // Few filters: a tile's results follow one another, and are finished without the gaps between pixels.
  const isRun = output.channels < Math.min(k.block, 2 * k.lanes) && output.channels % k.lanes !== 0 && groups === 1
  // A line is cut into tiles of equal width, or two widths that differ by one: narrow rests would leave the adders idle.
  const count = Math.ceil(output.width / k.target.tileRows)
  const [narrow, wide] = [Math.floor(output.width / count), output.width % count]
  const { pictures, lines, tiles, blocks } = rangesOf(k, part, spec.cut, {
    lines: output.height,
    tiles: count,
    blocks: Math.ceil(filters / k.block),
  })
  k.loop(pictures.begin, pictures.end, 1, row => {
    if (!direct) emitCopy(k, geometry, spec.x, row, copy, 'in')
    const picture = direct ? k.let(elementAddress(k, spec.x, k.mul(row, padded[0] * padded[1] * input.channels))) : copy
    k.loop(0, groups, 1, group => {
      const groupPicture = k.plus(picture, k.mul(group, channels * 4))
      const groupWeights = addressIn(k, spec.weight.buffer, k.mul(group, spec.weight.groupSize))
      blockLoop(k, filters, blocks, (block, width) => {
        const lanes = lanesOf(k, width)
        const weights = k.plus(groupWeights, k.mul(block, k.block * inner * 4))
        const firstFilter = k.plus(k.mul(group, filters), k.mul(block, k.block))
        const run = isRun ? epilogue.atRun(width) : []
        const outputs = (isRun ? [] : lanes).map((_, vector) =>
          epilogue.atChannel(k.add(firstFilter, vector * k.lanes)),
        )
        k.loop(lines.begin, lines.end, 1, y => {
          const line = k.plus(groupPicture, k.mul(y, geometry.strides[0] * padded[1] * input.channels * 4))
          const outputLine = k.times(k.add(k.mul(row, output.height), y), output.width)
          const tile = (pixels: number) => (x: Value) => {
            const sums = Array.from({ length: pixels }, () => lanes.map(() => k.variable(k.vec(0))))
            const corner = k.plus(line, k.mul(x, geometry.strides[1] * input.channels * 4))
            emitWindow(k, geometry, corner, weights, width, (at, vectors) => {
              for (let pixel = 0; pixel < pixels; pixel++) {
                const value = k.let(k.splatLoad(at, pixel * geometry.strides[1] * input.channels * 4))
                k.addProducts(sums[pixel]!, vectors, value)
              }
            })
            if (isRun) {
              const first = k.times(k.add(outputLine, x), output.channels)
              for (const [vector, { value, lanes }] of joinedSums(k, sums, width).entries())
                run[vector % run.length]!.store(k.add(first, vector * k.lanes), value, lanes)
              return
            }
            for (let pixel = 0; pixel < pixels; pixel++) {
              const first = k.plus(k.mul(k.add(k.add(outputLine, x), pixel), output.channels), firstFilter)
              for (const [vector, sum] of sums[pixel]!.entries())
                outputs[vector]!.store(k.add(first, vector * k.lanes), sum.get, lanes[vector]!)
            }
          }
          const starts = (of: Value): Value => k.mul(k.imin(of, wide), narrow + 1)
          k.loop(starts(tiles.begin), k.let(starts(tiles.end)), narrow + 1, tile(narrow + 1))
          const rest = (of: Value): Value => k.add(k.mul(k.sub(k.imax(of, wide), wide), narrow), wide * (narrow + 1))
          k.loop(rest(tiles.begin), k.let(rest(tiles.end)), narrow, tile(narrow))
        })
      })
    })
  })
}

/** Sums [pixel][vector] of `width` filters each as vectors without gaps. */
function joinedSums(k: KernelBuilder, sums: Variable[][], width: number): { value: Value; lanes: number }[] {
  const total = sums.length * width
  return lanesOf(k, total).map((lanes, vector) => {
    const wanted = laneNumbers(k).map(lane => {
      const at = Math.min(vector * k.lanes + lane, total - 1)
      return { sum: sums[Math.floor(at / width)]![Math.floor((at % width) / k.lanes)]!, lane: (at % width) % k.lanes }
    })
    const [first, ...others] = new Set(wanted.map(each => each.sum))
    // The first shuffle also brings the lanes of `first` into place.
    let value = first!.get
    let placed = wanted.map(({ lane }) => lane)
    for (const sum of others.length > 0 ? others : [first!]) {
      value = k.let(
        k.shuffle(
          value,
          sum.get,
          wanted.map((each, lane) => (each.sum === sum ? k.lanes + each.lane : placed[lane]!)),
        ),
      )
      placed = laneNumbers(k)
    }
    return { value, lanes }
  })
}

/**
 * Walks the window from `corner` and the block's weights together; `turn(address, weight vectors)` at each of its elements. One
 * element a turn of the loop: engines load all of a block's operands first, and more than these do not fit the registers.
 */
function emitWindow(
  k: KernelBuilder,
  geometry: ConvGeometry,
  corner: Value,
  weights: Value,
  width: number,
  turn: (at: Value, vectors: readonly Value[]) => void,
): void {
  const { size, dilation, padded, input, groups } = geometry
  const channels = input.channels / groups
  const line = dilation[0] * padded[1] * input.channels * 4
  const column = dilation[1] * input.channels * 4
  // Without gaps a row of the window is one run of S · C numbers.
  const joined = groups === 1 && dilation[1] === 1
  const run = joined ? size[1] * channels : channels
  const weight = k.variable(weights)
  k.loop(corner, k.plus(corner, size[0] * line), line, row => {
    const walk = (start: Value): void =>
      k.loop(start, k.plus(start, run * 4), 4, at => {
        const vectors = lanesOf(k, width).map((_, vector) => k.let(k.load('vec', weight.get, vector * k.vectorBytes)))
        turn(at, vectors)
        weight.set(k.add(weight.get, width * 4))
      })
    if (joined) walk(row)
    else k.loop(row, k.plus(row, size[1] * column), column, walk)
  })
}
