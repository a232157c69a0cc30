import { describe, expect, test } from 'vitest'
import { confusionText } from './confusion-text.ts'

const text = (classNames: string[], confusionMatrix: number[][], width = 80) =>
  confusionText({ classNames, confusionMatrix }, width)

describe('confusionText', () => {
  test('rows are true classes, columns predicted ones, the share of each that is right, the worst mistakes', () => {
    const drawn = text(
      ['cat', 'dog', 'horse'],
      [
        [8, 2, 0],
        [1, 9, 0],
        [0, 0, 0],
      ],
    )
    expect(drawn).toBe(
      `Confusion matrix: true classes by row, predicted classes by column.
true   cat  dog  horse   right
─────  ───  ───  ─────  ──────
cat      8    2      ·  80.0 %
dog      1    9      ·  90.0 %
horse    ·    ·      ·       –

Most frequent mistakes: cat taken for dog (2 times), dog taken for cat (once).`,
    )
  })

  test('ten classes of ten thousand pictures fit 80 columns, digits or long names', () => {
    const counts = Array.from({ length: 10 }, (_, truth) =>
      Array.from({ length: 10 }, (_, predicted) => (truth === predicted ? 1135 : 0)),
    )
    for (const names of [counts.map((_, index) => String(index)), counts.map((_, index) => `automobil${index}`)]) {
      const lines = text(names, counts).split('\n')
      expect(lines).toHaveLength(13)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
      expect(lines[3]).toMatch(/1135 .*100\.0 %$/)
    }
  })

  test.each([12, 40, 80, 120, 200])('no line is wider than %i signs, or the matrix is left out', width => {
    for (const count of [2, 5, 10, 30, 100]) {
      const names = Array.from({ length: count }, (_, index) => `class number ${index}`)
      const counts = names.map((_, truth) => names.map((_, predicted) => (truth + predicted) % 7))
      const [matrix = '', mistakes] = text(names, counts, width).split('\n\n')
      if (matrix.startsWith('Confusion')) {
        for (const line of matrix.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(width)
      } else
        expect(matrix).toBe(`The confusion matrix of ${count} classes is too wide to be drawn here; --json prints it.`)
      expect(mistakes).toMatch(/^Most frequent mistakes: class number \d+ taken for class number \d+ /)
    }
  })
})
