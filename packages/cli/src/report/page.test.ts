import { describe, expect, it } from 'vitest'
import { liveSection } from './live.ts'
import { reportPage } from './page.ts'
import { elementsOf, plainTools, smallRun, smallTest } from './report-run.testing.ts'
import type { ReportRun } from './report-run.ts'

const test = smallTest([
  [0, 0, 0.9],
  [1, 0, 0.8],
])

describe('page', () => {
  it('has a table of contents whose links lead to its sections', () => {
    const { html } = reportPage([smallRun({ test })], { tools: plainTools })
    const links = elementsOf(html, 'nav a').map(link => link.getAttribute('href'))
    expect(links).toEqual(elementsOf(html, 'section').map(section => `#${section.id}`))
    expect(links).toContain('#confusion')
    const tried = reportPage([smallRun()], {
      tools: plainTools,
      live: { 'runs/small': '<section id="try"></section>' },
    })
    expect(elementsOf(tried.html, 'nav a').at(-1)!.getAttribute('href')).toBe('#try')
  })

  it('has its styles in the head alone, those of the live section only with one', () => {
    const live = { 'runs/small': liveSection({ reason: 'Too large.', command: 'fovea predict' }) }
    const [plain, tried] = [{}, { live }].map(more => reportPage([smallRun()], { tools: plainTools, ...more }).html)
    expect(elementsOf(tried!, '#try')).toHaveLength(1)
    for (const html of [plain!, tried!]) expect(html.split('</head>')[1]).not.toContain('<style')
    expect([plain!, tried!].map(html => html.includes('.try-drawn') || html.includes('#try-box'))).toEqual([
      false,
      true,
    ])
  })

  it('tells a run that broke down from one that was interrupted', () => {
    const lead = (changes: Partial<ReportRun>): string =>
      elementsOf(reportPage([smallRun(changes)], { tools: plainTools }).html, '#outcome .lead')[0]!.textContent!
    expect(lead({})).toMatch(/training was interrupted before the test\.$/)
    const finding = { kind: 'diverged', epoch: 2, evidence: 'The loss is not a number.', advice: 'Lower it.' } as const
    expect(lead({ findings: [finding] })).toMatch(/training broke down before the test\.$/)
  })

  it('of several runs begins with the comparison, and every link leads to one place', () => {
    const { html, figures } = reportPage([smallRun({ test }), smallRun({ test, name: 'other' })], { tools: plainTools })
    expect(elementsOf(html, 'nav a').map(link => link.getAttribute('href'))).toEqual([
      '#comparison',
      '#run-1',
      '#run-2',
    ])
    expect(elementsOf(html, 'main > *').map(part => part.id)).toEqual(['comparison', 'run-1', 'run-2'])
    const ids = elementsOf(html, '[id]').map(element => element.id)
    expect(new Set(ids).size).toBe(ids.length)
    const targets = elementsOf(html, 'a').map(link => link.getAttribute('href')!)
    expect(targets).toContain('#cell-1-0-2')
    for (const target of targets) expect(ids).toContain(target.slice(1))
    expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length)
  })
})
