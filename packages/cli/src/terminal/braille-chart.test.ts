import { describe, expect, it } from 'vitest'
import { type ChartOptions, drawBrailleChart } from './braille-chart.ts'

const options: ChartOptions = {
  title: 'loss',
  width: 24,
  height: 8,
  nameOf: index => String(index + 1),
  format: String,
  colours: false,
}

describe('drawBrailleChart', () => {
  it('draws a falling line: axis, ticks, mark at its end, the marked step below', () => {
    const lines = [{ values: [4, 3, 2, 1, 0], mark: 'a' }]
    expect(drawBrailleChart(lines, { ...options, marked: 3 })).toEqual([
      '   loss',
      '4 ┤⠑⠢⢄⡀',
      '3 ┤   ⠈⠑⠤⣀',
      '2 ┤       ⠉⠒⠤⢄⡀',
      '1 ┤           ⠈⠑⠢⢄⡀',
      '0 ┤               ⠈⠑⠢⢄ a',
      '  └──────────────▲────',
      '   1             4   5',
    ])
  })

  it('tells lines apart without colour: dotted differently, marks side by side where they end together', () => {
    const [first, second] = [1, 2].map(count => Array.from({ length: 9 }, () => count % 2)) as [number[], number[]]
    const drawn = drawBrailleChart(
      [
        { values: first, mark: 'a' },
        { values: second, mark: 'b' },
        { values: [0, 1], mark: 'c' },
      ],
      options,
    )
    expect(drawn[1]).toMatch(/ ac$/)
    expect(drawn[5]).toMatch(/ b$/)
    expect(drawn[1]).toContain('⠉⠉⠉')
    expect(drawn[5]).not.toMatch(/⣀⣀/)
    expect(Math.max(...drawn.map(line => line.length))).toBeLessThanOrEqual(24)
  })

  it('draws a level across, and makes the axis long enough for it', () => {
    const drawn = drawBrailleChart([{ values: [0.6, 0.9], mark: 'a' }], { ...options, level: 0.1 })
    expect(drawn.find(line => line.includes('┄┄┄┄'))).toMatch(/^ *0 ┤/)
  })

  it('numbers that are none leave a gap; a flat line and one without any number have an axis all the same', () => {
    const drawn = drawBrailleChart([{ values: [1, 2, Number.NaN, 2, 1, Number.POSITIVE_INFINITY], mark: 'a' }], options)
    expect(drawn[1]).toMatch(/\S +\S/)
    const flat = drawBrailleChart([{ values: [2, 2, 2], mark: 'a' }], options)
    expect(flat.join('')).toMatch(/([⠉⠒⠤⣀])\1{5}/)
    expect(drawBrailleChart([{ values: [Number.NaN, Number.NaN], mark: 'a' }], options)).toHaveLength(8)
  })

  it('colours take no room', () => {
    const lines = [{ values: [4, 3, 2, 1, 0], mark: 'a' }]
    const coloured = drawBrailleChart(lines, { ...options, colours: true }).join('\n')
    expect(coloured).toContain('\u001b[38;5;33m')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what colours consist of
    expect(coloured.replace(/\u001b\[[\d;]*m/g, '')).toBe(drawBrailleChart(lines, options).join('\n'))
  })
})
