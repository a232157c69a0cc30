/** Pooling and its gradients, a picture at a time, lanes along channels. Windows that reach over the edge see a padded copy. */
import { windowsTile } from '../plan/epilogue.ts'
import type { Spec } from '../plan/types.ts'
import { isDirect, paddedBytes, placementOf } from '../plan/workspace.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { EpilogueEmitter } from './epilogue.ts'
import type { Value } from './ir.ts'
import type { Range } from './matmul.ts'
import { vectorLoop } from './nest.ts'
import { emitCopy, emitFill } from './padded.ts'

type Pool = Extract<Spec, { kind: 'pool' }>
type PoolGrad = Extract<Spec, { kind: 'poolGrad' }>

/** Calls `body` for every window of a picture with the byte addresses of its first input element and of its output. */
function forWindows(
  k: KernelBuilder,
  spec: Pick<Pool, 'window' | 'inputShape' | 'outputShape'>,
  body: (window: { corner: Value; output: Value; y: Value; x: Value }) => void,
): void {
  const { padded, input } = placementOf(spec)
  const [, height, width] = spec.outputShape as [number, number, number]
  const { strides } = spec.window
  k.loop(0, height, 1, y => {
    k.loop(0, width, 1, x => {
      const pixel = k.add(k.mul(k.mul(y, strides[0]), padded[1]), k.mul(x, strides[1]))
      body({
        corner: k.let(k.mul(pixel, input.channels * 4)),
        output: k.let(k.mul(k.add(k.mul(y, width), x), input.channels * 4)),
        y,
        x,
      })
    })
  })
}

/** Byte offsets of a window's elements from its corner. */
function offsets(spec: Pick<Pool, 'window' | 'inputShape'>): number[] {
  const { padded, input } = placementOf(spec)
  const [rows, columns] = spec.window.size
  return Array.from(
    { length: rows * columns },
    (_, index) => (Math.floor(index / columns) * padded[1] + (index % columns)) * input.channels * 4,
  )
}

/** 1 / (elements of the window inside the picture). */
function inverseCount(k: KernelBuilder, spec: Pick<Pool, 'window' | 'inputShape'>, y: Value, x: Value): Value {
  const { window, inputShape } = spec
  const { padding, size, strides } = window
  if (isDirect(placementOf(spec))) return k.vec(1 / (size[0] * size[1]))
  const along = (index: Value, stride: number, extent: number, from: number, length: number): Value => {
    const first = k.let(k.mul(index, stride))
    return k.let(k.sub(k.imin(k.add(first, extent), from + length), k.imax(first, from)))
  }
  const rows = along(y, strides[0], size[0], padding.top, inputShape[1]!)
  const columns = along(x, strides[1], size[1], padding.left, inputShape[2]!)
  return k.let(k.div(k.vec(1), k.splat(k.toFloat(k.mul(rows, columns)))))
}

export function emitPool(k: KernelBuilder, spec: Pool, rows: Range): void {
  const placement = placementOf(spec)
  const { input, padded } = placement
  const direct = isDirect(placement)
  const copy = k.let(k.global('scratch'))
  const outputSize = spec.outputShape.slice(1).reduce((product, extent) => product * extent, 1)
  const outside = spec.fn === 'max' ? Number.NEGATIVE_INFINITY : 0
  if (!direct) emitFill(k, placement, copy, outside)
  k.loop(rows.begin, rows.end, 1, row => {
    if (!direct) emitCopy(k, placement, spec.x, row, copy, 'in')
    const from = direct ? k.let(elementAddress(k, spec.x, k.mul(row, padded[0] * padded[1] * input.channels))) : copy
    const to = k.let(elementAddress(k, spec.y, k.mul(row, outputSize)))
    forWindows(k, spec, ({ corner, output, y, x }) => {
      const scale = spec.fn === 'average' ? inverseCount(k, spec, y, x) : k.vec(1)
      vectorLoop(k, input.channels, (channel, lanes) => {
        const at = k.let(k.add(k.add(from, corner), k.mul(channel, 4)))
        const [first, ...others] = offsets(spec)
        const result = k.variable(k.load('vec', at, first!))
        for (const offset of others) {
          const value = k.load('vec', at, offset)
          result.set(spec.fn === 'max' ? k.fmax(result.get, value) : k.add(result.get, value))
        }
        k.store(
          k.add(k.add(to, output), k.mul(channel, 4)),
          spec.fn === 'max' ? result.get : k.mul(result.get, scale),
          0,
          lanes,
        )
      })
    })
  })
}

/**
 * Max: dy goes to the first element equal to the window's maximum. Where windows do not tile the picture, gradients are added into
 * zeros (windows in order); where they do, each is stored once, through the epilogue.
 */
export function emitPoolGrad(k: KernelBuilder, spec: PoolGrad, rows: Range): void {
  const placement = placementOf(spec)
  const { input, padded } = placement
  const direct = isDirect(placement)
  const once = windowsTile(spec.window, spec.inputShape)
  const epilogue = new EpilogueEmitter(k, spec.epilogue)
  const { access } = spec.epilogue.results[0]!
  const pictureSize = input.height * input.width * input.channels
  const outputSize = spec.outputShape.slice(1).reduce((product, extent) => product * extent, 1)
  const copy = k.let(k.global('scratch'))
  const gradientCopy = k.let(k.add(copy, paddedBytes(placement)))
  if (!direct && spec.fn === 'max') emitFill(k, placement, copy, Number.NEGATIVE_INFINITY)
  k.loop(rows.begin, rows.end, 1, row => {
    if (!direct && spec.fn === 'max') emitCopy(k, placement, spec.x!, row, copy, 'in')
    const x = spec.fn === 'max' && direct ? k.let(elementAddress(k, spec.x!, k.mul(row, pictureSize))) : copy
    const y = spec.fn === 'max' ? k.let(elementAddress(k, spec.y!, k.mul(row, outputSize))) : k.int(0)
    const dy = k.let(elementAddress(k, spec.dy, k.mul(row, outputSize)))
    const dx = direct ? k.let(elementAddress(k, access, k.mul(row, pictureSize))) : gradientCopy
    if (!once) emitFill(k, { ...placement, padded }, dx, 0)
    forWindows(k, spec, window => {
      const scale = spec.fn === 'average' ? inverseCount(k, spec, window.y, window.x) : k.vec(1)
      vectorLoop(k, input.channels, (channel, lanes) => {
        const along = k.let(k.mul(channel, 4))
        const gradient = k.let(k.load('vec', k.add(k.add(dy, window.output), along)))
        const largest = spec.fn === 'max' ? k.let(k.load('vec', k.add(k.add(y, window.output), along))) : k.vec(0)
        const at = k.let(k.add(window.corner, along))
        const free = k.variable(k.compare('eq', k.ivec(0), k.ivec(0)))
        const output = once ? epilogue.atChannel(channel) : undefined
        for (const offset of offsets(spec)) {
          let share: Value
          if (spec.fn === 'max') {
            const here = k.let(k.and(k.asInt(k.compare('eq', k.load('vec', k.add(x, at), offset), largest)), free.get))
            free.set(k.andnot(free.get, here))
            share = k.let(k.and(gradient, k.asFloat(here)))
          } else share = k.let(k.mul(gradient, scale))
          if (output) {
            const element = k.add(k.mul(row, pictureSize), k.add(k.shru(at, 2), offset / 4))
            output.store(element, share, lanes)
          } else {
            const target = k.let(k.add(dx, at))
            k.store(target, k.add(k.load('vec', target, offset), share), offset, lanes)
          }
        }
      })
    })
    if (!direct) emitCopy(k, placement, access, row, gradientCopy, 'out')
  })
}
