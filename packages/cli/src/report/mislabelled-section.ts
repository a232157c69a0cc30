/**
 * The user's own pictures whose label looks wrong: each with its file, its label and the class that pictures like it have. The first ones are
 * open, more behind a line.
 */
import { grouped, shortened } from 'fovea/internal/base/text'
import { type DoubtfulLabel, looksMislabelled } from 'fovea/internal/embedding/looks-mislabelled'
import type { RunEmbeddings } from 'fovea/internal/run/run-embeddings'
import type { DrawingTools, Section } from './figure.ts'
import { type OwnTiles, ownTiles } from './own-tiles.ts'
import { classNameOf, fileNameOf, type ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

export const mostDoubtful = 40
const open = 10
const longestName = 14

/** Nothing for pictures that are not the user's own. */
export function mislabelledSection(run: ReportRun, tools: DrawingTools): Section[] {
  const { own } = run
  if (!own) return []
  const doubtful = looksMislabelled(own)
  const shown = doubtful.slice(0, mostDoubtful)
  if (shown.length === 0) return []
  const tiles = ownTiles(
    own.thumbnails,
    shown.map(({ row }) => row),
    tools,
    { characters: 200_000, side: 72 },
  )
  const items = shown.map(each => itemHtml(each, run, own, tiles))
  const rest = items.slice(open)
  const more =
    rest.length === 0
      ? ''
      : `<details><summary>${rest.length} more${doubtful.length > shown.length ? `, of ${grouped(doubtful.length - open)}` : ''}</summary><ul>${rest.join('')}</ul></details>`
  const html = `<p class="note">The other pictures speak against these labels, most strongly against the first. Some are wrong, some are only rare. Under each: its label → the class of pictures like it.</p>
<div class="own" style="${tiles.style}"><ul>${items.slice(0, open).join('')}</ul>${more}</div>`
  return [{ id: 'mislabelled', title: 'Looks mislabelled', html, figures: [] }]
}

function itemHtml(
  { row, label, suggested }: DoubtfulLabel,
  run: ReportRun,
  own: RunEmbeddings,
  tiles: OwnTiles,
): string {
  const { file, part } = own.pictures[row]!
  const [is, seems] = [classNameOf(run, label), classNameOf(run, suggested)]
  const short = (name: string): string => escaped(shortened(name, longestName))
  return `<li title="${escaped(`${file} (${part})`)}">${tiles.tile(row, file)}<span>${short(is)} → <strong>${short(seems)}</strong></span><span class="file">${escaped(shortened(fileNameOf(file), longestName, longestName / 2))}</span></li>`
}
