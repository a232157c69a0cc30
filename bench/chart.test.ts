import { expect, test } from 'vitest'
import { svgChart, ticks } from './chart.ts'

test('ticks are 1, 2 and 5 times powers of ten', () => {
  expect(ticks(0.9, 25)).toEqual([1, 2, 5, 10, 20])
  expect(ticks(0.04, 60)).toEqual([0.1, 1, 10])
})

test('equal factors are equal distances', () => {
  const points = [1, 2, 4].map(x => [x, 10 * x] as const)
  const text = svgChart([{ title: 'a < b', xLabel: 'x', yLabel: 'y', lines: [{ name: 'one', points }] }], 'lines')
  expect(text).toContain('a &lt; b')
  const xs = [...text.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x))
  expect(xs).toHaveLength(3)
  expect(xs[2]! - xs[1]!).toBeCloseTo(xs[1]! - xs[0]!, 0)
})
