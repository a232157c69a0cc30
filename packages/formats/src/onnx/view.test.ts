/** Views against numbers that are really moved: whatever is reshaped and turned, the places of a view are those of its numbers. */
import { sizeOf } from 'fovea/internal/base/shape'
import { describe, expect, it } from 'vitest'
import { type Constant, transposedConstant } from './constant.ts'
import {
  arranged,
  flatAxes,
  moveTo,
  onnxPlaces,
  pictureAxes,
  plainAxes,
  refined,
  transposed,
  type View,
  withShape,
} from './view.ts'

/** Numbers of a view in ONNX's order, of those that are stored. */
function inOnnxOrder(view: View, stored: Float64Array): Float64Array {
  const ordered = new Float64Array(stored.length)
  for (const [at, place] of onnxPlaces(view).entries()) ordered[place] = stored[at]!
  return ordered
}

const countUp = (size: number): Float64Array => Float64Array.from({ length: size }, (_, at) => at)
const constant = (dims: readonly number[], data: Float64Array): Constant => ({ dims, data, type: 'float64' })

/** The same shapes and orders every time. */
function* draws(): Generator<number> {
  for (let state = 1; ; state = (state * 48271) % 2147483647) yield state
}

describe('a view', () => {
  it('of a picture has its channels first for ONNX and last for Fovea', () => {
    const view = arranged(0, [2, 3, 5], pictureAxes)
    expect(view.stored).toEqual([3, 5, 2])
    // Fovea's [1, 2, 1] is ONNX's [1, 1, 2].
    expect(onnxPlaces(view)[(1 * 5 + 2) * 2 + 1]).toBe((1 * 3 + 1) * 5 + 2)
  })

  it('of one channel is stored in ONNX’s order as well', () => {
    const view = arranged(0, [1, 4, 4], pictureAxes)
    expect(moveTo(view, refined(view)!.parts, plainAxes(view.shape))).toEqual({ to: [1, 4, 4] })
  })

  it('cannot be cut inside of a factor', () => {
    expect(refined(withShape(arranged(0, [6, 4], [[1], [0]]), [4, 6]))).toBeUndefined()
    expect(refined(withShape(arranged(0, [6, 4], [[1], [0]]), [2, 3, 4]))?.parts).toEqual([[0], [1], [2]])
  })

  it('follows any row of reshapes and turns', () => {
    const draw = draws()
    const upTo = (most: number): number => draw.next().value! % most
    let turned = 0
    for (let round = 0; round < 300; round++) {
      const shape = Array.from({ length: 1 + upTo(3) }, () => [1, 2, 3, 4, 6][upTo(5)]!)
      const order = shuffled(
        shape.map((_, axis) => axis),
        upTo,
      )
      let view = arranged(
        0,
        shape,
        order.map(axis => [axis]),
      )
      const stored = countUp(sizeOf(shape))
      let expected = inOnnxOrder(view, stored)
      for (let step = 0; step < 4; step++) {
        if (upTo(2) === 0) view = withShape(view, regrouped(view.shape, upTo))
        else {
          const perm = shuffled(
            view.shape.map((_, axis) => axis),
            upTo,
          )
          const next = transposed(view, perm)
          if (!next) continue
          turned++
          expected = Float64Array.from(transposedConstant(constant(view.shape, expected), perm).data)
          view = next
        }
        expect(inOnnxOrder(view, stored)).toEqual(expected)
      }
      // And stored anew, in another order: what the layers do.
      const fine = refined(view)
      if (!fine) continue
      const arrangement = upTo(2) === 0 ? flatAxes(view.shape) : shuffled(plainAxes(view.shape), upTo)
      const { from, perm, to } = moveTo(fine.view, fine.parts, arrangement)
      const moved = from && perm ? transposedConstant(constant(from, stored), perm).data : stored
      expect(sizeOf(to)).toBe(stored.length)
      expect(inOnnxOrder(arranged(1, view.shape, arrangement), Float64Array.from(moved))).toEqual(expected)
    }
    expect(turned).toBeGreaterThan(100)
  })
})

function shuffled<T>(items: readonly T[], upTo: (most: number) => number): T[] {
  const rest = [...items]
  return items.map(() => rest.splice(upTo(rest.length), 1)[0]!)
}

/** Two neighbours joined, or one axis cut in two. */
function regrouped(shape: readonly number[], upTo: (most: number) => number): number[] {
  const at = upTo(shape.length)
  const extent = shape[at]!
  if (upTo(2) === 0 && at + 1 < shape.length)
    return [...shape.slice(0, at), extent * shape[at + 1]!, ...shape.slice(at + 2)]
  const part = [1, 2, 3].filter(divisor => extent % divisor === 0).at(-1)!
  return [...shape.slice(0, at), part, extent / part, ...shape.slice(at + 1)]
}
