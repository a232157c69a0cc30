/** An explanation as one HTML page that needs nothing else: no network, no script; light and dark. */

import type { Picture } from 'fovea/internal/base/picture'
import { percent } from 'fovea/internal/base/text'
import type { ByHandDocument, ExplainDocument } from '../command/documents.ts'
import { escaped } from '../report/svg.ts'
import { byHandText } from '../terminal/plane-text.ts'

export interface PageFigure {
  /** Of its file. */
  readonly name: string
  readonly title: string
  readonly picture: Picture
}

/** In a page: with its picture as a data URL. */
export interface ShownFigure extends PageFigure {
  readonly url: string
}

/** The prediction and everything that was found out about it. */
export function predictionPage(document: Omit<ExplainDocument, 'files'>, figures: readonly ShownFigure[]): string {
  const { picture, className, probabilities, classNames } = document
  const bars = probabilities
    .map((value, index) => ({ value, name: classNames[index] ?? String(index) }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 10)
    .map(
      ({ value, name }) =>
        `<tr><th>${escaped(name)}</th><td><meter min="0" max="1" value="${value.toFixed(4)}">${percent(value)}</meter></td><td>${percent(value)}</td></tr>`,
    )
  const table = `<table>${bars.join('')}</table>`
  return page(className, `What the model sees in ${picture}.`, table, figures)
}

/** One number of a convolution, its arithmetic and where it looks. */
export function byHandPage(document: Omit<ByHandDocument, 'files'>, figures: readonly ShownFigure[]): string {
  const title = `${document.layer} at ${document.at.join(',')}`
  return page(title, 'One number of a convolution.', `<pre>${escaped(byHandText(document))}</pre>`, figures)
}

function page(title: string, lead: string, body: string, figures: readonly ShownFigure[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
figure { margin: 1.5rem 0 }
img { max-width: 100%; height: auto; image-rendering: pixelated; border: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
pre { overflow-x: auto; font-size: 0.85rem }
th { text-align: left; font-weight: normal; padding-right: 1rem }
td:last-child { text-align: right; font-variant-numeric: tabular-nums }
meter { width: 14rem }
</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${escaped(lead)}</p>
${body}
${figures.map(figureHtml).join('\n')}
</body>
</html>
`
}

function figureHtml({ title, picture, url }: ShownFigure): string {
  return `<figure><figcaption>${escaped(title)}</figcaption><img alt="${escaped(title)}" width="${picture.width}" height="${picture.height}" src="${url}"></figure>`
}
