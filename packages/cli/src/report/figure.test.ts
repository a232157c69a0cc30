import { expect, it } from 'vitest'
import { figureHtml, figureWidth } from './figure.ts'
import { elementsOf } from './report-run.testing.ts'
import { drawing } from './svg.ts'

const figure = { name: 'any', title: 'A < B', alt: 'says "more"', svg: drawing(930, 200, '') }

it('a figure has its title above, and says in words what it shows', () => {
  const html = figureHtml(figure)
  expect(elementsOf(html, '#figure-any > figcaption')[0]!.textContent).toBe('A < B')
  expect(elementsOf(html, 'svg')[0]!.getAttribute('aria-label')).toBe('says "more"')
})

it('a figure wider than the others keeps its size, and is scrolled where there is less room', () => {
  expect(elementsOf(figureHtml(figure), '.wide .scroll')[0]!.getAttribute('style')).toBe('--least:930px')
  const usual = figureHtml({ ...figure, svg: drawing(figureWidth, 200, '') })
  expect(elementsOf(usual, '.wide, .scroll')).toEqual([])
})
