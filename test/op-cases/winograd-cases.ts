/**
 * Convolutions that Winograd's algorithms apply to: 3×3 filters at stride 1, every padding, odd sizes, 1 to 40 channels. One case has
 * all three passes, bare and with something fused behind them.
 */
import { fold, keyOf, type RandomKey, uniform } from '../../packages/fovea/src/base/random.ts'
import type { Convolution } from '../../packages/fovea/src/graph/ops.ts'
import { convolvedExtents } from '../../packages/fovea/src/graph/shape-rules.ts'
import type { Fill, OpCase } from './case.ts'

/** Multiplications in the largest one, so that the plain loop takes its time but no more. */
const mostProducts = 400_000

export interface WinogradShape {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly filters: number
  readonly padding: Convolution['padding']
}

/** Weights that are not small: where a tile sees a spike through one of them only, the bound is that one's. */
const weights: Fill = (_, random) => (random < 0.5 ? random - 1.25 : random + 0.25)

/** All three passes of one layer. `fill` of x and dy. */
export function winogradCase(label: string, shape: WinogradShape, fill: Fill, exact = false): OpCase {
  const { batch, height, width, channels, filters, padding } = shape
  const convolution: Convolution = { strides: [1, 1], padding, dilation: [1, 1], groups: 1 }
  const extents = convolvedExtents(height, width, 3, 3, convolution)
  const filterShape = [3, 3, channels, filters]
  const sides = `${padding.top} ${padding.bottom} ${padding.left} ${padding.right}`
  return {
    name: `${label}: ${batch}×${height}×${width}×${channels} to ${filters}, padding ${sides}`,
    kind: 'conv2d',
    batch,
    exact,
    build: c => {
      const x = c.rows([height, width, channels], fill)
      const filter = c.state(filterShape, exact ? 'integers' : weights)
      const dy = c.rows([...extents, filters], fill)
      const y = c.graph.conv2d(x, filter, convolution)
      const dx = c.graph.conv2dInputGrad(dy, filter, { ...convolution, inputShape: [batch, height, width, channels] })
      const dw = c.graph.conv2dFilterGrad(x, dy, { ...convolution, filterShape })
      if (!exact) return [y, dx, dw]
      const bias = c.input([filters], { fill: 'integers' })
      const fused = c.graph.unary('relu', c.graph.add(y, bias))
      c.update(filter, c.graph.add(filter, c.graph.mul(dw, 2)))
      return [y, dx, dw, fused]
    },
  }
}

/** `leastChannels`: F(4×4) rounds more than its bound says where only a few products are summed. */
export function winogradCases(count: number, fill: Fill, { exact = false, leastChannels = 1 } = {}): OpCase[] {
  return Array.from({ length: count }, (_, index) => {
    for (let attempt = 0; ; attempt++) {
      const shape = shapeOf(fold(fold(keyOf(11), index), attempt), leastChannels)
      if (shape) return winogradCase(`${index}`, shape, fill, exact)
    }
  })
}

function shapeOf(key: RandomKey, leastChannels: number): WinogradShape | undefined {
  let drawn = 0
  const whole = (low: number, high: number): number => low + Math.floor(uniform(key, drawn++) * (high - low + 1))
  const batch = [1, 2, 5, 8, 9][whole(0, 4)]!
  const [height, width] = [whole(1, 19), whole(1, 19)]
  const [channels, filters] = [whole(leastChannels, 40), whole(leastChannels, 40)]
  const side = (): number => whole(0, 2)
  const padding = [
    { top: 0, bottom: 0, left: 0, right: 0 },
    { top: 1, bottom: 1, left: 1, right: 1 },
    { top: side(), bottom: side(), left: side(), right: side() },
    { top: side() + 2, bottom: side(), left: side(), right: side() + 2 },
  ][whole(0, 3)]!
  const [rows, columns] = [height + padding.top + padding.bottom - 2, width + padding.left + padding.right - 2]
  if (rows < 1 || columns < 1) return undefined
  const products = batch * rows * columns * channels * filters * 9
  return products > mostProducts ? undefined : { batch, height, width, channels, filters, padding }
}

/** Shapes whose filters are large enough for the whole batch to be transformed at once. */
export const largeFilters: readonly WinogradShape[] = [
  { batch: 9, height: 4, width: 5, channels: 97, filters: 110, padding: { top: 1, bottom: 1, left: 1, right: 1 } },
  { batch: 2, height: 6, width: 3, channels: 256, filters: 70, padding: { top: 0, bottom: 0, left: 0, right: 1 } },
  { batch: 7, height: 4, width: 4, channels: 98, filters: 100, padding: { top: 1, bottom: 1, left: 1, right: 1 } },
]
