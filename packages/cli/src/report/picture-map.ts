/**
 * The drawing of a map of pictures: a mark for each, of its class's colour and form, so that six classes are told apart without colours and
 * 36 with them; a ring around labels that look wrong; the classes below. In: places and labels. Out: an SVG whose marks stand in the
 * order of the points, class by class.
 */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { shortened } from 'fovea/internal/base/text'
import { drawing, escaped, svgElement } from './svg.ts'
import { colour, seriesColour } from './theme.ts'

export interface MapPoint {
  /** Of the run's pictures. */
  readonly row: number
  readonly label: number
  /** In the drawing. */
  readonly x: number
  readonly y: number
  readonly doubtful: boolean
}

export const mapSize = { width: 640, height: 320 }
const margin = 10
const longestName = 18
const lineHeight = 20

/** Disc, square, triangle, diamond, cross, triangle on its head: of one area by eye. */
const forms = [
  'M-3.6 0A3.6 3.6 0 1 0 3.6 0A3.6 3.6 0 1 0-3.6 0Z',
  'M-3.2-3.2H3.2V3.2H-3.2Z',
  'M0-4.4L4.2 3.2H-4.2Z',
  'M0-4.8L4.2 0L0 4.8L-4.2 0Z',
  'M-1.4-4.2H1.4V-1.4H4.2V1.4H1.4V4.2H-1.4V1.4H-4.2V-1.4H-1.4Z',
  'M0 4.4L4.2-3.2H-4.2Z',
]

/** More than six classes begin the colours again, with other forms. */
export function markOf(label: number): { readonly href: string; readonly fill: string } {
  const form = (label + Math.floor(label / forms.length)) % forms.length
  return { href: `#map-form-${form}`, fill: seriesColour(label) }
}

/** Places [count, 2] in the drawing, row for row. */
export function placed(places: ArrayLike<number>): { x: number; y: number }[] {
  const along = (axis: number, from: number, to: number) => {
    const values = Array.from({ length: places.length / 2 }, (_, row) => places[2 * row + axis]!)
    const [least, most] = [smallestOf(values), largestOf(values)]
    const scale = most > least ? (to - from) / (most - least) : 0
    return values.map(value => (scale === 0 ? (from + to) / 2 : from + (value - least) * scale))
  }
  const ys = along(1, mapSize.height - margin, margin)
  return along(0, margin, mapSize.width - margin).map((x, row) => ({ x, y: ys[row]! }))
}

export function pictureMapSvg(points: readonly MapPoint[], names: readonly string[]): string {
  const ground = svgElement('rect', { ...mapSize, fill: colour('--panel') })
  const groups = [...new Set(points.map(({ label }) => label))].map(label => {
    const marks = points.filter(point => point.label === label)
    const { href, fill } = markOf(label)
    const uses = marks.map(({ x, y }) => svgElement('use', { href, x, y })).join('')
    return svgElement('g', { 'data-class': String(label), fill }, uses)
  })
  const rings = points
    .filter(({ doubtful }) => doubtful)
    .map(({ x, y }) => svgElement('circle', { cx: x, cy: y, r: 7 }))
  const ringed = svgElement('g', { fill: 'none', stroke: colour('--ink'), 'stroke-width': 1.2 }, rings.join(''))
  const definitions = forms.map((d, form) => svgElement('path', { id: `map-form-${form}`, d })).join('')
  const { svg, height } = legend(names, rings.length > 0)
  return drawing(
    mapSize.width,
    mapSize.height + height,
    svgElement('defs', {}, definitions) + ground + groups.join('') + ringed + svg,
  )
}

function legend(names: readonly string[], isRinged: boolean): { readonly svg: string; readonly height: number } {
  const items = names.map((name, label) => ({
    mark: svgElement('use', { ...markOf(label), x: 6, y: -4 }),
    name: shortened(name, longestName),
  }))
  if (isRinged) {
    const ring = svgElement('circle', {
      cx: 6,
      cy: -4,
      r: 6,
      fill: 'none',
      stroke: colour('--ink'),
      'stroke-width': 1.2,
    })
    items.push({ mark: ring, name: 'looks mislabelled' })
  }
  let [x, y] = [0, mapSize.height + lineHeight]
  const drawn = items.map(({ mark, name }) => {
    const width = 30 + 7 * name.length
    if (x + width > mapSize.width && x > 0) [x, y] = [0, y + lineHeight]
    const text = svgElement('text', { x: 16, 'font-size': 13 }, escaped(name))
    const item = svgElement('g', { transform: `translate(${x} ${y})` }, mark + text)
    x += width
    return item
  })
  return { svg: svgElement('g', { class: 'map-legend' }, drawn.join('')), height: y - mapSize.height + 8 }
}
