import { describe, expect, it } from 'vitest'
import { csvCell, readCsv } from './csv.ts'

const cellsOf = (text: string, separator?: string) => readCsv(text, 'x.csv', separator).rows.map(({ cells }) => cells)

describe('readCsv', () => {
  it('the separator that a line before the first names, as Excel writes it', () => {
    for (const end of ['\n', '\r\n']) {
      const table = readCsv(['sep=;', 'a;b', '1,5;2'].join(end), 'x.csv')
      expect(table).toMatchObject({ separator: ';', names: ['a', 'b'], rows: [{ cells: ['1,5', '2'], line: 3 }] })
    }
  })

  it('gives back what was written, whatever the cells, the separator and the line end', () => {
    const cells = [
      '',
      'plain',
      ' padded ',
      'a,b',
      'a;b',
      'a\tb',
      'a|b',
      'two\nlines',
      'two\r\nlines',
      'two\rlines',
      'a "word"',
      '"',
      '""',
      'ä—漢',
    ]
    const rows = cells.map((cell, index) => [cell, cells[(index * 5 + 3) % cells.length]!, `${index}`])
    for (const separator of [',', ';', '\t', '|']) {
      for (const end of ['\n', '\r\n', '\r']) {
        for (const last of [end, '']) {
          const lines = [['a', 'b', 'c'], ...rows].map(row => row.map(cell => csvCell(cell, separator)).join(separator))
          const table = readCsv(lines.join(end) + last, 'x.csv')
          expect(table.separator).toBe(separator)
          expect(table.names).toEqual(['a', 'b', 'c'])
          expect(table.rows.map(row => row.cells)).toEqual(rows)
        }
      }
    }
  })

  it('rows know their lines, blank ones and breaks in quotes counted', () => {
    const { rows } = readCsv('a,b\n\n1,"x\r\ny"\n  \n2,z', 'x.csv')
    expect(rows.map(({ line }) => line)).toEqual([3, 6])
  })

  it('an empty cell at the end of a row, of the file too, is one', () => {
    expect(cellsOf('a,b\n1,\n2,')).toEqual([
      ['1', ''],
      ['2', ''],
    ])
    expect(readCsv('', 'x.csv')).toMatchObject({ names: [], rows: [] })
    expect(readCsv('\tloss\n0\t1', 'x.csv').names).toEqual(['', 'loss'])
  })

  it.each([
    ['too few cells', 'a,b,c\n1,2,3\n1,2\n', /x.csv, line 3: the row has too few cells.*3 cells.*2 cells/s],
    ['too many cells', 'a,b\n1,2,3\n', /line 2: the row has too many cells/],
    ['a quote that is not closed', 'a,b\n1,"2\n3,4\n', /line 2: a quote is not closed/],
    ['a quote that is closed too early', 'a,b\n1,"2"3\n', /line 2: something follows the closing quote/],
  ])('%s: says where', (_, text, message) => {
    expect(() => readCsv(text, 'x.csv')).toThrow(message)
  })
})
