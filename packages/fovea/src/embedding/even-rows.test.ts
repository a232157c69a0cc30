import { expect, it } from 'vitest'
import { evenRows } from './even-rows.ts'

it('takes as many of each class, spread over the rows, and lets large classes have what small ones leave', () => {
  const labels = [...Array(100).fill(0), ...Array(50).fill(1), ...Array(2).fill(2)]
  const rows = evenRows(labels, 32)
  const counts = [0, 1, 2].map(label => rows.filter(row => labels[row] === label).length)
  expect(counts).toEqual([15, 15, 2])
  expect([...rows]).toEqual([...new Set(rows)].sort((a, b) => a - b))
  expect(rows.filter(row => row < 100 && row >= 50).length).toBeGreaterThan(5)
  expect([...evenRows([1, 0, 1], 10)]).toEqual([0, 1, 2])
})
