/** Between Keras's order of a weight and the device's. */
import type { Shape } from '../../base/shape.ts'
import { blockedIndex } from '../../plan/layout.ts'
import type { Layout } from '../../plan/types.ts'

/** A copy of device memory in the order of `shape`. */
export function readOrdered(memory: Float32Array, layout: Layout, shape: Shape): Float32Array {
  const values = new Float32Array(memory.length)
  if (layout === 'plain') values.set(memory)
  else
    forBlocked(shape, (plain, blocked) => {
      values[plain] = memory[blocked]!
    })
  return values
}

export function writeOrdered(memory: Float32Array, layout: Layout, shape: Shape, values: ArrayLike<number>): void {
  if (layout === 'plain') memory.set(values)
  else
    forBlocked(shape, (plain, blocked) => {
      memory[blocked] = values[plain]!
    })
}

function forBlocked(shape: Shape, visit: (plain: number, blocked: number) => void): void {
  const outputs = shape.at(-1)!
  const inners = shape.slice(0, -1).reduce((product, extent) => product * extent, 1)
  for (let inner = 0; inner < inners; inner++) {
    for (let output = 0; output < outputs; output++)
      visit(inner * outputs + output, blockedIndex(inner, output, inners, outputs))
  }
}
