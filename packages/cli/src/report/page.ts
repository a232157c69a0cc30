/**
 * The report as one HTML page that needs nothing else: no network, works from disk, light and dark, wide, narrow and printed. A pure
 * function of the runs (see report-run.ts). One run: its result first, the model to try, then its curves and all the rest. Several:
 * section by section, the runs beside each other.
 */
import { calibrationSection } from './calibration.ts'
import { comparedSections } from './compared-sections.ts'
import { confusionSection } from './confusion.ts'
import { curvesSection } from './curves.ts'
import { dataSection } from './data-section.ts'
import type { DrawingTools, Figure, Section } from './figure.ts'
import { headSection } from './head-section.ts'
import { liveCss } from './live-style.ts'
import { mapSection } from './map-section.ts'
import { metricsSection } from './metric-curves.ts'
import { mislabelledSection } from './mislabelled-section.ts'
import { networkSection } from './network-section.ts'
import { outcomeSection } from './outcome.ts'
import { ownCss } from './own-style.ts'
import { originHtml, originsHtml } from './page-origin.ts'
import { policyOf, scriptAtEnd } from './page-policy.ts'
import { pageStyle } from './page-style.ts'
import { perClassSection } from './per-class.ts'
import { predictionsSection } from './predictions-section.ts'
import type { ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

export interface ReportPage {
  readonly html: string
  /** All drawings of the page, in its order; their names are file names without ending. */
  readonly figures: readonly Figure[]
}

export interface ReportParts {
  readonly tools: DrawingTools
  /** Of Fovea, as it writes the page. */
  readonly version: string
  /** HTML of the section in which a picture can be tried on the model, by run folder (see live.ts). */
  readonly live?: Readonly<Record<string, string>>
  /** The line for the shell that trains a run once more, by run folder. */
  readonly commands?: Readonly<Record<string, string>>
  /** Of the page's figures: JavaScript without imports (see page/figures.ts). */
  readonly script?: string
}

export function reportPage(runs: readonly ReportRun[], parts: ReportParts): ReportPage {
  const [run] = runs as readonly [ReportRun]
  const names = [...new Set(runs.map(({ recipe }) => recipe.name))].join(', ')
  const several = runs.length > 1
  const { sections, body, live } = several ? comparedBody(runs, parts) : singleBody(run, parts)
  const about = several ? originsHtml(runs, parts) : originHtml(run, parts)
  const scripts = [
    ...(parts.script ? [parts.script] : []),
    ...(several ? [] : scriptAtEnd(parts.live?.[run.folder] ?? '')),
  ]
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${policyOf(scripts)}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(names)}: a report by Fovea</title>
<style>${pageStyle}${live ? liveCss : ''}${!several && run.own ? ownCss : ''}</style>
</head>
<body>
<header><h1>${escaped(names)}${several ? '' : ` <small>${escaped(run.recipe.title)}</small>`}</h1>${about}${contents(body)}</header>
<main>
${body}
</main>
${parts.script ? `<script>${parts.script}</script>` : ''}
</body>
</html>
`
  return { html, figures: sections.flatMap(({ figures }) => figures) }
}

interface Body {
  readonly sections: readonly Section[]
  readonly body: string
  /** Whether a model can be tried. */
  readonly live: boolean
}

function singleBody(run: ReportRun, { tools, live = {} }: ReportParts): Body {
  const tryOut = live[run.folder] ?? ''
  const top = [outcomeSection(run), ...confusionSection(run, tools)]
  const curves = [curvesSection(run), ...metricsSection(run)]
  const classes = [...perClassSection(run), ...calibrationSection(run)]
  const doubtful = [...predictionsSection(run, tools), ...mislabelledSection(run, tools)]
  const own = [...mapSection(run, tools), ...headSection(run)]
  const rest = [dataSection(run, tools), networkSection(run, tools)]
  const body = [
    together('top', top),
    tryOut,
    ...curves.map(sectionHtml),
    together('classes', classes),
    ...doubtful.map(sectionHtml),
    together('own-pictures', own),
    ...rest.map(sectionHtml),
  ]
  return {
    sections: [...top, ...curves, ...classes, ...doubtful, ...own, ...rest],
    body: body.join('\n'),
    live: tryOut !== '',
  }
}

function comparedBody(runs: readonly ReportRun[], { tools }: ReportParts): Body {
  const sections = comparedSections(runs, tools)
  return { sections, body: sections.map(sectionHtml).join('\n'), live: false }
}

/** Sections beside each other where there is room. */
function together(name: string, sections: readonly Section[]): string {
  if (sections.length < 2) return sections.map(sectionHtml).join('')
  return `<div class="${name}">${sections.map(sectionHtml).join('')}</div>`
}

/** Links to all sections, by their headings. */
function contents(body: string): string {
  const links = [...body.matchAll(/<section id="([^"]+)">\s*<h2>(.*?)<\/h2>/g)]
  return `<nav aria-label="Contents"><ul>${links.map(([, id, title]) => `<li><a href="#${id}">${title}</a></li>`).join('')}</ul></nav>`
}

function sectionHtml({ id, title, html }: Section): string {
  return `<section id="${id}"><h2>${escaped(title)}</h2>${html}</section>`
}
