/** What `evaluate` says of several models: a table of each and of their mean, what the mean gains, how often they differ. */

import { largestOf } from 'fovea/internal/base/extremes'
import { testViewsText } from 'fovea/internal/base/test-views'
import { columns, duration, grouped, percent } from 'fovea/internal/base/text'
import type { EnsembleDocument } from '../command/ensemble-documents.ts'
import { confusionText } from './confusion-text.ts'

export function ensembleText(document: EnsembleDocument, width: number): string {
  const { dataset, samples, models, mean, seconds } = document
  const pictures = samples === 1 ? '1 test picture' : `${grouped(samples)} test pictures`
  const members = membersOf(document)
  const together = { ...mean, model: `mean of ${members.length}`, params: sum(members.map(own => own.params)) }
  const rows = [...members, together, ...models.filter(own => !members.includes(own))]
  const right = { align: 'right' } as const
  const table = columns([
    { title: 'model', cells: rows.map(({ model }) => model) },
    { title: 'parameters', cells: rows.map(({ params }) => grouped(params)), ...right },
    { title: 'accuracy', cells: rows.map(({ accuracy }) => percent(accuracy)), ...right },
    { title: 'log loss', cells: rows.map(({ logLoss }) => logLoss.toFixed(4)), ...right },
    { title: 'calibration error', cells: rows.map(({ calibrationError }) => percent(calibrationError)), ...right },
  ])
  return [
    `${models.length} models on ${pictures} of ${dataset} (${duration(seconds)})`,
    table,
    [...viewsTexts(document), gainText(document), ...document.taught.map(taughtText)].join('\n'),
    `Of the mean:\n${confusionText(document, width)}`,
  ].join('\n\n')
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const points = (difference: number): string => `${Math.abs(difference * 100).toFixed(2)} points`

/** `The mean is 1.20 points better than its members on average, and 0.90 points better than the best of them.` */
function gainText(document: EnsembleDocument): string {
  const { mean, gain, disagreement, anyRight } = document
  const best = largestOf(membersOf(document).map(({ accuracy }) => accuracy))
  const than = (difference: number): string =>
    difference === 0 ? 'as good as' : `${points(difference)} ${difference > 0 ? 'better' : 'worse'} than`
  return [
    `The mean is ${than(gain)} its members on average, and ${than(mean.accuracy - best)} the best of them.`,
    `They do not all say the same of ${percent(disagreement)} of the pictures; of ${percent(anyRight)} one at least is right.`,
  ].join('\n')
}

/** All but those that learned from others of them. */
const membersOf = ({ models, taught }: EnsembleDocument): EnsembleDocument['models'] =>
  models.filter(({ model }) => taught.every(own => own.model !== model))

/** `runs/d learned from runs/a, runs/b, runs/c: alone it is 0.80 points better than a teacher on average, 65 % of what their mean gains.` */
function taughtText({ model, teachers, gain, teachersGain }: EnsembleDocument['taught'][number]): string {
  const than = gain === 0 ? 'as good as' : `${points(gain)} ${gain > 0 ? 'better' : 'worse'} than`
  const alone = `${model} learned from ${teachers.join(', ')}: alone it is ${than} a teacher on average`
  if (teachersGain <= 0) return `${alone}; the mean of the teachers gains nothing.`
  const kept = gain > 0 ? `${Math.round((gain / teachersGain) * 100)} %` : 'nothing'
  return `${alone}, where their mean is ${points(teachersGain)} better: it keeps ${kept} of that.`
}

const viewsTexts = ({ models }: EnsembleDocument): string[] =>
  models.flatMap(({ model, views }) => (views ? [`${model} is the mean over ${testViewsText[views]}.`] : []))
