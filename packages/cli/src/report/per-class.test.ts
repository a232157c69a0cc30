import { describe, expect, it } from 'vitest'
import { perClassSection } from './per-class.ts'
import { elementsOf, placeOf, smallRun, smallTest, textsOf } from './report-run.testing.ts'

/** Cats: 2 of 4 found. Dogs: 1 of 1, but 3 predicted. Birds: 1 of 1. */
const test = smallTest([
  [0, 0, 0.9],
  [0, 0, 0.9],
  [0, 1, 0.6],
  [0, 1, 0.7],
  [1, 1, 0.8],
  [2, 2, 0.5],
])
const section = () => perClassSection(smallRun({ test }))[0]!

describe('class by class', () => {
  it('lists precision, recall, F1 and samples, with both means', () => {
    const rows = elementsOf(section().html, 'tbody tr, tfoot tr').map(row =>
      [...row.querySelectorAll('td')].map(cell => cell.textContent),
    )
    expect(rows).toEqual([
      ['cat', '1.000', '0.500', '0.667', '4'],
      ['dog', '0.333', '1.000', '0.500', '1'],
      ['bird', '1.000', '1.000', '1.000', '1'],
      ['mean of the classes', '0.778', '0.833', '0.722', '6'],
      ['mean of the samples', '0.889', '0.667', '0.694', '6'],
    ])
  })

  it('draws them, the hardest class at the bottom', () => {
    const [{ svg, alt }] = section().figures as unknown as [{ svg: string; alt: string }]
    const heights = ['bird', 'cat', 'dog'].map(
      name => placeOf(elementsOf(svg, 'text').find(text => text.textContent === name)!).y,
    )
    expect(heights).toEqual([...heights].sort((a, b) => a - b))
    // Recall is filled: 1, 0.5 and 1; equal values stand at equal places.
    const recall = elementsOf(svg, 'g[fill="var(--series-1)"] circle').map(dot => Number(dot.getAttribute('cx')))
    expect(recall[0]).toBe(recall[2])
    expect(recall[1]).toBeLessThan(recall[0]!)
    const titles = elementsOf(svg, 'title').map(title => title.textContent)
    expect(titles.at(-1)).toBe('dog: precision 0.333, recall 1.000, F1 0.500, samples 1')
    expect(alt).toContain('Lowest: dog with 0.500, precision 0.333, recall 1.000.')
  })

  it('names the pairs most often confused', () => {
    const pairs = elementsOf(section().html, 'li').map(item => item.textContent)
    expect(pairs).toEqual(['cat taken for dog: 2 of 4 (50.0 %)'])
    const perfect = perClassSection(smallRun({ test: smallTest([[0, 0, 1]]) }))[0]!
    expect(perfect.html).toContain('Every test picture is predicted rightly.')
  })

  it('of 100 classes draws the hardest and folds the table', () => {
    const rows = Array.from({ length: 400 }, (_, row) => {
      const truth = row % 100
      return [truth, row < truth ? (truth + 1) % 100 : truth, 0.9] as const
    })
    const classNames = Array.from({ length: 100 }, (_, index) => `class ${index}`)
    const many = perClassSection(smallRun({ test: smallTest(rows, 100), classNames }))[0]!
    expect(many.figures[0]!.title).toBe('Precision, recall and F1, the 20 hardest classes of 100')
    expect(textsOf(many.figures[0]!.svg).filter(text => text.startsWith('class '))).toHaveLength(20)
    expect(elementsOf(many.html, 'details tbody tr')).toHaveLength(100)
  })

  it('is left out of a run without a test', () => {
    expect(perClassSection(smallRun())).toEqual([])
  })
})
