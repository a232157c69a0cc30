/** Between Keras's order of a weight and the device's. */
import { type Shape, sizeOf } from '../../base/shape.ts'
import { forBlockedRuns } from '../../plan/layout.ts'
import type { Layout } from '../../plan/types.ts'

/** A copy of device memory in the order of `shape`. */
export function readOrdered(memory: Float32Array, layout: Layout, shape: Shape, block: number): Float32Array {
  const values = new Float32Array(memory.length)
  if (layout === 'plain') values.set(memory)
  else
    forRuns(shape, block, (plain, blocked, width) => {
      for (let index = 0; index < width; index++) values[plain + index] = memory[blocked + index]!
    })
  return values
}

export function writeOrdered(
  memory: Float32Array,
  layout: Layout,
  shape: Shape,
  block: number,
  values: ArrayLike<number>,
): void {
  if (layout === 'plain') memory.set(values)
  else
    forRuns(shape, block, (plain, blocked, width) => {
      for (let index = 0; index < width; index++) memory[blocked + index] = values[plain + index]!
    })
}

function forRuns(shape: Shape, block: number, visit: (plain: number, blocked: number, width: number) => void): void {
  forBlockedRuns(block, sizeOf(shape.slice(0, -1)), shape.at(-1)!, visit)
}
