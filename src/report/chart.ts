/** Charts by Observable Plot (https://observablehq.com/plot), drawn on a document of their own: no browser, an SVG as text. */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

export { Plot }

/** The SVG of a plot with the report's measures. Colours are the theme's: pass `colour(…)` and `seriesColour(…)`. */
export function chart(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const plotted = Plot.plot({ width: 440, height: 290, document, style: { fontSize: '13px' }, ...options })
  const svg = plotted.tagName.toLowerCase() === 'svg' ? plotted : plotted.querySelector('svg')!
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  // The page's own style says the same of all drawings.
  svg.querySelector('style')?.remove()
  return svg.outerHTML.replace(/(\.\d\d)\d{6,}/g, '$1')
}

/** A name as axes write it. */
export function shortened(name: string, most = 16): string {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name
}

/** Room for the longest of these names, in pixels. */
export function roomFor(names: readonly string[]): number {
  return 7 * Math.max(0, ...names.map(name => name.length))
}
