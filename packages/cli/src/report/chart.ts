/** Charts by Observable Plot (https://observablehq.com/plot), drawn on a document of their own: no browser, an SVG as text. */

import * as Plot from '@observablehq/plot'
import { largestOf } from 'fovea/internal/base/extremes'
import { shortened } from 'fovea/internal/base/text'
import { parseHTML } from 'linkedom'
import { figureWidth } from './figure.ts'

export { Plot }

/** The SVG of a plot with the report's measures. Colours are the theme's: pass `colour(…)` and `seriesColour(…)`. */
export function chart(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const plotted = Plot.plot({ width: figureWidth, height: 260, document, style: { fontSize: '13px' }, ...options })
  const svg = plotted.tagName.toLowerCase() === 'svg' ? plotted : plotted.querySelector('svg')!
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  // The page's own style says the same of all drawings.
  svg.querySelector('style')?.remove()
  return svg.outerHTML.replace(/(\.\d\d)\d{6,}/g, '$1')
}

/** The most signs of a name that axes write. */
const longestName = 16

/** A name as axes write it. */
export function axisName(name: string): string {
  return shortened(name, longestName)
}

/** Options of an axis that names the places 0, 1, 2 …: each name as short as it must be, and whole to who points at it. */
export function namedAxis(names: readonly string[], shortName: (name: string) => string = axisName) {
  const short = names.map(shortName)
  return {
    text: (place: number) => short[place]!,
    title: (place: number) => (short[place] === names[place] ? '' : names[place]!),
    tickSize: 0,
    label: null,
  }
}

/** Room for the longest of these names, in pixels. */
export function roomFor(names: readonly string[]): number {
  return (
    7 *
    largestOf(
      names.map(name => name.length),
      0,
    )
  )
}
