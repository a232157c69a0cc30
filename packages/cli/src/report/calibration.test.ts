import { describe, expect, it } from 'vitest'
import { calibrationSection } from './calibration.ts'
import { elementsOf, smallRun, smallTest, textsOf } from './report-run.testing.ts'

/** Ten predictions with 95 %, of which eight are right; five with 55 %, of which four are. */
const rows = [
  ...Array.from({ length: 10 }, (_, row) => [row < 8 ? 0 : 1, 0, 0.95] as const),
  ...Array.from({ length: 5 }, (_, row) => [row < 4 ? 2 : 1, 2, 0.55] as const),
]
const section = () => calibrationSection(smallRun({ test: smallTest(rows) }))[0]!

describe('calibration', () => {
  it('says how far probabilities and hits are apart', () => {
    const { html } = section()
    // (10 · 0.95 + 5 · 0.55) / 15 and 12 / 15.
    expect(html).toContain('On average the model says <strong>81.7 %</strong> and is right in <strong>80.0 %</strong>')
    expect(html).toContain('it is too sure of itself, by 1.7 points')
    expect(html).toContain('Where it says 90 to 100 % (10 pictures, 95.0 % on average), it is right in 80.0 %.')
    // (10 · 0.15 + 5 · 0.25) / 15.
    expect(html).toContain('Expected calibration error 18.3 %')
  })

  it('draws a bar and a point for every bin that is filled, with its count', () => {
    const { svg } = section().figures[0]!
    // 100 % at y = 26, 0 % at y = 256; 0 % at x = 54, 100 % at x = 336.
    const dots = elementsOf(svg, 'circle').map(dot => [dot.getAttribute('cx'), dot.getAttribute('cy')].map(Number))
    expect(dots.map(([x, y]) => [Math.round(x!), Math.round(y!)])).toEqual([
      [209, 72],
      [322, 72],
    ])
    expect(elementsOf(svg, 'rect title').map(title => title.textContent)).toEqual([
      '50 to 60 %: says 55.0 %, is right in 80.0 % of 5',
      '90 to 100 %: says 95.0 %, is right in 80.0 % of 10',
    ])
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['5', '10', 'chance 33.33 %', 'as it says']))
  })

  it('tells when a model is better than it thinks, or means what it says', () => {
    const humble = smallTest(Array.from({ length: 4 }, () => [0, 0, 0.5] as const))
    expect(calibrationSection(smallRun({ test: humble }))[0]!.html).toContain(
      'it is better than it thinks, by 50.0 points',
    )
    const honest = smallTest([0, 1].map(truth => [truth, 0, 0.5] as const))
    expect(calibrationSection(smallRun({ test: honest }))[0]!.html).toContain('can be taken as they are')
  })

  it('of a model that broke down is told in words', () => {
    const [broken] = calibrationSection(smallRun({ test: smallTest([[0, 0, Number.NaN]]) }))
    expect(broken!.html).toBe('<p>Some of them are not numbers: no.</p>')
  })

  it('writes large counts short, and is left out without a test', () => {
    const many = smallTest(Array.from({ length: 1179 }, () => [0, 0, 0.95] as const))
    expect(textsOf(calibrationSection(smallRun({ test: many }))[0]!.figures[0]!.svg)).toContain('1.2k')
    expect(calibrationSection(smallRun())).toEqual([])
  })
})
