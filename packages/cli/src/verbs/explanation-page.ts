/** An explanation as one HTML page that needs nothing else, in the style of the reports: no network; light and dark, and printed. */

import type { Picture } from 'fovea/internal/base/picture'
import { percent } from 'fovea/internal/base/text'
import type { ByHandDocument, ExplainDocument } from '../command/documents.ts'
import { policyOf } from '../report/page-policy.ts'
import { pageStyle } from '../report/page-style.ts'
import { escaped } from '../report/svg.ts'
import { byHandText } from '../terminal/plane-text.ts'
import { pageScript } from './page-script.ts'

export interface PageFigure {
  /** Of its file. */
  readonly name: string
  readonly title: string
  readonly picture: Picture
  /** Of the page in which it stands. Default: what was found out about the picture. */
  readonly part?: 'maps' | 'filters' | 'patches'
  /** What stands in the page above each picture of a grid. `gap`: pixels between two. */
  readonly numbers?: { readonly labels: readonly string[]; readonly columns: number; readonly gap: number }
}

/** In a page: with its picture as a data URL. */
export interface ShownFigure extends PageFigure {
  readonly url: string
}

/** The prediction and everything that was found out about it. */
export function predictionPage(document: Omit<ExplainDocument, 'files'>, figures: readonly ShownFigure[]): string {
  const { model, picture, class: predicted, className, explainedClass, probabilities, classNames } = document
  const nameOf = (index: number): string => classNames[index] ?? String(index)
  const bars = probabilities
    .map((value, index) => ({ value, name: nameOf(index) }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 10)
    .map(
      ({ value, name }) =>
        `<tr><th scope="row">${escaped(name)}</th><td><i style="width:${(100 * value).toFixed(1)}%"></i></td><td>${percent(value)}</td></tr>`,
    )
  const [input, ...seen] = figures.filter(({ part }) => part === undefined)
  const score = `<p class="score"><strong>${escaped(className)}</strong> ${percent(probabilities[predicted]!)} sure</p>`
  const answer = `<div class="answer">${score}<div class="scroll"><table class="bars">${bars.join('')}</table></div></div>`
  const partsOf = (part: PageFigure['part']): readonly ShownFigure[] => figures.filter(each => each.part === part)
  const title = `${className}: ${lastName(picture)}, seen by ${model}`
  return page(title, className, `What ${model} sees in ${picture}.`, [
    section('prediction', 'Prediction', `<div class="row">${input ? figureHtml(input) : ''}${answer}</div>`),
    section('seen', `What speaks for ${nameOf(explainedClass)}`, grid(seen, 'seen')),
    section('patches', 'What excites its filters', grid(partsOf('patches'), 'wide-maps')),
    section('maps', 'Feature maps, layer by layer', grid(partsOf('maps'), 'maps')),
    section('filters', 'Filters', grid(partsOf('filters'), 'wide-maps')),
  ])
}

/** One number of a convolution, its arithmetic and where it looks. */
export function byHandPage(document: Omit<ByHandDocument, 'files'>, figures: readonly ShownFigure[]): string {
  const { layer, at } = document
  const title = `${layer} at ${at.join(',')}`
  return page(title, title, 'One number of a convolution.', [
    section('by-hand', 'By hand', `<div class="scroll"><pre>${escaped(byHandText(document))}</pre></div>`),
    section('seen', 'Where it looks', grid(figures, 'seen')),
  ])
}

/** Empty without content. */
function section(id: string, title: string, html: string): string {
  return html === '' ? '' : `<section id="${id}"><h2>${escaped(title)}</h2>${html}</section>`
}

function grid(figures: readonly ShownFigure[], kind = ''): string {
  return figures.length === 0 ? '' : `<div class="${`row ${kind}`.trim()}">${figures.map(figureHtml).join('\n')}</div>`
}

/** Pixels of maps and filters stay squares; wide layers have their own row. */
const explanationStyle = `
img { display: block; max-width: 100%; height: auto; image-rendering: pixelated; border: 1px solid var(--line) }
.numbered { position: relative; width: fit-content; max-width: 100% }
.numbered span { position: absolute; color: white; font-size: .75rem; line-height: 1.2; white-space: nowrap }
.seen { grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)) }
.wide-maps { grid-template-columns: minmax(0, 1fr) }
figcaption { line-height: 1.3 }
@media (min-width: 52rem) { .seen figcaption { min-height: 6.5em } .maps figcaption { min-height: 2.6em } }
pre { margin: 0; font-size: .875rem; line-height: 1.4 }
.bars { width: 100% }
.bars th { font-weight: normal; padding-right: .75rem }
.bars td:last-child { padding-right: 0 }
.bars :is(th, td) { border: 0 }
.bars td:nth-child(2) { width: 14rem; padding-right: .75rem }
.bars i { display: block; height: .75rem; background: var(--series-1); print-color-adjust: exact; -webkit-print-color-adjust: exact }
`

/** Of the window or the tab, then of the page. */
function page(title: string, heading: string, lead: string, sections: readonly string[]): string {
  const script = pageScript('figures-page')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${policyOf([script])}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${pageStyle}${explanationStyle}</style>
</head>
<body>
<header><h1>${escaped(heading)}</h1>
<p class="origin">${escaped(lead)}</p></header>
<main>
${sections.filter(html => html !== '').join('\n')}
</main>
<script>${script}</script>
</body>
</html>
`
}

function figureHtml({ name, title, picture, url, numbers }: ShownFigure): string {
  const img = `<img alt="${escaped(title)}" width="${picture.width}" height="${picture.height}" src="${url}">`
  const shown = numbers === undefined ? img : `<div class="numbered">${img}${numbersOver(picture, numbers)}</div>`
  return `<figure id="figure-${escaped(name)}"><figcaption>${escaped(title)}</figcaption>${shown}</figure>`
}

/** In the gap above each picture, in parts of the whole, so that they stay there when it is shown smaller. */
function numbersOver(picture: Picture, { labels, columns, gap }: NonNullable<PageFigure['numbers']>): string {
  const rows = Math.ceil(labels.length / columns)
  const places = (index: number) => [
    (100 * (gap + (index % columns) * ((picture.width - gap) / columns))) / picture.width,
    (100 * Math.floor(index / columns) * ((picture.height - gap) / rows)) / picture.height,
  ]
  return labels
    .map((label, index) => {
      const [left, top] = places(index).map(part => part.toFixed(2))
      return `<span style="left:${left}%;top:${top}%">${label}</span>`
    })
    .join('')
}

const lastName = (path: string): string => path.split(/[/\\]/).at(-1)!
