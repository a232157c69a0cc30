import { describe, expect, it } from 'vitest'
import { gradientDeviation, lowerAlone } from './check-layer.testing.ts'
import { customLayer } from './custom-layer.ts'

/** y = x · w, one factor for each channel. */
const scaling = customLayer('Scaling', (graph, x, { factor }) => graph.mul(x, factor!), {
  weights: inputShape => [{ name: 'factor', shape: [inputShape.at(-1)!], initializer: 'ones' }],
})
const halves = (outputShape?: (shape: readonly number[]) => readonly number[]) =>
  customLayer('Halves', (graph, x) => graph.slice(x, [0, 0], [x.shape[0]!, x.shape[1]! / 2]), {
    ...(outputShape && { outputShape }),
  })

describe('a layer of the user', () => {
  it('has the weights it asks for, complete', () => {
    expect(scaling.weights([[4, 4, 3]])).toEqual([
      { name: 'factor', shape: [3], initializer: { type: 'Ones' }, trainable: true },
    ])
  })

  it('has a gradient', () => {
    expect(gradientDeviation(scaling, [[3, 2, 2]])).toBeLessThan(1e-6)
  })

  it('keeps the shape, or gives the one it tells', () => {
    expect(scaling.outputShape([[4, 4, 3]])).toEqual([4, 4, 3])
    const told = halves(([units]) => [units! / 2])
    expect(told.outputShape([[6]])).toEqual([3])
    expect(lowerAlone(told, [[6]], false).output.shape).toEqual([3, 3])
  })

  it('says where its formula gives another shape', () => {
    expect(() => lowerAlone(halves(), [[6]], false)).toThrow(/Halves: the formula[\s\S]*\(None, 6\)[\s\S]*\(None, 3\)/)
  })

  it('refuses options no layer has', () => {
    expect(() => customLayer('Scaling', (_, x) => x, { trainabel: false } as never)).toThrow(/did you mean "trainable"/)
  })
})
