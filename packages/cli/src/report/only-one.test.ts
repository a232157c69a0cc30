import { describe, expect, it } from 'vitest'
import { onlyOneSections } from './only-one.ts'
import { picturedRun, sheetTools } from './pictured-run.testing.ts'
import { elementsOf, smallRun } from './report-run.testing.ts'
import type { ReportRun } from './report-run.ts'

const { tools, shown } = sheetTools()
const named = (run: ReportRun, name: string): ReportRun => ({
  ...run,
  name,
  recipe: { ...run.recipe, name },
})

/** Of 30 pictures, class index mod 3: `a` is wrong in those below 8, `b` in those from 5 on, below 12; both take them for the next class. */
const wrongIn = async (name: string, isWrong: (index: number) => boolean) =>
  named(await picturedRun({ count: 30, predicted: index => [(index + Number(isWrong(index))) % 3, 0.9] }), name)
const a = await wrongIn('a', index => index < 8)
const b = await wrongIn('b', index => index >= 5 && index < 12)

describe('test pictures that only one run gets right', () => {
  const [section] = onlyOneSections([a, b], tools)
  const figureOf = (name: string) => section!.figures.find(each => each.name === name)!

  it('are counted', () => {
    expect(elementsOf(section!.html, 'p')[0]!.textContent).toContain(
      'Of 30 test pictures all are right in 18, only a in 4, only b in 5, none in 3.',
    )
    expect(section!.figures.map(({ title }) => title)).toEqual([
      'Only a is right: 4',
      'Only b is right: 5',
      'No run is right: 3',
    ])
  })

  it('are shown from what the other run kept, under what they are and what it says', () => {
    // The first byte of a picture is its place.
    expect(shown(figureOf('only-1').svg)).toEqual([[8], [9], [10], [11]])
    expect(shown(figureOf('only-2').svg)).toEqual([[0], [1], [2], [3], [4]])
    expect(shown(figureOf('none-right').svg)).toEqual([[5], [6], [7]])
    const texts = elementsOf(figureOf('only-1').svg, 'text').map(text => text.lastChild!.textContent)
    expect(texts).toEqual(['bird', '(cat)', 'cat', '(dog)', 'dog', '(bird)', 'bird', '(cat)'])
    expect(figureOf('only-1').alt).toContain('4 pictures, of which 4 are shown')
  })

  it('of three runs are those that both others get wrong', async () => {
    const c = await wrongIn('c', index => index < 6)
    const [three] = onlyOneSections([a, b, c], tools)
    expect(three!.figures.map(({ title }) => title)).toEqual([
      'Only b is right: 5',
      'Only c is right: 2',
      'No run is right: 1',
    ])
  })

  it('need runs that were tested on the same pictures, not too many of them', async () => {
    const { test: _, ...untested } = b
    expect(onlyOneSections([a, untested], tools)).toEqual([])
    expect(onlyOneSections([a], tools)).toEqual([])
    expect(onlyOneSections([a, b, a, b, a], tools)).toEqual([])
    expect(onlyOneSections([a, await picturedRun({ count: 29 })], tools)).toEqual([])
    expect(onlyOneSections([a, { ...b, recipe: { ...b.recipe, dataset: 'another' } }], tools)).toEqual([])
    expect(onlyOneSections([a, smallRun({ test: { ...b.test!, labels: b.test!.labels } })], tools)).toHaveLength(1)
  })
})
