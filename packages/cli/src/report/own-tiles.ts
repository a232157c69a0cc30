/**
 * Small copies of the user's own pictures as tiles of one sheet, whose bytes are in the page once. In: copies by row. Out: the style that an
 * element around the tiles has (page-style.ts reads it), and each tile. Where not all fit, pictures are left out evenly.
 */
import type { Picture } from 'fovea/internal/base/picture'
import type { DrawingTools } from './figure.ts'
import { eights, joinedPictures } from './picture-sheet.ts'
import { escaped } from './svg.ts'

export interface OwnTiles {
  readonly style: string
  /** Column and row on the sheet; undefined for a picture that is not on it. */
  place(row: number): readonly [column: number, row: number] | undefined
  /** An element that shows the picture; empty for one that is not on the sheet. */
  tile(row: number, name: string): string
}

/** `side`: how long a tile is drawn on its longer side, in pixels of the page. */
export function ownTiles(
  copies: ReadonlyMap<number, Picture>,
  rows: readonly number[],
  { pictureUrl }: DrawingTools,
  { characters, side }: { readonly characters: number; readonly side: number },
): OwnTiles {
  let shown = rows.filter(row => copies.has(row))
  const { width = 1, height = 1 } = copies.get(shown[0]!) ?? {}
  const [across, down] = [eights(width), eights(height)]
  for (;;) {
    const columns = Math.max(1, Math.ceil(Math.sqrt(shown.length)))
    const sheet = joinedPictures(
      shown.map(row => copies.get(row)!),
      columns,
      across,
      down,
    )
    const url = pictureUrl(sheet, 'small')
    if (url.length <= characters || shown.length <= 1) return tilesOf(shown, columns, url, sheet.width)
    const kept = Math.max(1, Math.floor((shown.length * 0.95 * characters) / url.length))
    shown = Array.from({ length: kept }, (_, place) => shown[Math.floor((place * shown.length) / kept)]!)
  }

  function tilesOf(on: readonly number[], columns: number, url: string, sheetWidth: number): OwnTiles {
    const places = new Map(on.map((row, number) => [row, [number % columns, Math.floor(number / columns)] as const]))
    const scale = side / Math.max(width, height)
    const lengths = Object.entries({ width, height, across, down, sheet: sheetWidth })
    const pixels = lengths.map(([name, length]) => `--${name}:${Number((length * scale).toFixed(3))}px`)
    return {
      style: `--tiles:url('${url}');${pixels.join(';')}`,
      place: row => places.get(row),
      tile: (row, name) => {
        const place = places.get(row)
        if (place === undefined) return ''
        return `<i role="img" aria-label="${escaped(name)}" style="--x:${place[0]};--y:${place[1]}"></i>`
      },
    }
  }
}
