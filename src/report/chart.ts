/** Charts by Observable Plot (https://observablehq.com/plot), drawn on a document of their own: no browser, an SVG as text. */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

export { Plot }

/** The SVG of a plot with the report's measures. Colours are the theme's: pass `colour(…)` and `seriesColour(…)`. */
export function chart(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const plotted = Plot.plot({ width: 560, height: 300, document, style: { fontSize: '12px' }, ...options })
  const svg = plotted.tagName.toLowerCase() === 'svg' ? plotted : plotted.querySelector('svg')!
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  // The page's own style says the same of all drawings.
  svg.querySelector('style')?.remove()
  return svg.outerHTML.replace(/(\.\d\d)\d{6,}/g, '$1')
}
