/**
 * The drawing of a confusion matrix: one square a cell that occurs, stronger the more of its class fall into it (mistakes: compared with the
 * most frequent one), with its count where there is room. In: cells. Out: an SVG whose cells are links.
 */
import { largestOf } from 'fovea/internal/base/extremes'
import { axisName, chart, namedAxis, Plot, roomFor } from './chart.ts'
import { colour } from './theme.ts'

export interface ConfusionCell {
  readonly truth: number
  readonly predicted: number
  readonly count: number
  /** Of the pictures of the true class. */
  readonly share: number
  /** Says all of that. */
  readonly title: string
  /** What it opens; null where nothing is kept. */
  readonly href: string | null
}

export function confusionChart(cells: readonly ConfusionCell[], names: readonly string[]): string {
  const classes = names.length
  const cell = Math.max(5.4, Math.min(72, 360 / classes))
  const numbered = cell >= 20
  // Names are written on every nth row, so that lines stay 13 pixels apart.
  const every = Math.ceil(13 / cell)
  const labelled = names.flatMap((_, index) => (index % every === 0 ? [index] : []))
  const longest = roomFor(names.map(axisName))
  const turned = longest > cell - 4
  const marginLeft = longest + 16
  const marginTop = turned ? longest * (cell < 20 ? 1 : 0.72) + 18 : 24
  const side = cell * classes
  const domain = names.map((_, index) => index)
  const most = largestOf(
    cells.filter(each => each.truth !== each.predicted).map(({ count }) => count),
    1,
  )
  // With numbers in it, the ground stays light enough to read them.
  const [least, range] = numbered ? [0.05, 0.45] : [0.2, 0.8]
  const strength = ({ truth, predicted, share, count }: ConfusionCell) =>
    least + range * (truth === predicted ? share : (count / most) ** 0.7)
  const square = { x: 'predicted', y: 'truth', inset: cell > 12 ? 1 : 0 } as const
  const squares = (right: boolean, linked: boolean) =>
    Plot.cell(
      cells.filter(each => (each.truth === each.predicted) === right && (each.href !== null) === linked),
      {
        ...square,
        fill: colour(right ? '--right' : '--wrong'),
        fillOpacity: strength,
        title: 'title',
        ...(linked && { href: 'href' }),
      },
    )
  return chart({
    width: marginLeft + side + 12,
    height: marginTop + side + 8,
    marginTop,
    marginLeft,
    marginRight: 12,
    marginBottom: 8,
    padding: 0,
    x: { domain },
    y: { domain },
    opacity: { type: 'identity' },
    marks: [
      Plot.axisX(labelled, { ...namedAxis(names), anchor: 'top', tickRotate: turned ? (cell < 20 ? -90 : -45) : 0 }),
      Plot.axisY(labelled, namedAxis(names)),
      Plot.frame({ fill: colour('--panel'), stroke: 'none' }),
      ...[true, false].flatMap(right => [squares(right, true), squares(right, false)]),
      ...(numbered
        ? [
            Plot.text(cells, {
              x: 'predicted',
              y: 'truth',
              text: ({ count }: ConfusionCell) => String(count),
              fontSize: Math.min(13, cell * 0.34),
              fill: colour('--ink'),
              pointerEvents: 'none',
            }),
          ]
        : []),
    ],
  })
}
