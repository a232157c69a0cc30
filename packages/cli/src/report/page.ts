/**
 * The report as one HTML page that needs nothing else: no network, works from disk, light and dark, wide and narrow. A pure function
 * of the runs (see report-run.ts). Of several runs it shows the comparison first, then each run.
 */
import { calibrationSection } from './calibration.ts'
import { classBalanceSection } from './class-balance.ts'
import { comparisonSection } from './comparison.ts'
import { confusionSection } from './confusion.ts'
import { curvesSection } from './curves.ts'
import { dataSection } from './data-section.ts'
import { diagnosisSection } from './diagnosis.ts'
import type { DrawingTools, Figure, Section } from './figure.ts'
import { liveCss } from './live-style.ts'
import { metricsSection } from './metric-curves.ts'
import { networkSection } from './network-section.ts'
import { outcomeSection } from './outcome.ts'
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
  /** HTML of the section in which a picture can be tried on the model, by run folder (see live.ts). */
  readonly live?: Readonly<Record<string, string>>
}

export function reportPage(runs: readonly ReportRun[], { tools, live = {} }: ReportParts): ReportPage {
  const several = runs.length > 1
  const comparison = several ? [comparisonSection(runs)] : []
  const chapters = runs.map((run, index) => {
    const sections = sectionsOf(run, tools).map(section => (several ? numbered(section, index + 1) : section))
    return { id: `run-${index + 1}`, run, sections, live: live[run.folder] ?? '' }
  })
  const names = [...new Set(runs.map(({ recipe }) => recipe.name))].join(', ')
  const about = [...new Set(runs.map(({ recipe }) => recipe.title))].join(' · ')
  const body = chapters.map(({ id, run, sections, live: tryOut }) => {
    const content = `${sections.map(sectionHtml).join('')}${tryOut}`
    return several ? `<article id="${id}"><h2 class="run">${escaped(run.name)}</h2>${content}</article>` : content
  })
  const entries: readonly Pick<Section, 'id' | 'title'>[] = several
    ? [...comparison, ...chapters.map(({ id, run }) => ({ id, title: run.name }))]
    : chapters.flatMap(({ sections, live: tryOut }) => [
        ...sections,
        ...(tryOut ? [{ id: 'try', title: 'Try it' }] : []),
      ])
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(names)}: a report by Fovea</title>
<style>${pageStyle}${chapters.some(chapter => chapter.live) ? liveCss : ''}</style>
</head>
<body>
<header><h1>${escaped(names)}</h1><p class="note">${escaped(about)}</p>${contents(entries)}</header>
<main>
${[...comparison.map(sectionHtml), ...body].join('\n')}
</main>
</body>
</html>
`
  const sections = [...comparison, ...chapters.flatMap(chapter => chapter.sections)]
  return { html, figures: sections.flatMap(({ figures }) => figures) }
}

function contents(entries: readonly Pick<Section, 'id' | 'title'>[]): string {
  const links = entries.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`)
  return `<nav aria-label="Contents"><ul>${links.join('')}</ul></nav>`
}

/** The sections of one run, in the order they are read. */
function sectionsOf(run: ReportRun, tools: DrawingTools): Section[] {
  return [
    outcomeSection(run),
    dataSection(run, tools),
    ...classBalanceSection(run),
    networkSection(run, tools),
    curvesSection(run),
    ...metricsSection(run),
    diagnosisSection(run),
    ...confusionSection(run, tools),
    ...perClassSection(run),
    ...calibrationSection(run),
    ...predictionsSection(run, tools),
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
