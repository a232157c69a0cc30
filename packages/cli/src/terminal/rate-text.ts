/** What `find-lr` says to people: the loss over the rate as a chart, the rate that it suggests and why. */
import type { FindLrDocument } from '../command/documents.ts'
import { drawBrailleChart } from './braille-chart.ts'
import type { ChartOutput } from './curves-text.ts'

/** Beyond so many times the first loss nothing is to be seen but the explosion. */
const most = 1.5

export function rateTestText(document: FindLrDocument, { columns, isTerminal }: ChartOutput): string {
  const { recipe, optimizer, batchSize, ownRate, points, suggestion, lowest, steepest, ended } = document
  const limit = most * points[0]!.smoothed
  const chart = drawBrailleChart(
    [{ mark: 's', values: points.map(({ smoothed }) => (smoothed <= limit ? smoothed : Number.NaN)) }],
    {
      ...{ title: 'smoothed loss over the learning rate', width: Math.min(columns, 78), height: 14 },
      marked: nearestTo(suggestion, points),
      nameOf: index => figure(points[index]!.rate),
      format: figure,
      colours: isTerminal,
    },
  )
  const end =
    ended === 'exploded'
      ? `From ${figure(points.at(-1)!.rate)} on the loss explodes.`
      : `Up to ${figure(points.at(-1)!.rate)} the loss never exploded: a wider range (--rates) may show more.`
  return [
    '',
    ...chart,
    '',
    `${recipe}, ${optimizer} in batches of ${batchSize}: the loss is lowest at a rate of ${figure(lowest.rate)} and falls fastest at ${figure(steepest.rate)}. ${end}`,
    `Suggested: ${suggestion}, a fifth of the rate at the lowest loss${ownRate === null ? '' : ` (the recipe has ${ownRate})`}.`,
  ].join('\n')
}

/** The step whose rate is nearest, on the logarithmic scale. */
function nearestTo(rate: number, points: FindLrDocument['points']): number {
  const distance = (index: number): number => Math.abs(Math.log(points[index]!.rate / rate))
  return points.map((_, index) => index).reduce((a, b) => (distance(b) < distance(a) ? b : a))
}

const figure = (value: number): string => {
  const short = Number(value.toPrecision(2))
  return short !== 0 && Math.abs(short) < 1e-4 ? short.toExponential().replace('e+', 'e') : String(short)
}
