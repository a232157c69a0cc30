import { describe, expect, it, test } from 'vitest'
import type { PicturePrediction } from '../command/predict-documents.ts'
import { cellsOf, shortenedTo } from './cells.ts'
import { predictionsText } from './predictions-text.ts'

const classNames = ['cat', 'dog', 'guinea pig']
const seen = (picture: string, probabilities: readonly number[], notes: readonly string[] = []): PicturePrediction => {
  const probability = Math.max(...probabilities)
  const winner = probabilities.indexOf(probability)
  return { picture, class: winner, className: classNames[winner]!, probability, probabilities, notes }
}
const unsure = (prediction: PicturePrediction): PicturePrediction => ({
  ...prediction,
  class: null,
  className: 'unsure',
})
const options = { classNames, top: 3, columns: Number.POSITIVE_INFINITY, common: 'only the middle' }
const text = (predictions: readonly PicturePrediction[], changes: Partial<typeof options> = {}): string => {
  const files = predictions.map(({ picture }) => picture)
  const { head, line, foot } = predictionsText({ ...options, ...changes, files })
  return [head, ...predictions.map(line), foot()].join('\n').trim()
}

it('tells one picture in a sentence', () => {
  expect(text([seen('a.png', [0.7, 0.2, 0.1], ['inverted'])])).toBe(
    'a.png: cat 70.00 % (then dog 20.00 %, guinea pig 10.00 %)\n  inverted',
  )
  expect(text([unsure(seen('a.png', [0.5, 0.3, 0.2]))], { top: 2 })).toBe('a.png: unsure (cat 50.00 %, dog 30.00 %)')
  expect(text([seen('a.png', [0.7, 0.2, 0.1])], { top: 1 })).toBe('a.png: cat 70.00 %')
})

it('tells several in a table, and what holds for them together below it', () => {
  const middle = 'only the middle: 8×8 of 16×8'
  const predictions = [
    seen('photos/1.jpg', [0.7, 0.2, 0.1], [middle]),
    seen('photos/20.jpg', [0.01, 0.0, 0.99], ['inverted']),
    unsure(seen('b.jpg', [0.4, 0.35, 0.25])),
  ]
  expect(text(predictions).split('\n')).toEqual([
    'picture        class       probability  then',
    '─────────────  ──────────  ───────────  ────',
    'photos/1.jpg   cat             70.00 %  dog 20.00 %, guinea pig 10.00 %',
    'photos/20.jpg  guinea pig      99.00 %  cat 1.00 %, dog 0.00 %',
    '  inverted',
    'b.jpg          unsure          40.00 %  cat 40.00 %, dog 35.00 %, guinea pig 25.00 %',
    '',
    '3 pictures: 1 cat, 1 guinea pig, 1 unsure.',
    'Of 1 of them only the middle.',
  ])
})

describe('names', () => {
  const names = [
    `${'a'.repeat(246)}.jpg`,
    '中文名字的图片'.repeat(8),
    '👩‍👩‍👧 ferien 🏖️.jpg',
    'e\u0301te\u0301.jpg',
    'two\nlines.jpg',
    ' blanks .jpg',
    '\u001b[31mred.jpg',
  ]
  const predictions = names.map(name => seen(name, [0.7, 0.2, 0.1]))

  test('of any length and writing keep a table of 80 columns straight', () => {
    const lines = text(predictions, { columns: 80 }).split('\n').slice(0, 9)
    for (const line of lines) expect(cellsOf(line), line).toBeLessThanOrEqual(80)
    const column = lines[0]!.indexOf('class')
    for (const line of lines.slice(2)) expect(cellsOf(line.slice(0, line.lastIndexOf('cat'))), line).toBe(column)
    expect(lines.join('\n')).toContain('…')
    expect(lines.join('')).not.toContain('\u001b')
  })

  test('are whole where no terminal limits the line', () => {
    for (const name of names.slice(0, 3)) expect(text(predictions)).toContain(name)
  })

  test('that are cut keep their beginning and their end', () => {
    expect(shortenedTo('photos/holiday/0001.jpg', 12)).toBe('pho…0001.jpg')
    expect(shortenedTo('中文名字的图片.jpg', 11)).toBe('中…图片.jpg')
    expect(cellsOf(shortenedTo('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 5))).toBeLessThanOrEqual(5)
    expect(shortenedTo('short', 5)).toBe('short')
  })
})
