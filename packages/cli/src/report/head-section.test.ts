import { describe, expect, it } from 'vitest'
import { advice, headSection } from './head-section.ts'
import { ownRun } from './own-run.testing.ts'
import { elementsOf, smallRun, textsOf } from './report-run.testing.ts'

describe('Am I done?', () => {
  it('draws what is found of each class, and says that more would change little where all is found early', async () => {
    const [section] = headSection(await ownRun())
    const { svg, alt } = section!.figures[0]!
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['¼', '½', '¾', 'all', 'cat', 'dog', 'bird']))
    expect(alt).toContain('cat 100, 100, 100, 100 %; dog 100, 100, 100, 100 %; bird 100, 100, 100, 100 %')
    const [sentence, note] = elementsOf(section!.html, 'p').map(({ textContent }) => textContent)
    expect(sentence).toMatch(/^More pictures like these would change little/)
    expect(note).toContain('the last layer only')
    expect(note).toContain('30 pictures that it was not trained on')
  })

  it('names the class that gains most from more pictures, if that is more than a picture', () => {
    const said = (all: readonly number[]): string =>
      advice(
        {
          shares: [0.25, 0.5, 0.75, 1],
          recall: [[0, 0, 0], [0.5, 0.5, 0.75], [0, 0, 0], all],
          pictures: [41, 60, 80],
          heldOut: [20, 20, 20],
          draws: 8,
        },
        [0, 1, 2],
        label => ['cat', 'dog', 'bird'][label]!,
      )
    expect(said([0.625, 0.5, 0.8])).toBe(
      'More pictures of cat would help most: with 21 of them 50 % were found, with all 41 it is 63 %.',
    )
    expect(said([0.525, 0.5, 0.75])).toMatch(/would change little.*The hardest class is dog \(50 % found\)/)
  })

  it('draws the hardest six of many classes', async () => {
    const classNames = Array.from({ length: 9 }, (_, label) => `class ${label}`)
    const [section] = headSection(await ownRun({ classNames, count: 270 }))
    expect(section!.figures[0]!.title).toBe('Found of each class, the 6 hardest of 9')
    expect(textsOf(section!.figures[0]!.svg).filter(text => text.startsWith('class'))).toHaveLength(6)
  })

  it('is no section of other runs', () => {
    expect(headSection(smallRun())).toEqual([])
  })
})
