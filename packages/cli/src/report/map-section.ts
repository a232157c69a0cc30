/**
 * The user's own pictures on a map: near each other are those that the network sees as alike. The drawing stands for itself; with the page's
 * script (page/map.ts) a picture is shown at the pointer, and a class or a region lists its pictures.
 */
import { grouped, percent } from 'fovea/internal/base/text'
import { evenRows } from 'fovea/internal/embedding/even-rows'
import { looksMislabelled } from 'fovea/internal/embedding/looks-mislabelled'
import { pictureMap } from 'fovea/internal/embedding/principal-axes'
import { predictedClass } from 'fovea/internal/run/test-file'
import { type DrawingTools, type Figure, figureHtml, type Section } from './figure.ts'
import { mostDoubtful } from './mislabelled-section.ts'
import { ownTiles } from './own-tiles.ts'
import { type MapPoint, pictureMapSvg, placed } from './picture-map.ts'
import { classNameOf, type ReportRun } from './report-run.ts'

/** Beside a section that is tried live, the page stays below 3 MB. */
const mostPoints = 1000
const mostCharacters = 900_000

/** What the script reads. */
export interface MapDocument {
  readonly classNames: readonly string[]
  /** In the order of the drawing's marks, class by class. */
  readonly points: readonly {
    readonly x: number
    readonly y: number
    readonly label: number
    readonly predicted: number
    readonly file: string
    /** On the sheet; missing for a picture that is not on it. */
    readonly tile?: readonly [column: number, row: number] | undefined
  }[]
}

/** Nothing for pictures that are not the user's own. */
export function mapSection(run: ReportRun, tools: DrawingTools): Section[] {
  const { own } = run
  if (!own) return []
  const { count, classes, size, features, probabilities, labels, pictures, thumbnails } = own
  const doubtful = new Set(looksMislabelled(own, mostDoubtful).map(({ row }) => row))
  const shown = [...new Set([...evenRows(labels, mostPoints), ...doubtful])].filter(row => thumbnails.has(row))
  const drawn = Float32Array.from(shown.flatMap(row => [...features.subarray(row * size, (row + 1) * size)]))
  const { places, shares } = pictureMap(drawn, shown.length)
  const all = placed(places)
  const points: MapPoint[] = shown
    .map((row, place) => ({ row, label: labels[row]!, ...all[place]!, doubtful: doubtful.has(row) }))
    .sort((a, b) => a.label - b.label || a.row - b.row)
  const names = Array.from({ length: classes }, (_, label) => classNameOf(run, label))
  const tiles = ownTiles(thumbnails, shown, tools, { characters: mostCharacters, side: 64 })
  const document: MapDocument = {
    classNames: names,
    points: points.map(({ row, label, x, y }) => ({
      x: Math.round(x * 10) / 10,
      y: Math.round(y * 10) / 10,
      label,
      predicted: predictedClass({ predictions: probabilities, classes }, row),
      file: pictures[row]!.file,
      tile: tiles.place(row),
    })),
  }
  const some =
    points.length < count ? `${grouped(points.length)} of ${grouped(count)} pictures` : `all ${grouped(count)} pictures`
  const figure: Figure = {
    name: 'map',
    title: `Map of ${some}`,
    alt: `Map of ${some} in ${names.length} classes, by what the network sees of them; ${doubtful.size} labels that look wrong are ringed. It shows ${percent(shares[0] + shares[1])} of the features' variance.`,
    svg: pictureMapSvg(points, names),
  }
  const html = `<div class="map own" style="${tiles.style}"><div class="map-drawn">${figureHtml(figure)}</div><div class="map-said" hidden></div></div>
<p class="note">Pictures near each other are alike for the network. Across and down: the two directions in which the features of its last layer differ most, ${percent(shares[0])} and ${percent(shares[1])} of their variance.${own.seen > own.size ? ` It sees ${grouped(own.seen)} features, added up at random into ${own.size}.` : ''}</p>
<script type="application/json" id="map-data">${JSON.stringify(document).replaceAll('<', '\\u003c')}</script>`
  return [{ id: 'map', title: 'The pictures as the network sees them', html, figures: [figure] }]
}
