/**
 * The drawing of a confusion matrix: one square a cell that occurs, stronger the more of its class fall into it (mistakes: compared with the
 * most frequent one); where there is room with its count and its share of the true class, and the sums of rows and columns. In: cells.
 * Out: an SVG whose cells are links.
 */
import { largestOf } from 'fovea/internal/base/extremes'
import { grouped } from 'fovea/internal/base/text'
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

/** Sides of a cell: the largest and the least drawn; from where on its count, and its share too, can be read in it. */
const side = { most: 90, least: 4.4, counted: 30, shared: 36 }
/** A matrix is no larger than one of ten classes beside the result. */
const largest = 460
const titleRoom = 22
const fontSize = 12

/** `room`: for the width of the drawing; a matrix of many classes takes more. */
export function confusionChart(cells: readonly ConfusionCell[], names: readonly string[], room: number): string {
  const classes = names.length
  const all = cells.reduce((sum, { count }) => sum + count, 0)
  const sumRoom = 12 + 7.5 * grouped(all).length
  const longest = roomFor(names.map(axisName))
  const left = titleRoom + longest + 12
  const cell = Math.max(side.least, Math.min(side.most, largest / classes, (room - left - sumRoom) / classes))
  const isCounted = cell >= side.counted
  // Names are written on every nth row, so that lines stay 13 pixels apart.
  const every = Math.ceil(13 / cell)
  const labelled = names.flatMap((_, index) => (index % every === 0 ? [index] : []))
  const isTurned = longest > cell - 4
  const isUpright = cell < 20
  const top = titleRoom + (isTurned ? longest * (isUpright ? 1 : 0.72) + 16 : 22)
  const [right, bottom] = isCounted ? [sumRoom, 26] : [12, 8]
  const matrix = cell * classes
  const domain = names.map((_, index) => index)
  const most = largestOf(
    cells.filter(each => each.truth !== each.predicted).map(({ count }) => count),
    1,
  )
  // With numbers in it, the ground stays light enough to read them.
  const [least, range] = isCounted ? [0.05, 0.45] : [0.2, 0.8]
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
  const title = { fill: colour('--faint'), fontSize: 13 } as const
  return chart({
    width: left + matrix + right,
    height: top + matrix + bottom,
    marginTop: top,
    marginLeft: left,
    marginRight: right,
    marginBottom: bottom,
    padding: 0,
    x: { domain },
    y: { domain },
    opacity: { type: 'identity' },
    marks: [
      Plot.text(['predicted class'], { ...title, frameAnchor: 'top', dy: 8 - top }),
      Plot.text(['true class'], { ...title, frameAnchor: 'left', dx: 8 - left, rotate: -90 }),
      Plot.axisX(labelled, { ...namedAxis(names), anchor: 'top', tickRotate: isTurned ? (isUpright ? -90 : -45) : 0 }),
      Plot.axisY(labelled, namedAxis(names)),
      Plot.frame({ fill: colour('--panel'), stroke: 'none' }),
      ...[true, false].flatMap(right => [squares(right, true), squares(right, false)]),
      ...(isCounted ? [...numbers(cells, cell >= side.shared), ...sums(cells, domain, all)] : []),
    ],
  })
}

function numbers(cells: readonly ConfusionCell[], isShared: boolean) {
  const number = { x: 'predicted', y: 'truth', fontSize, pointerEvents: 'none' } as const
  const shared = isShared ? cells.filter(({ share }) => share >= 0.005) : []
  const alone = cells.filter(each => !shared.includes(each))
  const count = ({ count }: ConfusionCell) => grouped(count)
  return [
    Plot.text(shared, { ...number, text: count, dy: -7, fill: colour('--ink') }),
    Plot.text(shared, {
      ...number,
      text: ({ share }: ConfusionCell) => `${Math.round(share * 100)} %`,
      dy: 8,
      fill: colour('--ink'),
      fillOpacity: 0.8,
    }),
    Plot.text(alone, { ...number, text: count, fill: colour('--ink') }),
  ]
}

/** Of each row at its right, of each column below it, of all in the corner. */
function sums(cells: readonly ConfusionCell[], domain: readonly number[], all: number) {
  const sumOf = (key: 'truth' | 'predicted') => (index: number) =>
    grouped(cells.filter(each => each[key] === index).reduce((sum, { count }) => sum + count, 0))
  const sum = { fill: colour('--faint'), fontSize } as const
  return [
    Plot.text(domain, {
      ...sum,
      y: index => index,
      text: sumOf('truth'),
      frameAnchor: 'right',
      textAnchor: 'start',
      dx: 8,
    }),
    Plot.text(domain, { ...sum, x: index => index, text: sumOf('predicted'), frameAnchor: 'bottom', dy: 16 }),
    Plot.text([all], { ...sum, text: grouped, frameAnchor: 'bottom-right', textAnchor: 'start', dx: 8, dy: 16 }),
  ]
}
