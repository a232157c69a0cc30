import { describe, expect, it } from 'vitest'
import { mislabelledSection } from './mislabelled-section.ts'
import { ownRun } from './own-run.testing.ts'
import { elementsOf, plainTools, smallRun } from './report-run.testing.ts'

describe('labels that look wrong', () => {
  it('are shown with label, class of the pictures like them and file, the least supported first', async () => {
    const [section] = mislabelledSection(await ownRun({ wrong: [4, 30, 71] }), plainTools)
    const items = elementsOf(section!.html, '.own > ul > li')
    expect(items.map(item => item.querySelector('span')!.textContent)).toEqual([
      'cat → bird',
      'dog → cat',
      'bird → dog',
    ])
    expect(items.map(item => item.getAttribute('title'))).toEqual([
      'cat/picture <71>.png (test)',
      'dog/picture <30>.png (train)',
      'bird/picture <4>.png (train)',
    ])
    expect(items[0]!.querySelector('i')!.getAttribute('aria-label')).toBe('cat/picture <71>.png')
    expect(items[0]!.querySelector('.file')!.textContent).toBe('pictur…71>.png')
  })

  it('are ten at first, up to forty behind a line', async () => {
    const wrong = Array.from({ length: 50 }, (_, place) => place)
    const [section] = mislabelledSection(await ownRun({ wrong }), plainTools)
    expect(elementsOf(section!.html, '.own > ul > li')).toHaveLength(10)
    expect(elementsOf(section!.html, 'details li')).toHaveLength(30)
    expect(elementsOf(section!.html, 'summary')[0]!.textContent).toBe('30 more, of 40')
  })

  it('are no section where no label looks wrong, or the pictures are not the user’s own', async () => {
    expect(mislabelledSection(await ownRun(), plainTools)).toEqual([])
    expect(mislabelledSection(smallRun(), plainTools)).toEqual([])
  })
})
