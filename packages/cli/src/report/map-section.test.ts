import { describe, expect, it } from 'vitest'
import { type MapDocument, mapSection } from './map-section.ts'
import { ownRun } from './own-run.testing.ts'
import { elementsOf, plainTools, smallRun } from './report-run.testing.ts'

const documentOf = (html: string): MapDocument => JSON.parse(elementsOf(html, '#map-data')[0]!.textContent!)

describe('map of own pictures', () => {
  it('has a mark for each picture, of the form and colour of its class, and rings around labels that look wrong', async () => {
    const [section] = mapSection(await ownRun({ wrong: [4, 30] }), plainTools)
    const { svg, alt } = section!.figures[0]!
    const groups = elementsOf(svg, 'g[data-class]')
    expect(groups.map(group => `${group.getAttribute('data-class')} ${group.querySelectorAll('use').length}`)).toEqual([
      '0 29',
      '1 30',
      '2 31',
    ])
    const looks = groups.map(
      group => `${group.getAttribute('fill')} ${group.querySelector('use')!.getAttribute('href')}`,
    )
    expect(new Set(looks).size).toBe(3)
    expect(new Set(looks.map(look => look.split(' ')[1])).size).toBe(3)
    expect(elementsOf(svg, 'g[stroke] > circle')).toHaveLength(2)
    expect(alt).toContain('Map of all 90 pictures in 3 classes')
    const forms = elementsOf(svg, 'defs path').map(path => `#${path.id}`)
    for (const use of elementsOf(svg, 'use')) expect(forms).toContain(use.getAttribute('href'))
  })

  it('tells the script what each mark is, in the order of the marks', async () => {
    const run = await ownRun({ wrong: [4] })
    const { html, figures } = mapSection(run, plainTools)[0]!
    const { points, classNames } = documentOf(html)
    expect(classNames).toEqual(['cat', 'dog', 'bird'])
    const marks = elementsOf(figures[0]!.svg, 'g[data-class] use').map(use =>
      [use.getAttribute('x'), use.getAttribute('y')].map(Number),
    )
    expect(points).toHaveLength(marks.length)
    for (const [at, { x, y }] of points.entries()) {
      expect(x).toBeCloseTo(marks[at]![0]!, 0)
      expect(y).toBeCloseTo(marks[at]![1]!, 0)
    }
    const wrong = points.find(({ label, predicted }) => label !== predicted)!
    expect([wrong.file, wrong.label, wrong.predicted]).toEqual(['bird/picture <4>.png', 2, 1])
    expect(wrong.tile).toHaveLength(2)
    // No text of a file's name ends the script element.
    expect(html).not.toContain('picture <')
  })

  it('draws a part of many pictures, and says so', async () => {
    const run = await ownRun({ count: 1500, seen: 500 })
    const { html, figures } = mapSection(run, plainTools)[0]!
    expect(figures[0]!.title).toBe('Map of 1,000 of 1,500 pictures')
    expect(elementsOf(figures[0]!.svg, 'g[data-class] use')).toHaveLength(1000)
    expect(html).toContain('It sees 500 features, added up at random into 2')
  })

  it('tells six classes by form alone, and thirty-six by form and colour', async () => {
    const classNames = Array.from({ length: 36 }, (_, label) => `class ${label}`)
    const { svg } = mapSection(await ownRun({ classNames, count: 72 }), plainTools)[0]!.figures[0]!
    const looks = elementsOf(svg, 'g[data-class]').map(group => [
      group.querySelector('use')!.getAttribute('href'),
      group.getAttribute('fill'),
    ])
    expect(new Set(looks.slice(0, 6).map(([form]) => form)).size).toBe(6)
    expect(new Set(looks.map(String)).size).toBe(36)
  })

  it('is no section of other runs', () => {
    expect(mapSection(smallRun(), plainTools)).toEqual([])
  })
})
