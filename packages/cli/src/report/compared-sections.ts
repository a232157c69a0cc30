/**
 * Several runs, section by section: each section shows all of them beside each other, what they share (the data, one network) once. The
 * anchors and figures of the nth run end in its number.
 */
import { nameOfDataset } from 'fovea/internal/base/dataset-choice'
import { modelToConfig } from 'fovea/internal/network/config'
import { calibrationSection } from './calibration.ts'
import { comparisonSection } from './comparison.ts'
import { groupsOf, namesOf } from './comparison-groups.ts'
import { columnRoom, confusionSection } from './confusion.ts'
import { dataSection } from './data-section.ts'
import { findingsHtml } from './diagnosis.ts'
import type { DrawingTools, Section } from './figure.ts'
import { metricsSection } from './metric-curves.ts'
import { networkSection } from './network-section.ts'
import { onlyOneSections } from './only-one.ts'
import { perClassSection } from './per-class.ts'
import { predictionsSection } from './predictions-section.ts'
import type { ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

export function comparedSections(runs: readonly ReportRun[], tools: DrawingTools): Section[] {
  const numbered = runsOf(runs)
  const each = (sectionsOf: (run: ReportRun) => readonly Section[], how: Look = {}) =>
    sideBySide(numbered, sectionsOf, how)
  const data = firstOfEach(numbered, ({ recipe }) => nameOfDataset(recipe.dataset))
  const networks = firstOfEach(numbered, ({ model }) => JSON.stringify(modelToConfig(model)))
  return [
    comparisonSection(runs),
    ...onlyOneSections(runs, tools),
    ...each(run => confusionSection(run, tools, columnRoom)),
    ...each(readingSection),
    ...each(metricsSection),
    ...each(run => perClassSection(run, { isFolded: true })),
    ...each(calibrationSection),
    ...each(run => predictionsSection(run, tools), { folded: 'Surest mistakes, and pictures drawn at random' }),
    ...sideBySide(data, run => [dataSection(run, tools)], { isStacked: true }),
    ...sideBySide(networks, run => [networkSection(run, tools)], { isStacked: true }),
  ]
}

interface NumberedRun {
  readonly run: ReportRun
  readonly number: number
  readonly colour: string
  /** What it is called here; empty where it stands for all of them. */
  readonly name: string
}

/** Numbered as they were given. */
function runsOf(runs: readonly ReportRun[]): NumberedRun[] {
  const [groups, names] = [groupsOf(runs), namesOf(runs)]
  return runs.map((run, index) => {
    const { colour } = groups.find(group => group.runs.includes(run))!
    return { run, number: index + 1, colour, name: names[index]! }
  })
}

/** One run for each value of `key`; where all have the same, it needs no name. */
function firstOfEach(runs: readonly NumberedRun[], key: (run: ReportRun) => string): NumberedRun[] {
  const keys = runs.map(({ run }) => key(run))
  const firsts = runs.filter((_, index) => keys.indexOf(keys[index]!) === index)
  return firsts.length === 1 ? [{ ...firsts[0]!, name: '' }] : firsts
}

interface Look {
  /** What is closed at first is called. */
  readonly folded?: string
  /** Below each other: for what is as wide as the page. */
  readonly isStacked?: true
}

/** The sections that some of the runs have, each with a column for every run. */
function sideBySide(
  runs: readonly NumberedRun[],
  sectionsOf: (run: ReportRun) => readonly Section[],
  { folded, isStacked }: Look,
): Section[] {
  const own = runs.flatMap(each =>
    sectionsOf(each.run).map(section => ({ ...each, section: ended(section, each.number) })),
  )
  const [first] = own
  if (!first) return []
  const columns = own.map(({ name, colour, section }) => {
    const heading = name === '' ? '' : `<h3 class="run"><i style="background:${colour}"></i>${escaped(name)}</h3>`
    return `<article>${heading}${section.html}</article>`
  })
  const html = `<div class="${isStacked ? 'stacked' : 'runs'}">${columns.join('')}</div>`
  return [
    {
      id: first.section.id,
      title: first.section.title,
      html: folded === undefined ? html : `<details><summary>${folded}</summary>${html}</details>`,
      figures: own.flatMap(({ section }) => section.figures),
    },
  ]
}

/** Anchors, what leads to them, clips and figure names of the nth run end in its number. */
function ended(section: Section, number: number): Section {
  const anchored = (text: string): string => text.replace(/( id="| href="#|url\(#)([^")]*)/g, `$1$2-${number}`)
  const figures = section.figures.map(figure => ({
    ...figure,
    name: `${figure.name}-${number}`,
    svg: anchored(figure.svg),
  }))
  return { ...section, html: anchored(section.html), figures }
}

function readingSection({ findings }: ReportRun): Section[] {
  if (findings.length === 0) return []
  return [{ id: 'diagnosis', title: 'What the curves say', html: findingsHtml(findings), figures: [] }]
}
