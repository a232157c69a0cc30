import { expect, it } from 'vitest'
import { figureHtml, scrolledFigure } from './figure.ts'
import { elementsOf } from './report-run.testing.ts'
import { drawing } from './svg.ts'

const figure = { name: 'any', title: 'A < B', alt: 'says "more"', svg: drawing(930, 200, '') }

it('a figure has its title above, and says in words what it shows', () => {
  const html = figureHtml(figure)
  expect(elementsOf(html, '#figure-any > figcaption')[0]!.textContent).toBe('A < B')
  expect(elementsOf(html, 'svg')[0]!.getAttribute('aria-label')).toBe('says "more"')
})

it('a figure to be scrolled says its own width, so that it is never drawn larger', () => {
  expect(elementsOf(scrolledFigure(figure), '.wide')[0]!.getAttribute('style')).toBe('--own-width:930px')
})
