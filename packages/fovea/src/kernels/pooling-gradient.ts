/** Gradients of pooling, a picture at a time, as pooling itself walks it. */
import { isDirect, paddedBytes, placementOf } from '../plan/cpu/padded-space.ts'
import { windowsTile } from '../plan/epilogue.ts'
import type { Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import type { Value } from './ir.ts'
import type { Range } from './matmul.ts'
import { vectorLoop } from './nest.ts'
import { emitCopy, fillPadded } from './padded.ts'
import { forWindows, inverseCount, windowOffsets } from './pooling.ts'

type PoolGrad = Extract<Spec, { kind: 'poolGrad' }>

/**
 * Max: dy goes to the first element equal to the window's maximum. Where windows may overlap, gradients are added into zeros (windows
 * in order); where they cannot, each element is stored once, through the epilogue.
 */
export function emitPoolGrad(k: KernelBuilder, spec: PoolGrad, rows: Range, section: Value): void {
  const placement = placementOf(spec)
  const { input, padded } = placement
  const direct = isDirect(placement)
  const once = windowsTile(spec.window)
  const epilogue = new EpilogueEmitter(k, spec.epilogue, section)
  const { access } = spec.epilogue.results[0]!
  const pictureSize = input.height * input.width * input.channels
  const outputSize = spec.outputShape.slice(1).reduce((product, extent) => product * extent, 1)
  const copy = k.let(k.global('scratch'))
  const gradientCopy = k.plus(copy, paddedBytes(k.target, placement))
  if (!direct && spec.fn === 'max') fillPadded(k, placement, copy, Number.NEGATIVE_INFINITY)
  k.loop(rows.begin, rows.end, 1, row => {
    if (!direct && spec.fn === 'max') emitCopy(k, placement, spec.x!, row, copy, 'in')
    const picture = k.times(row, pictureSize)
    const x = spec.fn === 'max' && direct ? k.let(elementAddress(k, spec.x!, picture)) : copy
    const y = spec.fn === 'max' ? k.let(elementAddress(k, spec.y!, k.mul(row, outputSize))) : k.int(0)
    const dy = k.let(elementAddress(k, spec.dy, k.mul(row, outputSize)))
    const dx = direct ? k.let(elementAddress(k, access, picture)) : gradientCopy
    if (!once) fillPadded(k, { ...placement, padded }, dx, 0)
    forWindows(k, spec, window => {
      const scale = spec.fn === 'average' ? inverseCount(k, spec, window.y, window.x) : k.vec(1)
      const [corner, output] = [k.let(window.corner), k.times(window.output, 4)]
      vectorLoop(k, input.channels, (channel, lanes) => {
        const along = k.plus(output, k.mul(channel, 4))
        const at = k.plus(corner, channel)
        const gradient = k.let(k.load('vec', k.add(dy, along)))
        const largest = spec.fn === 'max' ? k.let(k.load('vec', k.add(y, along))) : k.vec(0)
        const source = k.plus(x, k.mul(at, 4))
        const target = once ? undefined : k.plus(dx, k.mul(at, 4))
        const place = k.plus(picture, at)
        const finished = epilogue.atChannel(channel)
        const scaled = spec.fn === 'average' ? k.times(gradient, scale) : gradient
        let taken: Value | undefined
        for (const offset of windowOffsets(spec)) {
          let share = scaled
          if (spec.fn === 'max') {
            const equal = k.let(k.compare('eq', k.load('vec', source, offset * 4), largest))
            share = k.let(k.and(gradient, taken ? k.andnot(equal, taken) : equal))
            taken = taken ? k.let(k.or(taken, equal)) : equal
          }
          if (target) k.store(target, k.add(k.load('vec', target, offset * 4), share), offset * 4, lanes)
          else finished.store(k.add(place, offset), share, lanes)
        }
        finished.finish(lanes)
      })
    })
    if (once)
      forRest(k, spec, (pixel, channel, lanes) => {
        const finished = epilogue.atChannel(channel)
        finished.store(k.add(picture, k.add(pixel, channel)), k.vec(0), lanes)
        finished.finish(lanes)
      })
    if (!direct) emitCopy(k, placement, access, row, gradientCopy, 'out')
  })
}

/** Vectors of channels of the last rows and columns, where windows that do not overlap leave some over. `pixel`: its element index. */
function forRest(k: KernelBuilder, spec: PoolGrad, body: (pixel: Value, channel: Value, lanes: number) => void): void {
  const [, height, width, channels] = spec.inputShape as [number, number, number, number]
  const seen = [0, 1].map(axis => spec.outputShape[axis + 1]! * spec.window.strides[axis]!) as [number, number]
  const region = (top: number, bottom: number, left: number): void =>
    k.loop(top, bottom, 1, y =>
      k.loop(left, width, 1, x => {
        const pixel = k.times(k.add(k.mul(y, width), x), channels)
        vectorLoop(k, channels, (channel, lanes) => body(pixel, channel, lanes))
      }),
    )
  region(0, seen[0], seen[1])
  region(seen[0], height, 0)
}
