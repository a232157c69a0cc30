import { describe, expect, it } from 'vitest'
import { liveSection } from './live.ts'
import { reportPage } from './page.ts'
import { elementsOf, plainTools, smallRun, smallTest } from './report-run.testing.ts'
import type { ReportRun } from './report-run.ts'

const test = smallTest([
  [0, 0, 0.9],
  [1, 0, 0.8],
])

const parts = { tools: plainTools, version: '1.2.3' }

describe('page', () => {
  it('has a table of contents whose links lead to its sections', () => {
    const { html } = reportPage([smallRun({ test })], parts)
    const links = elementsOf(html, 'nav a').map(link => link.getAttribute('href'))
    expect(links).toEqual(elementsOf(html, 'section').map(section => `#${section.id}`))
    expect(links).toContain('#confusion')
    const tried = reportPage([smallRun()], {
      ...parts,
      live: { 'runs/small': '<section id="try"><h2>Try it</h2></section>' },
    })
    // Right below the result.
    expect(
      elementsOf(tried.html, 'nav a')
        .map(link => link.getAttribute('href'))
        .slice(0, 3),
    ).toEqual(['#outcome', '#try', '#curves'])
  })

  it('has its styles in the head alone, those of the live section only with one', () => {
    const live = { 'runs/small': liveSection({ reason: 'Too large.', command: 'fovea predict' }) }
    const [plain, tried] = [{}, { live }].map(more => reportPage([smallRun()], { ...parts, ...more }).html)
    expect(elementsOf(tried!, '#try')).toHaveLength(1)
    for (const html of [plain!, tried!]) expect(html.split('</head>')[1]).not.toContain('<style')
    expect([plain!, tried!].map(html => html.includes('.try-drawn') || html.includes('#try-box'))).toEqual([
      false,
      true,
    ])
  })

  it('tells a run that broke down from one that was interrupted', () => {
    const lead = (changes: Partial<ReportRun>): string =>
      elementsOf(reportPage([smallRun(changes)], parts).html, '#outcome .lead')[0]!.textContent!
    expect(lead({})).toMatch(/training was interrupted before the test\.$/)
    const finding = { kind: 'diverged', epoch: 2, evidence: 'The loss is not a number.', advice: 'Lower it.' } as const
    expect(lead({ findings: [finding] })).toMatch(/training broke down before the test\.$/)
  })

  it('says where it comes from: when, with which seed and version, and the line that does it once more', () => {
    const run = smallRun({ date: '2026-11-30T11:02:33.123Z' })
    const commands = { 'runs/small': 'npx fovea train small --seed 1' }
    const { html } = reportPage([run], { ...parts, commands })
    expect(elementsOf(html, 'header .origin')[0]!.textContent).toBe(
      '2026-11-30 11:02 UTC · seed 1 · Fovea 1.2.3 · npx fovea train small --seed 1',
    )
    expect(elementsOf(reportPage([smallRun()], parts).html, 'header .origin')[0]!.textContent).toBe(
      'seed 1 · Fovea 1.2.3',
    )
    const two = reportPage([run, smallRun({ folder: 'b', name: 'b' })], { ...parts, commands }).html
    expect(elementsOf(two, 'header .origin li').map(line => line.textContent)).toEqual([
      'small A small run · 2026-11-30 11:02 UTC · seed 1 · npx fovea train small --seed 1',
      'b A small run · seed 1',
    ])
  })

  it('of several runs goes section by section, and every link leads to one place', () => {
    const { html, figures } = reportPage([smallRun({ test }), smallRun({ test, name: 'other' })], parts)
    const sections = ['comparison', 'only-one', 'confusion', 'per-class', 'calibration']
    expect(elementsOf(html, 'main > *').map(part => part.id)).toEqual([...sections, 'data', 'network'])
    expect(elementsOf(html, '#confusion article h3.run').map(heading => heading.textContent)).toEqual([
      'small',
      'other',
    ])
    // What they share stands once.
    for (const shared of ['#data', '#network']) {
      expect(elementsOf(html, `${shared} article`)).toHaveLength(1)
      expect(elementsOf(html, `${shared} h3.run`)).toEqual([])
    }
    const ids = elementsOf(html, '[id]').map(element => element.id)
    expect(new Set(ids).size).toBe(ids.length)
    const targets = elementsOf(html, 'a').map(link => link.getAttribute('href')!)
    expect(targets).toContain('#cell-1-0-2')
    for (const target of targets) expect(ids).toContain(target.slice(1))
    expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length)
  })
})
