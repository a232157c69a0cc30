import { expect, test } from 'vitest'
import { svgChart } from './chart.ts'

const points = [1, 2, 4].map(x => [x, 10 * x] as const)
const limit = points.map(([x, y]) => [x, 20 * y] as const)
const lines = [
  { name: 'one', points },
  { name: 'limit', points: limit, isLimit: true },
]
const text = svgChart([{ title: 'a < b', xLabel: 'x', lines }], 'lines & limits')

test('equal factors are equal distances', () => {
  expect(text).toContain('a &lt; b')
  const xs = [...text.matchAll(/<circle [^>]*cx="([\d.]+)"/g)].map(([, x]) => Number(x))
  expect(xs).toHaveLength(3)
  expect(xs[2]! - xs[1]!).toBeCloseTo(xs[1]! - xs[0]!, 0)
})

test('a limit is dashed and has no dots, every line bears its name', () => {
  expect(text.match(/stroke-dasharray/g)).toHaveLength(1)
  for (const { name } of lines) expect(text).toContain(`>${name}</text>`)
})

test('the drawing stands alone: described, its colours written out', () => {
  expect(text).toContain('<title>lines &amp; limits</title>')
  expect(text).not.toMatch(/var\(|currentColor/)
})
