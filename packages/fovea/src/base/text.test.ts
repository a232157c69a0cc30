import { expect, test } from 'vitest'
import { columns, definitions, duration, grouped, inBytes, percent, shellWord, shortened, shortList } from './text.ts'

test('numbers as people read them', () => {
  expect([0, 999, 1000, 1_628_214].map(grouped)).toEqual(['0', '999', '1,000', '1,628,214'])
  expect(percent(0.99121)).toBe('99.12 %')
  expect([0.04, 59.9, 59.96, 200, 3600, 7380].map(duration)).toEqual([
    ...['0.0 s', '59.9 s', '1 min 00 s', '3 min 20 s', '1 h 00 min', '2 h 03 min'],
  ])
  expect([0, 1023, 1536, 5 * 1024 ** 3].map(inBytes)).toEqual(['0 bytes', '1023 bytes', '1.5 KB', '5.0 GB'])
})

test('columns are as wide as their widest cell and end without blanks', () => {
  const table = columns([
    { title: 'name', cells: ['a', 'long name'] },
    { title: 'n', cells: ['1', '22'], align: 'right' },
  ])
  expect(table.split('\n')).toEqual(['name        n', '─────────  ──', 'a           1', 'long name  22'])
  expect(
    definitions([
      ['a', 'x'],
      ['long', 'y'],
    ]),
  ).toBe('  a     x\n  long  y')
})

test('words as a shell takes them', () => {
  expect(['runs/a-1-1', 'C:\\runs', '~/ü_漢.png'].map(shellWord)).toEqual(['runs/a-1-1', 'C:\\runs', '~/ü_漢.png'])
  expect(['a b', '', 'x"$y'].map(shellWord)).toEqual(['"a b"', '""', '"x\\"\\$y"'])
})

test('long names keep their beginning, and their end where it tells them apart', () => {
  expect(['dog', 'a labrador', '漢字漢字漢字漢字漢字'].map(name => shortened(name, 8))).toEqual([
    'dog',
    'a labra…',
    '漢字漢字漢字漢…',
  ])
  expect(shortened('batch_normalization_3', 16, 2)).toBe('batch_normali…_3')
})

test('long lists end in a number', () => {
  expect(shortList(['a', 'b'])).toBe('a, b')
  expect(shortList([...'abcdefg'])).toBe('a, b, c, d, e and 2 more')
})
