/** The first part of a report: what was trained on what and how it came out, in one sentence and a few figures. */

import { nameOfDataset } from 'fovea/internal/base/dataset-choice'
import { duration, grouped, inBytes, percent } from 'fovea/internal/base/text'
import { parameterCounts } from 'fovea/internal/network/weights'
import { metricTexts } from 'fovea/internal/run/report'
import type { Section } from './figure.ts'
import type { ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

export function outcomeSection(run: ReportRun): Section {
  return {
    id: 'outcome',
    title: 'What came out',
    html: `<p class="lead">${sentence(run)}</p>${facts(run)}`,
    figures: [],
  }
}

/** `mnist-cnn (220,234 parameters) learned from 60,000 pictures of mnist for 10 epochs and gets 99.20 % of 10,000 test pictures right.` */
function sentence({ recipe, model, samples, curves, findings, result, test }: ReportRun): string {
  const epochs = curves.epochs.length
  const learned =
    `<strong>${escaped(recipe.name)}</strong> (${grouped(parameterCounts(model).total)} parameters) learned from ` +
    `${grouped(samples.train)} ${samples.train === 1 ? 'picture' : 'pictures'} of ${escaped(nameOfDataset(recipe.dataset))} for ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`
  const ended = findings.some(({ kind }) => kind === 'diverged') ? 'broke down' : 'was interrupted'
  if (result && !result.test) return `${learned}; there were no test pictures.`
  if (!result?.test) return `${learned}; training ${ended} before the test.`
  const selected = recipe.selectedOnTestSet ? ' (its weights were selected on the same test set)' : ''
  const of = test
    ? ` of ${grouped(test.count)} test ${test.count === 1 ? 'picture' : 'pictures'}`
    : ' of the test pictures'
  return `${learned} and gets <strong>${percent(result.test.accuracy)}</strong>${of} right${selected}.`
}

function facts({ recipe, classNames, result }: ReportRun): string {
  if (!result) return ''
  const { test, best, seconds, epochs, msPerStep, threads, compileSeconds, peakBytes } = result
  const rows: readonly (readonly [string, string])[] = [
    ...(test ? [['test loss', test.loss.toFixed(4)] as const] : []),
    ...(test?.metrics ? [['test metrics', metricTexts(test.metrics).join(', ')] as const] : []),
    ...(best
      ? [
          [
            'best epoch',
            `${best.epoch}${best.valLoss === null ? '' : `, validation loss ${best.valLoss.toFixed(4)}`}`,
          ] as const,
        ]
      : []),
    ['chance', `${percent(1 / Math.max(2, classNames.length))} (${classNames.length} classes)`],
    ['time', `${duration(seconds)}, ${duration(seconds / epochs)} an epoch, ${msPerStep.toFixed(2)} ms a step`],
    [
      'machine',
      `${threads} ${threads === 1 ? 'thread' : 'threads'}, compiled in ${duration(compileSeconds)}, ${inBytes(peakBytes)} of memory`,
    ],
    ['settings', `${recipe.optimizer.type}, batch ${recipe.batchSize}, seed ${result.seed}`],
  ]
  return `<dl class="facts">${rows.map(([term, text]) => `<div><dt>${term}</dt><dd>${escaped(text)}</dd></div>`).join('')}</dl>`
}
