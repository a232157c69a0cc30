/** The contrast that the theme promises, by the formula of WCAG 2. */
import { expect, test } from 'vitest'
import { themeColours } from './theme.ts'

/** L = 0.2126 R + 0.7152 G + 0.0722 B of linear channels. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map(at => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

/** From 1 (the same) to 21 (black on white). */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light! + 0.05) / (dark! + 0.05)
}

test.each(Object.entries(themeColours))('every colour of text can be read on the %s grounds', (_, colours) => {
  for (const [name, colour] of Object.entries(colours)) {
    if (['--paper', '--line', '--panel'].includes(name)) continue
    for (const ground of [colours['--paper'], colours['--panel']])
      expect(contrast(colour, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  }
})
