import { describe, expect, it } from 'vitest'
import type { Picture } from '../base/picture.ts'
import { appearance, appearanceSize } from './appearance.ts'

const drawn = (channels: 1 | 3, side: number, at: (x: number, y: number) => readonly number[]): Picture => ({
  width: side,
  height: side,
  channels,
  data: Uint8Array.from(
    Array.from({ length: side * side }, (_, pixel) => at(pixel % side, Math.floor(pixel / side))).flat(),
  ),
})

const apart = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0))

const stripes = (x: number): readonly number[] => (x % 4 < 2 ? [200, 40, 40] : [60, 40, 40])

describe('appearance', () => {
  it('is six distributions: the squares of each sum to 1', () => {
    const numbers = appearance(drawn(3, 12, x => stripes(x)))
    expect(numbers).toHaveLength(appearanceSize)
    const sums = [0, 16, 32, 48, 64, 123].map((begin, place) =>
      numbers.slice(begin, [16, 32, 48, 64, 123, 182][place]).reduce((sum, value) => sum + value ** 2, 0),
    )
    for (const sum of sums) expect(sum).toBeCloseTo(1, 5)
  })

  it('stays when a picture moves by its pattern, and changes with its colours and its texture', () => {
    const own = appearance(drawn(3, 24, x => stripes(x)))
    expect(apart(own, appearance(drawn(3, 24, x => stripes(x + 4))))).toBe(0)
    const blue = appearance(drawn(3, 24, x => stripes(x).toReversed()))
    expect(apart(own, blue)).toBeGreaterThan(0.5)
    const checks = appearance(drawn(3, 24, (x, y) => stripes(x + 2 * (Math.floor(y / 2) % 2))))
    expect([...checks.slice(0, 64)]).toEqual([...own.slice(0, 64)])
    expect(apart(own, checks)).toBeGreaterThan(0.5)
  })

  it('takes grey pictures, of one pixel too', () => {
    expect(appearance(drawn(1, 1, () => [0])).every(Number.isFinite)).toBe(true)
    const grey = appearance(drawn(1, 8, x => [x * 30]))
    expect([...grey]).toEqual([...appearance(drawn(3, 8, x => [x * 30, x * 30, x * 30]))])
  })
})
