import { describe, expect, it } from 'vitest'
import { fillBatch } from './batches.ts'
import type { FeedColumn } from './feed-column.ts'
import { asClassNumber, asOneHot } from './label-forms.ts'

const count = 3
const batch = 4
const positions = 2
const classes = 3
const numbers = [0, 2, 1, 1, 2, 0]
const oneHot = numbers.flatMap(label => [0, 1, 2].map(place => (place === label ? 1 : 0)))

/** Labels with a class at each of two positions, in every form that they can be given in and be wanted in. */
const columns: Record<string, [FeedColumn, number[]]> = {
  'numbers as numbers': [{ data: Int32Array.from(numbers), rowSize: 2, form: 'copy', slotRowSize: 2 }, numbers],
  'numbers as rows': [{ data: Int32Array.from(numbers), rowSize: 2, form: asOneHot, slotRowSize: 6 }, oneHot],
  'rows as numbers': [{ data: Float32Array.from(oneHot), rowSize: 6, form: asClassNumber, slotRowSize: 2 }, numbers],
  'rows as rows': [{ data: Float32Array.from(oneHot), rowSize: 6, form: 'copy', slotRowSize: 6 }, oneHot],
}
const x: FeedColumn = { data: Float32Array.of(1, 2, 3), rowSize: 1, form: 'copy', slotRowSize: 1 }

describe.each(Object.entries(columns))('%s', (_, [column, values]) => {
  const rows = { count, inputs: { x }, targets: { y: column }, weights: {} }
  const size = column.slotRowSize

  it.each([
    ['in order', undefined, [0, 1, 2]],
    ['shuffled', Int32Array.of(2, 0, 1), [2, 0, 1]],
  ] as const)('fill the places of their rows, %s', (_, order, expected) => {
    const slots = { inputs: { x: new Float32Array(batch) }, targets: { y: new Float32Array(batch * size).fill(9) } }
    expect(fillBatch(rows, order, 0, batch, slots)).toBe(count)
    expect([...slots.inputs.x]).toEqual([...expected.map(row => row + 1), 0])
    expect([...slots.targets.y.subarray(0, count * size)]).toEqual(
      expected.flatMap(row => values.slice(row * size, (row + 1) * size)),
    )
  })

  it('that are too short or too long for the slot are never fed', () => {
    for (const room of [1, positions, classes, positions * classes, 12].filter(room => room !== size)) {
      const slots = { inputs: { x: new Float32Array(batch) }, targets: { y: new Float32Array(batch * room) } }
      expect(() => fillBatch(rows, undefined, 0, batch, slots)).toThrow(/do not fill the targets of y/)
    }
    expect(() => fillBatch(rows, undefined, 0, batch, { targets: { y: new Float32Array(size) } })).toThrow(
      /do not fill the targets of y/,
    )
  })
})
