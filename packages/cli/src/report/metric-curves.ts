/**
 * The metrics beside accuracy over the epochs, a chart each: training against validation. In: a run. Out: a section, if it has such metrics.
 * Of a metric with several values (one for each class) their mean is drawn (all of them are in the run file).
 */
import { capitalised } from 'fovea/internal/base/text'
import type { Curves } from 'fovea/internal/diagnosis/curves'
import { curvePair, curvesTold, isFiniteNumber, lossFigure, lossText } from './curves.ts'
import { type Figure, figureRow, type Section } from './figure.ts'
import { lineChart } from './line-chart.ts'
import type { MetricCurve, ReportRun } from './report-run.ts'

export function metricsSection({ curves, metrics = [] }: ReportRun): Section[] {
  if (metrics.length === 0) return []
  const figures = metrics.map((metric, place) => ({ ...metricFigure(metric, curves), name: `metric-${place + 1}` }))
  return [{ id: 'metrics', title: 'Other metrics', html: figureRow(figures), figures }]
}

/** Shares from 0 to 1, everything else as losses are drawn. */
function metricFigure({ name, training, validation }: MetricCurve, { epochs }: Curves): Figure {
  const series = curvePair(epochs, training, validation)
  const title = capitalised(name)
  const figure = { name, title, alt: curvesTold(title, series, lossText) }
  const isShare = series.every(({ values }) => values.filter(isFiniteNumber).every(value => value >= 0 && value <= 1))
  return isShare
    ? { ...figure, svg: lineChart({ series, format: lossText, domain: [0, 1] }) }
    : lossFigure({ ...figure, chart: { series, format: lossText } })
}
