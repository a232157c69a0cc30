/**
 * Several runs side by side: a table, their curves in one drawing, test accuracies with the spread over runs of one recipe, and
 * parameters against accuracy. Runs that differ in nothing but the seed are one group. Data sets are kept apart: their accuracies say
 * nothing about each other.
 */

import { nameOfDataset } from 'fovea/internal/base/dataset-choice'
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { capitalised, duration, grouped, percent } from 'fovea/internal/base/text'
import { sizeChart, spreadChart } from './comparison-charts.ts'
import { groupsOf, type RunGroup, verdict } from './comparison-groups.ts'
import { accuracyFigures, bestPlace, chanceLevel, isFiniteNumber, lossFigure, lossText, shareText } from './curves.ts'
import { type Figure, figureRow, type Section } from './figure.ts'
import type { Series } from './line-chart.ts'
import type { ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

export function comparisonSection(runs: readonly ReportRun[]): Section {
  const dataSets = [...new Set(runs.map(({ recipe }) => nameOfDataset(recipe.dataset)))]
  const blocks = dataSets.map((name, index) => {
    const own = runs.filter(({ recipe }) => nameOfDataset(recipe.dataset) === name)
    return { name, ...blockOf(own, dataSets.length > 1 ? `-${index + 1}` : '') }
  })
  const several = blocks.length > 1
  const html = blocks.map(({ name, html }) => (several ? `<h3>${escaped(name)}</h3>${html}` : html)).join('')
  const apart = several ? '<p class="note">Accuracies on different data sets are not compared.</p>' : ''
  return {
    id: 'comparison',
    title: 'Side by side',
    html: apart + html,
    figures: blocks.flatMap(({ figures }) => figures),
  }
}

/** Runs on one data set. `suffix` tells its figures from those of another. */
function blockOf(
  runs: readonly ReportRun[],
  suffix: string,
): { readonly html: string; readonly figures: readonly Figure[] } {
  const groups = groupsOf(runs)
  const figures = runs.length < 2 ? [] : [...curveFigures(groups, suffix), ...testFigures(groups, suffix)]
  const html = `${scoresHtml(groups)}<p class="lead">${escaped(verdict(groups))}</p>${tableHtml(groups)}${figures.length > 0 ? figureRow(figures) : ''}`
  return { html, figures }
}

/** More groups than these are read from the table alone. */
const mostScores = 4

/** The accuracy of each group, large, in its colour. */
function scoresHtml(groups: readonly RunGroup[]): string {
  const tested = groups.filter(({ accuracies }) => accuracies.length > 0)
  if (tested.length > mostScores) return ''
  const scores = tested.map(
    ({ name, colour, mean, accuracies }) =>
      `<p class="score"><strong style="color:${colour}">${percent(mean)}</strong> ${escaped(name)}${accuracies.length > 1 ? `, mean of ${accuracies.length} runs` : ''}</p>`,
  )
  return `<div class="scores">${scores.join('')}</div>`
}

function tableHtml(groups: readonly RunGroup[]): string {
  const runs = groups.flatMap(group => group.runs)
  const accuracies = runs.flatMap(({ result }) => result?.test?.accuracy ?? [])
  const highest = largestOf(accuracies)
  const line = (run: ReportRun, { parameters }: RunGroup): string => {
    const { result, recipe, curves } = run
    const best = bestPlace(curves)
    const validation = curves.valAccuracy?.[best]
    const tested = result?.test?.accuracy
    const text = tested === undefined ? 'interrupted' : `${percent(tested)}${recipe.selectedOnTestSet ? ' *' : ''}`
    const cells = [
      escaped(recipe.name),
      escaped(run.name),
      tested === highest ? `<strong>${text}</strong>` : text,
      isFiniteNumber(validation) ? `${percent(validation)} (${curves.epochs[best]})` : '–',
      grouped(parameters),
      String(curves.epochs.length),
      result ? duration(result.seconds / result.epochs) : '–',
      result && result.msPerStep > 0 ? result.msPerStep.toFixed(2) : '–',
    ]
    return `<tr>${cells.map((cell, column) => `<td${column < 2 ? ' class="name"' : ''}>${cell}</td>`).join('')}</tr>`
  }
  const titles = [
    'recipe',
    'run',
    'test accuracy',
    'validation (best epoch)',
    'parameters',
    'epochs',
    'an epoch',
    'ms a step',
  ]
  const rows = groups.flatMap(group => group.runs.map(run => line(run, group)))
  const notes = [
    `${capitalised(chanceLevel(runs[0]!.classNames.length).label)}.`,
    ...(runs.some(({ recipe }) => recipe.selectedOnTestSet) ? ['* selected on the test set.'] : []),
  ]
  return `<div class="scroll"><table><thead><tr>${titles.map((title, column) => `<th${column < 2 ? ' class="name"' : ''}>${title}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div><p class="note">${notes.join(' ')}</p>`
}

type Curve = 'accuracy' | 'valAccuracy' | 'loss' | 'valLoss'

function curveFigures(groups: readonly RunGroup[], suffix: string): Figure[] {
  const runs = groups.flatMap(group => group.runs)
  const has = (curve: Curve) => runs.every(({ curves }) => curves[curve] !== undefined)
  const chance = chanceLevel(runs[0]!.classNames.length)
  const accuracy = (['valAccuracy', 'accuracy'] as const).find(has)
  const loss = has('valLoss') ? 'valLoss' : 'loss'
  const sameLoss = new Set(runs.map(({ recipe }) => JSON.stringify(recipe.loss))).size === 1
  const whose = (curve: Curve) => (curve.startsWith('val') ? 'Validation' : 'Training')
  return [
    ...(accuracy
      ? accuracyFigures({
          name: `comparison-accuracy${suffix}`,
          title: `${whose(accuracy)} accuracy`,
          alt: `${whose(accuracy)} accuracy over the epochs: ${ends(groups, accuracy, percent)}. ${capitalised(chance.label)}.`,
          chart: { series: seriesOf(groups, accuracy), format: shareText, level: chance },
        })
      : []),
    // What different losses come to cannot be compared.
    ...(sameLoss
      ? [
          lossFigure({
            name: `comparison-loss${suffix}`,
            title: `${whose(loss)} loss`,
            alt: `${whose(loss)} loss over the epochs: ${ends(groups, loss, lossText)}.`,
            chart: { series: seriesOf(groups, loss), format: lossText },
          }),
        ]
      : []),
  ]
}

/** A line for each run; runs of a group share its colour, and the first bears its name. */
function seriesOf(groups: readonly RunGroup[], curve: Curve): Series[] {
  return groups.flatMap(({ name, colour, runs }) =>
    runs.map((run, index) => ({
      label: index === 0 ? name : '',
      told: runs.length > 1 ? run.name : name,
      colour,
      epochs: run.curves.epochs,
      values: run.curves[curve]!,
    })),
  )
}

function ends(groups: readonly RunGroup[], curve: Curve, format: (value: number) => string): string {
  return groups
    .flatMap(({ runs }) => runs)
    .map(({ name, curves }) => {
      const end = curves[curve]!.findLast(value => value !== undefined) ?? Number.NaN
      return `${name} ends at ${Number.isFinite(end) ? format(end) : String(end)}`
    })
    .join(', ')
}

function testFigures(groups: readonly RunGroup[], suffix: string): Figure[] {
  const tested = groups.filter(({ accuracies }) => accuracies.length > 0)
  if (tested.length === 0) return []
  const chance = chanceLevel(tested[0]!.runs[0]!.classNames.length)
  const told = tested.map(({ name, mean, accuracies }) =>
    accuracies.length === 1
      ? `${name} ${percent(mean)}`
      : `${name} ${percent(mean)} on average of ${accuracies.length} runs, ${percent(smallestOf(accuracies))} to ${percent(largestOf(accuracies))}`,
  )
  return [
    {
      name: `comparison-test${suffix}`,
      title: 'Test accuracy: a dot for each run',
      alt: `Test accuracy: ${told.join('; ')}. ${capitalised(chance.label)}.`,
      svg: spreadChart(tested, chance),
    },
    ...(tested.length < 2
      ? []
      : [
          {
            name: `comparison-size${suffix}`,
            title: 'Test accuracy against parameters',
            alt: `Test accuracy against parameters: ${tested.map(({ name, mean, parameters }) => `${name} ${grouped(parameters)} parameters, ${percent(mean)}`).join('; ')}. ${capitalised(chance.label)}.`,
            svg: sizeChart(tested, chance),
          },
        ]),
  ]
}
