/** Precision, recall and F1 of every class: a table, a drawing with the hardest class at the bottom, and the pairs most often confused. */
import { smallestOf } from 'fovea/internal/base/extremes'
import { grouped } from 'fovea/internal/base/text'
import { type ClassScores, classScores } from 'fovea/internal/objectives/classification-report'
import { confusedPairs } from 'fovea/internal/objectives/confused-pairs'
import { axisName, chart, namedAxis, Plot, roomFor } from './chart.ts'
import { countsOf } from './confusion.ts'
import { type Figure, figureRow, type Section } from './figure.ts'
import type { ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'
import { colour } from './theme.ts'

/** More classes are drawn only in part, and their table is folded. */
const mostDrawn = 20
const pairsNamed = 5

/** `isFolded`: the table is closed at first, however short. */
export function perClassSection({ test, classNames }: ReportRun, { isFolded = false } = {}): Section[] {
  if (!test) return []
  const counts = countsOf(test)
  const { classes, macro, weighted } = classScores(counts)
  const rows = classes.map((scores, index) => ({ name: classNames[index] ?? String(index), ...scores }))
  const figure = scoresFigure(rows.filter(({ support }) => support > 0))
  const means = [
    { name: 'mean of the classes', ...macro },
    { name: 'mean of the samples', ...weighted },
  ]
  const table = tableHtml(rows, means)
  const folded =
    isFolded || rows.length > mostDrawn
      ? `<details><summary>All ${rows.length} classes</summary>${table}</details>`
      : table
  const words = `<div>${pairsHtml(counts, rows)}${folded}</div>`
  const html = `${figureRow([figure], words)}
<p class="note">Precision: of what is predicted as this class, the share that is. Recall: of what is this class, the share that is found. F1: their harmonic mean.</p>`
  return [{ id: 'per-class', title: 'Class by class', html, figures: [figure] }]
}

interface Row extends ClassScores {
  readonly name: string
}

function pairsHtml(counts: readonly (readonly number[])[], rows: readonly Row[]): string {
  const pairs = confusedPairs(counts)
  if (pairs.length === 0) return '<p>Every test picture is predicted rightly.</p>'
  const named = pairs
    .slice(0, pairsNamed)
    .map(
      ({ truth, predicted, count, share }) =>
        `<li>${escaped(rows[truth]!.name)} taken for ${escaped(rows[predicted]!.name)}: ${grouped(count)} of ${grouped(rows[truth]!.support)} (${(share * 100).toFixed(1)} %)</li>`,
    )
  return `<h3>Most often confused</h3><ul class="findings">${named.join('')}</ul>`
}

function tableHtml(rows: readonly Row[], means: readonly Row[]): string {
  const line = ({ name, precision, recall, f1, support }: Row) =>
    `<tr><td class="name">${escaped(name)}</td>${[precision, recall, f1].map(value => `<td>${value.toFixed(3)}</td>`).join('')}<td>${grouped(support)}</td></tr>`
  return `<div class="scroll"><table><thead><tr><th>class</th><th>precision</th><th>recall</th><th>F1</th><th>samples</th></tr></thead>
<tbody>${rows.map(line).join('')}</tbody><tfoot>${means.map(line).join('')}</tfoot></table></div>`
}

function scoresFigure(rows: readonly Row[]): Figure {
  const sorted = [...rows].sort((a, b) => b.f1 - a.f1)
  const drawn = sorted.slice(-mostDrawn)
  const [best, hardest] = [sorted[0]!, sorted.at(-1)!]
  const part = drawn.length < rows.length ? `, the ${drawn.length} hardest classes of ${rows.length}` : ''
  return {
    name: 'per-class',
    title: `Precision, recall and F1${part}`,
    alt: `Precision, recall and F1 of each class. Highest F1: ${best.name} with ${best.f1.toFixed(3)}. Lowest: ${hardest.name} with ${hardest.f1.toFixed(3)}, precision ${hardest.precision.toFixed(3)}, recall ${hardest.recall.toFixed(3)}.`,
    svg: scoresChart(drawn),
  }
}

function scoresChart(rows: readonly Row[]): string {
  const lowest = smallestOf(rows.flatMap(({ precision, recall }) => [precision, recall]))
  const from = Math.max(0, Math.floor(lowest * 20 - 0.5) / 20)
  const places = rows.map((row, place) => ({ ...row, place }))
  const [first, second, ink] = [colour('--series-1'), colour('--series-2'), colour('--ink')]
  const names = rows.map(({ name }) => name)
  const key = { frameAnchor: 'top-left', textAnchor: 'start', dy: -22 } as const
  return chart({
    height: 58 + 24 * rows.length,
    marginLeft: 16 + roomFor(names.map(axisName)),
    marginTop: 30,
    marginBottom: 28,
    marginRight: 24,
    x: { label: null, domain: [from, 1], ticks: 5, tickSize: 0 },
    y: { type: 'band', domain: places.map(({ place }) => place) },
    marks: [
      Plot.axisY(namedAxis(names)),
      Plot.gridX({ stroke: colour('--line'), strokeOpacity: 1, ticks: 5 }),
      Plot.ruleY(places, { y: 'place', x1: 'precision', x2: 'recall', stroke: colour('--faint') }),
      Plot.dot(places, { y: 'place', x: 'recall', r: 4.5, fill: first }),
      Plot.dot(places, { y: 'place', x: 'precision', r: 4.5, stroke: second, strokeWidth: 2 }),
      Plot.tickX(places, { y: 'place', x: 'f1', stroke: ink, strokeWidth: 1.5, inset: 4 }),
      Plot.text(['● recall'], { ...key, fill: first }),
      Plot.text(['○ precision'], { ...key, fill: second, dx: 68 }),
      Plot.text(['| F1'], { ...key, fill: ink, dx: 158 }),
      Plot.ruleY(places, {
        y: 'place',
        strokeOpacity: 0,
        strokeWidth: 22,
        title: (row: Row) =>
          `${row.name}: precision ${row.precision.toFixed(3)}, recall ${row.recall.toFixed(3)}, F1 ${row.f1.toFixed(3)}, samples ${grouped(row.support)}`,
      }),
    ],
  })
}
