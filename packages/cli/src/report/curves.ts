/**
 * Accuracy, loss and learning rate over the epochs: training against validation, the best epoch marked, the level of chance in
 * every accuracy chart. Accuracy is drawn from 0 to 100 %, and where all of it lies high a second time close up.
 */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { capitalised, percent } from 'fovea/internal/base/text'
import type { Curves, CurveValues } from 'fovea/internal/diagnosis/curves'
import { findingsHtml } from './diagnosis.ts'
import { type Figure, figureRow, type Section } from './figure.ts'
import { type LineChart, lineChart, type Series } from './line-chart.ts'
import type { ReportRun } from './report-run.ts'
import { colour } from './theme.ts'

export function curvesSection(run: ReportRun): Section {
  const rate = learningRate(run)
  const { findings } = run
  const reading = findings.length > 0 ? `<h3 id="diagnosis">What they say</h3>${findingsHtml(findings)}` : ''
  const figures = [...runAccuracy(run), runLoss(run), ...rate.figures]
  return {
    id: 'curves',
    title: 'Curves',
    html: `${brokenEpochs(run.curves)}${figureRow(figures, reading + rate.html === '' ? '' : `<div${figures.length % 3 === 0 ? ' class="whole"' : ''}>${reading}${rate.html}</div>`)}`,
    figures,
  }
}

/** The place of the epoch with the lowest validation loss (else training loss); −1 when no loss is a number. */
export function bestPlace({ loss, valLoss }: Curves): number {
  const values = valLoss ?? loss
  return values.reduce<number>(
    (best, value, place) => (isFiniteNumber(value) && !(best >= 0 && values[best]! <= value) ? place : best),
    -1,
  )
}

export const isFiniteNumber = (value: number | undefined): value is number => Number.isFinite(value)

/** Shares as the axis writes them: no more digits than needed. */
export function shareText(value: number): string {
  return `${Number((value * 100).toFixed(2))} %`
}

export function chanceLevel(classes: number) {
  const value = 1 / Math.max(2, classes)
  return { value, label: `chance ${shareText(value)}` }
}

/** Losses are written with four digits at most. */
export function lossText(value: number): string {
  return value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-4)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(4)))
}

function runAccuracy({ curves, classNames }: ReportRun): Figure[] {
  const { accuracy, valAccuracy } = curves
  if (!accuracy && !valAccuracy) return []
  const series = curvePair(curves.epochs, accuracy, valAccuracy)
  const level = chanceLevel(classNames.length)
  const best = bestMark(curves, valAccuracy ?? accuracy!, percent)
  const alt = `${curvesTold('Accuracy', series, percent)}${best ? ` ${capitalised(best.label)}.` : ''} ${capitalised(level.label)}.`
  return accuracyFigures({
    name: 'accuracy',
    title: 'Accuracy',
    alt,
    chart: { series, format: shareText, level, ...(best && { best }) },
  })
}

/** A figure to be drawn: domain and scale follow from what it shows. */
type DescribedChart = Omit<Figure, 'svg'> & { readonly chart: Omit<LineChart, 'domain' | 'scale'> }

/** Accuracy from 0 to 100 %; where all of it lies above 80 %, a second time close up. */
export function accuracyFigures({ chart, ...figure }: DescribedChart): Figure[] {
  const whole = { ...figure, svg: lineChart({ ...chart, domain: [0, 1] }) }
  const lowest = smallestOf(chart.series.flatMap(({ values }) => values.filter(isFiniteNumber)))
  if (!(lowest >= 0.8) || chart.series.every(({ epochs }) => epochs.length === 1)) return [whole]
  // A round number of percent below everything drawn.
  const from = Math.floor(lowest * 100 - 0.2) / 100
  const closeUp = {
    ...figure,
    name: `${figure.name}-close-up`,
    title: `${figure.title} close up, from ${shareText(from)}`,
    svg: lineChart({ ...chart, domain: [from, 1] }),
  }
  return [whole, closeUp]
}

/** Losses further apart than this, 1 to this, are drawn on a logarithmic scale. */
const widestLinear = 100

function runLoss({ curves }: ReportRun): Figure {
  const series = curvePair(curves.epochs, curves.loss, curves.valLoss)
  const best = bestMark(curves, curves.valLoss ?? curves.loss, lossText)
  return lossFigure({
    name: 'loss',
    title: 'Loss',
    alt: `${curvesTold('Loss', series, lossText)}${best ? ` ${capitalised(best.label)}.` : ''}`,
    chart: { series, format: lossText, ...(best && { best }) },
  })
}

/** Losses from 0 up; where they are far apart, on a logarithmic scale. */
export function lossFigure({ chart, ...figure }: DescribedChart): Figure {
  const values = chart.series.flatMap(each => each.values.filter(isFiniteNumber))
  const [lowest, highest] = [smallestOf(values), largestOf(values)]
  if (!(lowest > 0 && highest > widestLinear * lowest)) return { ...figure, svg: lineChart(chart) }
  return { ...figure, title: `${figure.title}, logarithmic scale`, svg: lineChart({ ...chart, scale: 'log' }) }
}

/** A figure where it changes, else a line of text. */
function learningRate({ curves, learningRates }: ReportRun): { readonly html: string; readonly figures: Figure[] } {
  const rates = learningRates.filter(Number.isFinite)
  if (rates.length === 0) return { html: '', figures: [] }
  const [first, last] = [lossText(rates[0]!), lossText(rates.at(-1)!)]
  if (largestOf(rates) === smallestOf(rates)) {
    return { html: `<p class="note">Learning rate ${first} in every epoch.</p>`, figures: [] }
  }
  const series = [
    { label: '', told: 'learning rate', colour: colour('--series-3'), epochs: curves.epochs, values: learningRates },
  ]
  const figure = {
    name: 'learning-rate',
    title: 'Learning rate, logarithmic scale',
    alt: `Learning rate from ${first} in the first epoch to ${last} in the last.`,
    svg: lineChart({ series, format: lossText, scale: 'log', height: 200 }),
  }
  return { html: '', figures: [figure] }
}

export function curvePair(epochs: readonly number[], training?: CurveValues, validation?: CurveValues): Series[] {
  return [
    ...(training ? [{ label: 'training', colour: colour('--series-1'), epochs, values: training }] : []),
    ...(validation ? [{ label: 'validation', colour: colour('--series-2'), epochs, values: validation }] : []),
  ]
}

function bestMark(curves: Curves, values: CurveValues, format: (value: number) => string) {
  const place = bestPlace(curves)
  const value = values[place]
  if (!isFiniteNumber(value)) return undefined
  const epoch = curves.epochs[place]!
  return { epoch, value, label: `best epoch ${epoch}: ${format(value)}` }
}

/** `Accuracy over 10 epochs: training from 91.20 % to 99.50 %, validation from 95.00 % to 98.90 %.` */
export function curvesTold(what: string, series: readonly Series[], format: (value: number) => string): string {
  const count = series[0]!.epochs.length
  const lines = series.map(({ label, values }) => {
    const measured = values.filter(value => value !== undefined)
    const word = (value: number) => (Number.isFinite(value) ? format(value) : String(value))
    if (measured.length === 0) return `${label} was not measured`
    const [first, last] = [word(measured[0]!), word(measured.at(-1)!)]
    return measured.length === 1 ? `${label} ${first}` : `${label} from ${first} to ${last}`
  })
  return `${what} over ${count} ${count === 1 ? 'epoch' : 'epochs'}: ${lines.join(', ')}.`
}

function brokenEpochs({ epochs, loss, valLoss }: Curves): string {
  const broken = epochs.filter((_, place) =>
    [loss[place], valLoss?.[place]].some(value => value !== undefined && !Number.isFinite(value)),
  )
  if (broken.length === 0) return ''
  const where =
    broken.length === 1
      ? `In epoch ${broken[0]}`
      : `In ${broken.length} of ${epochs.length} epochs, first in epoch ${broken[0]},`
  return `<p class="note">${where} the loss was no finite number: the curves have a gap there.</p>`
}
