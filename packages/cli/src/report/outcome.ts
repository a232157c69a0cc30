/** The first part of a report: how it came out, large; what was trained on what, in a sentence; and a few figures to judge it by. */

import { nameOfDataset } from 'fovea/internal/base/dataset-choice'
import { testViewsText } from 'fovea/internal/base/test-views'
import { duration, grouped, inBytes, percent } from 'fovea/internal/base/text'
import { parameterCounts } from 'fovea/internal/network/weights'
import { metricTexts, type TrainReport } from 'fovea/internal/run/report'
import type { Section } from './figure.ts'
import type { ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

export function outcomeSection(run: ReportRun): Section {
  return {
    id: 'outcome',
    title: 'Result',
    html: `${scoreHtml(run)}<p class="lead">${sentence(run)}</p>${facts(run)}`,
    figures: [],
  }
}

/** `92.49 % of 10,000 test pictures right`; nothing without a test. */
export function scoreHtml({ result, test }: ReportRun): string {
  if (!result?.test) return ''
  const of = test
    ? `of ${grouped(test.count)} test ${test.count === 1 ? 'picture' : 'pictures'}`
    : 'of the test pictures'
  return `<p class="score"><strong>${percent(result.test.accuracy)}</strong> ${of} right</p>`
}

/** `mnist-cnn (220,234 parameters) learned from 60,000 pictures of mnist for 10 epochs.` */
function sentence({ recipe, model, samples, curves, findings, result }: ReportRun): string {
  const epochs = curves.epochs.length
  const learned =
    `<strong>${escaped(recipe.name)}</strong> (${grouped(parameterCounts(model).total)} parameters) learned from ` +
    `${grouped(samples.train)} ${samples.train === 1 ? 'picture' : 'pictures'} of ${escaped(nameOfDataset(recipe.dataset))} for ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`
  const ended = findings.some(({ kind }) => kind === 'diverged') ? 'broke down' : 'was interrupted'
  if (result && !result.test) return `${learned}; there were no test pictures.`
  if (!result?.test) return `${learned}; training ${ended} before the test.`
  const selected = recipe.selectedOnTestSet ? ' Its weights were selected on the same test set, which flatters it.' : ''
  const { views } = result.test
  const seen = views === undefined ? '' : ` The test is the mean over ${testViewsText[views]}.`
  return `${learned}.${teacherText(recipe)}${seen}${selected}`
}

/** ` Beside the labels it learned from what 3 other models say on average (50 % of the loss, temperature 4).` */
function teacherText({ teacher }: ReportRun['recipe']): string {
  if (!teacher) return ''
  const { models, temperature, share } = teacher
  const who = models.length === 1 ? 'another model says' : `${models.length} other models say on average`
  return ` Beside the labels it learned from what ${who} (${percent(share)} of the loss, temperature ${temperature}).`
}

/** What to compare the result with, and what it took; in a line what is only looked up. */
function facts(run: ReportRun): string {
  const { classNames, model, curves, result } = run
  const classes = Math.max(2, classNames.length)
  const always: readonly (readonly [string, string])[] = [
    ['chance', `${percent(1 / classes)}`],
    ['parameters', grouped(parameterCounts(model).total)],
  ]
  if (!result) return listHtml([...always, ['epochs', String(curves.epochs.length)]])
  const { test, best, seconds } = result
  const items = [
    ...always,
    ['time', duration(seconds)] as const,
    ...(test ? [['test loss', test.loss.toFixed(4)] as const] : []),
    ...(best ? [['best epoch', String(best.epoch)] as const] : []),
    ...(best && best.valLoss !== null ? [['its validation loss', best.valLoss.toFixed(4)] as const] : []),
    ...(test?.metrics ? [['test metrics', metricTexts(test.metrics).join(', ')] as const] : []),
  ]
  return `${listHtml(items)}<p class="note">${escaped(details(run, result))}</p>`
}

/** `Adam, batch 64: 5.32 ms a step, 2.0 s an epoch on 2 threads; compiled in 0.3 s, 71.1 MB of memory.` */
function details({ recipe }: ReportRun, result: TrainReport): string {
  const { seconds, epochs, msPerStep, threads, compileSeconds, peakBytes } = result
  // A run that was only tested when it was gone on with did no step.
  const step = msPerStep > 0 ? `${msPerStep.toFixed(2)} ms a step, ` : ''
  return (
    `${recipe.optimizer.type}, batch ${recipe.batchSize}: ${step}${duration(seconds / epochs)} an epoch on ` +
    `${threads} ${threads === 1 ? 'thread' : 'threads'}; compiled in ${duration(compileSeconds)}, ${inBytes(peakBytes)} of memory.`
  )
}

function listHtml(rows: readonly (readonly [string, string])[]): string {
  const items = rows.map(([term, text]) => `<div><dt>${term}</dt><dd>${escaped(text)}</dd></div>`)
  return `<dl class="facts">${items.join('')}</dl>`
}
