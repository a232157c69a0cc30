/** How many training samples each class has, as bars, beside an equal share. */
import { largestOf } from 'fovea/internal/base/extremes'
import { grouped } from 'fovea/internal/base/text'
import { axisName, chart, namedAxis, Plot, roomFor } from './chart.ts'
import type { Figure } from './figure.ts'
import type { ReportRun } from './report-run.ts'
import { colour } from './theme.ts'

/** In words and drawn; nothing where the run does not say. */
export function classBalance({
  perClass,
  classNames,
}: ReportRun): { readonly told: string; readonly figure: Figure } | undefined {
  if (perClass.length === 0) return undefined
  const rows = perClass.map((count, index) => ({ name: classNames[index] ?? String(index), index, count }))
  const told = balance(rows)
  const figure = {
    name: 'class-balance',
    title: 'Training samples of each class',
    alt: `${told} ${rows.length <= 20 ? `${rows.map(({ name, count }) => `${name} ${grouped(count)}`).join(', ')}.` : ''}`.trim(),
    svg: balanceChart(rows),
  }
  return { told, figure }
}

interface ClassCount {
  readonly name: string
  readonly index: number
  readonly count: number
}

/** The largest and the smallest class in words, and what always answering the largest would come to. */
function balance(rows: readonly ClassCount[]): string {
  const sorted = [...rows].sort((a, b) => b.count - a.count)
  const [largest, smallest] = [sorted[0]!, sorted.at(-1)!]
  if (largest.count === smallest.count)
    return `Every one of the ${rows.length} classes has ${grouped(largest.count)} training samples.`
  const all = rows.reduce((sum, { count }) => sum + count, 0)
  if (largest.count < 1.05 * smallest.count) {
    return `The classes are nearly equally large: ${grouped(smallest.count)} to ${grouped(largest.count)} training samples each.`
  }
  const times = smallest.count > 0 ? `, ${(largest.count / smallest.count).toFixed(1)} times as many` : ''
  const always = `who always answered ${largest.name} would be right in ${((100 * largest.count) / all).toFixed(1)} % of these samples`
  return `The largest class, ${largest.name}, has ${grouped(largest.count)} training samples, the smallest, ${smallest.name}, ${grouped(smallest.count)}${times}; ${always}.`
}

function balanceChart(rows: readonly ClassCount[]): string {
  const height = rows.length <= 30 ? 22 : 8
  const every = Math.ceil(13 / height)
  const names = rows.map(({ name }) => name)
  const equal = rows.reduce((sum, { count }) => sum + count, 0) / rows.length
  const largest = largestOf(
    rows.map(({ count }) => count),
    1,
  )
  return chart({
    height: 24 + height * rows.length,
    marginLeft: 16 + roomFor(names.map(axisName)),
    marginRight: 60,
    marginTop: 22,
    marginBottom: 2,
    x: { axis: null, domain: [0, largest] },
    y: { domain: rows.map(({ index }) => index) },
    marks: [
      Plot.axisY(
        rows.flatMap(({ index }) => (index % every === 0 ? [index] : [])),
        namedAxis(names),
      ),
      Plot.barX(rows, {
        y: 'index',
        x: 'count',
        fill: colour('--series-1'),
        fillOpacity: 0.7,
        inset: height > 10 ? 2 : 0.5,
        title: ({ name, count }: ClassCount) => `${name}: ${grouped(count)}`,
      }),
      ...(every === 1
        ? [
            Plot.text(rows, {
              y: 'index',
              text: ({ count }: ClassCount) => grouped(count),
              frameAnchor: 'right',
              textAnchor: 'end',
              dx: 56,
            }),
          ]
        : []),
      Plot.ruleX([equal], { stroke: colour('--ink'), strokeDasharray: '5 4' }),
      Plot.text([equal], {
        x: value => value,
        frameAnchor: 'top',
        dy: -14,
        text: () => `equal shares: ${grouped(Math.round(equal))}`,
        textAnchor: 'end',
        fill: colour('--faint'),
      }),
    ],
  })
}
