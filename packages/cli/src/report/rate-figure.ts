/** The loss over the learning rate, as a range test found it: a dot for each step, the smoothed line, the rate that is suggested. */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { chart, Plot } from './chart.ts'
import type { Figure } from './figure.ts'
import { logTicks } from './line-chart.ts'
import { colour, seriesColour } from './theme.ts'

export interface TestedRates {
  readonly points: readonly { readonly rate: number; readonly loss: number; readonly smoothed: number }[]
  readonly suggestion: number
  readonly lowest: { readonly rate: number; readonly smoothed: number }
}

/** Beyond so many times the first loss nothing is to be seen but the explosion. */
const most = 1.5

export function rateFigure({ points, suggestion, lowest }: TestedRates): Figure {
  const smoothed = points.map(point => point.smoothed).filter(Number.isFinite)
  const top = Math.min(largestOf(smoothed), most * smoothed[0]!)
  const bottom = smallestOf([...smoothed, ...points.map(({ loss }) => loss).filter(Number.isFinite)])
  const domain = [Math.max(0, bottom - 0.15 * (top - bottom)), top + 0.05 * (top - bottom)] as const
  const shown = points.filter(({ loss }) => loss >= domain[0] && loss <= domain[1])
  const line = points.filter(point => point.smoothed <= domain[1])
  const [from, to] = [points[0]!.rate, points.at(-1)!.rate]
  const svg = chart({
    width: 720,
    height: 300,
    marginLeft: 54,
    marginTop: 26,
    marginBottom: 40,
    x: { type: 'log', domain: [from, to] },
    y: { label: 'loss', domain: [...domain], ticks: 5, tickSize: 0 },
    marks: [
      Plot.gridY({ stroke: colour('--line'), strokeOpacity: 1, ticks: 5 }),
      Plot.axisX(logTicks([from, to]), {
        text: rateText,
        label: 'learning rate',
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: 36,
        tickSize: 4,
      }),
      Plot.dot(shown, { x: 'rate', y: 'loss', r: 1.5, fill: colour('--faint'), fillOpacity: 0.5 }),
      Plot.line(line, { x: 'rate', y: 'smoothed', stroke: seriesColour(0), strokeWidth: 2 }),
      Plot.ruleX([suggestion], { stroke: seriesColour(1), strokeWidth: 2 }),
      Plot.text([`suggested: ${suggestion}`], {
        x: suggestion,
        frameAnchor: 'top',
        dy: -14,
        fill: seriesColour(1),
        fontWeight: 600,
      }),
      Plot.dot([lowest], {
        x: 'rate',
        y: 'smoothed',
        r: 5,
        stroke: colour('--ink'),
        title: ({ rate }: typeof lowest) => `lowest at ${rateText(rate)}`,
      }),
    ],
  })
  return {
    name: 'learning-rate',
    title: 'Loss while the learning rate rises',
    alt: `The loss begins at ${lossText(smoothed[0]!)}, is lowest, ${lossText(lowest.smoothed)}, at a rate of ${rateText(lowest.rate)}; suggested is ${suggestion}.`,
    svg,
  }
}

/** `1e-7`, `0.001`, `10`. */
export const rateText = (rate: number): string => {
  const short = Number(rate.toPrecision(2))
  return short < 1e-4 ? short.toExponential().replace('e+', 'e') : String(short)
}

const lossText = (loss: number): string => String(Number(loss.toPrecision(3)))
