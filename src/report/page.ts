/**
 * The report as one HTML page that needs nothing else: no network, works from disk, light and dark, wide and narrow. A pure function
 * of the runs (see report-run.ts). Of several runs it shows the comparison first, then each run.
 */

import { calibrationSection } from './calibration.ts'
import { classBalanceSection } from './class-balance.ts'
import { confusionSection } from './confusion.ts'
import { curvesSection } from './curves.ts'
import { diagnosisSection } from './diagnosis.ts'
import type { DrawingTools, Figure, Section } from './figure.ts'
import { outcomeSection } from './outcome.ts'
import { pageStyle } from './page-style.ts'
import { perClassSection } from './per-class.ts'
import type { ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

export interface Report {
  readonly html: string
  /** All drawings of the page, in its order; their names are file names without ending. */
  readonly figures: readonly Figure[]
}

export interface ReportParts {
  readonly tools: DrawingTools
  /** HTML of the section in which a picture can be tried on the model, by run folder (see live.ts). */
  readonly live?: Readonly<Record<string, string>>
}

export function report(runs: readonly ReportRun[], { tools, live = {} }: ReportParts): Report {
  const several = runs.length > 1
  const chapters = runs.map((run, index) => {
    const sections = sectionsOf(run, tools).map(section => (several ? numbered(section, index + 1) : section))
    return { run, sections, live: live[run.folder] ?? '' }
  })
  const title = runs.map(({ recipe }) => recipe.title).join(' · ')
  const body = chapters.map(({ run, sections, live: tryOut }) =>
    several
      ? `<article><h2 class="run">${escaped(run.name)}</h2>${sections.map(sectionHtml).join('')}${tryOut}</article>`
      : `${sections.map(sectionHtml).join('')}${tryOut}`,
  )
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<header><h1>${escaped(title)}</h1></header>
<main>
${body.join('\n')}
</main>
</body>
</html>
`
  return { html, figures: chapters.flatMap(({ sections }) => sections.flatMap(({ figures }) => figures)) }
}

/** The sections of one run, in the order they are read. */
function sectionsOf(run: ReportRun, tools: DrawingTools): Section[] {
  return [
    outcomeSection(run),
    ...classBalanceSection(run),
    curvesSection(run),
    diagnosisSection(run),
    ...confusionSection(run, tools),
    ...perClassSection(run),
    ...calibrationSection(run),
  ]
}

/** Anchors, what leads to them, and figure names of the nth run of several are told apart by its number. */
function numbered(section: Section, number: number): Section {
  const renamed = section.figures.map(figure => ({ ...figure, name: `${number}-${figure.name}` }))
  const html = section.html.replace(/( id="| href="#)([^"]*)"/g, `$1$2-${number}"`)
  return { ...section, id: `${section.id}-${number}`, html, figures: renamed }
}

function sectionHtml({ id, title, html }: Section): string {
  return `<section id="${id}"><h2>${escaped(title)}</h2>${html}</section>`
}
