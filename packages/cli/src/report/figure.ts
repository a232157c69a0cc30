/** What a report is made of: figures (each one drawing), and sections that hold figures, tables and words. */
import type { Picture } from 'fovea/internal/base/picture'
import { escaped } from './svg.ts'

/** One drawing of a report: in the page, and as a file of its own. */
export interface Figure {
  /** Of its file, without ending: `accuracy`. Unlike any other in the report. */
  readonly name: string
  /** Stands above it. */
  readonly title: string
  /** What it shows, in words, for those who cannot see it: with its figures, not only its subject. */
  readonly alt: string
  /** An `<svg>` whose colours are the theme's. */
  readonly svg: string
}

/** A part of the page under one heading. */
export interface Section {
  /** Of its anchor: `#curves`. */
  readonly id: string
  readonly title: string
  /** HTML, its figures in it (see `figureHtml`). */
  readonly html: string
  readonly figures: readonly Figure[]
}

/** What figures need from outside: bytes of a picture file are made where the files are. */
export interface DrawingTools {
  /** A picture as a data URL, without loss; with `small` where some loss (JPEG) makes it smaller. */
  pictureUrl(picture: Picture, how?: 'lossless' | 'small'): string
}

/** Width of a figure: three stand side by side in a page, and one fits a phone at its own size. */
export const figureWidth = 352

/** In the page: with its title above. What is wider than a figure keeps its size and is scrolled where there is less room. */
export function figureHtml({ name, title, alt, svg }: Figure): string {
  // What is inside a picture cannot be reached by keyboard and reader; links must be.
  const role = svg.includes('<a ') ? 'group' : 'img'
  const labelled = svg.replace('<svg ', `<svg role="${role}" aria-label="${escaped(alt)}" `)
  const width = widthOf(svg)
  const isWide = width > figureWidth
  const drawing = isWide ? `<div class="scroll" style="--least:${width}px">${labelled}</div>` : labelled
  return `<figure id="figure-${name}"${isWide ? ' class="wide"' : ''}><figcaption>${escaped(title)}</figcaption>${drawing}</figure>`
}

function widthOf(svg: string): number {
  return Math.ceil(Number(/ width="([\d.]+)"/.exec(svg)![1]))
}

/** Figures side by side where the page is wide enough; what follows them takes the next place. */
export function figureRow(figures: readonly Figure[], following = ''): string {
  return `<div class="row">${figures.map(figureHtml).join('')}${following}</div>`
}
