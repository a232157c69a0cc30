/**
 * The pictures behind the cells of a confusion matrix, as tiles of one sheet, so that their bytes are in the page once. In: a test.
 * Out: the sheet as a data URL of bounded length, and who stands where. Where not all fit, mistakes come first, and every cell gets one
 * picture before any gets a second.
 */
import type { Picture } from 'fovea/internal/base/picture'
import { pictureOf } from 'fovea/internal/data/dataset'
import { predictedClass, type TestFile } from 'fovea/internal/run/test-file'
import type { DrawingTools } from './figure.ts'
import { eights, joinedPictures } from './picture-sheet.ts'

export interface CellTile {
  /** Place in the test set. */
  readonly index: number
  /** On the sheet, in tiles. */
  readonly column: number
  readonly row: number
}

export interface CellSheet {
  readonly url: string
  /** Of the whole sheet, in pixels. */
  readonly width: number
  readonly tileWidth: number
  readonly tileHeight: number
  /** From tile to tile, in pixels. */
  readonly across: number
  readonly down: number
  /** Tiles of the cell true · classes + predicted. */
  readonly cells: ReadonlyMap<number, readonly CellTile[]>
}

export interface SheetLimits {
  /** Of the data URL. */
  readonly characters: number
  readonly tiles: number
}

/** `counts` is the confusion matrix: fuller cells come first. */
export function cellSheet(
  test: TestFile,
  counts: readonly (readonly number[])[],
  { pictureUrl }: DrawingTools,
  { characters, tiles }: SheetLimits,
): CellSheet {
  const places = placesInOrder(test, counts)
  const [tileHeight, tileWidth] = test.pictureShape
  const [across, down] = [eights(tileWidth), eights(tileHeight)]
  let shown = places.slice(0, tiles)
  for (;;) {
    const columns = Math.max(1, Math.ceil(Math.sqrt(shown.length)))
    const sheet = joinedPictures(picturesAt(test, shown), columns, across, down)
    const url = pictureUrl(sheet, 'small')
    if (url.length <= characters || shown.length <= 1) {
      const cells = tilesOf(test, shown, columns)
      return { url, width: sheet.width, tileWidth, tileHeight, across, down, cells }
    }
    shown = shown.slice(0, Math.max(1, Math.floor((shown.length * 0.95 * characters) / url.length)))
  }
}

function cellOf(test: TestFile, index: number): number {
  return test.labels[index]! * test.classes + predictedClass(test, index)
}

/** Places among the pictures kept: the first of each mistake, the fullest cells first, the first of each right cell, then the second ones. */
function placesInOrder(test: TestFile, counts: readonly (readonly number[])[]): number[] {
  const cells = new Map<number, number[]>()
  for (let place = 0; place < test.pictureIndices.length; place++) {
    const cell = cellOf(test, test.pictureIndices[place]!)
    cells.set(cell, [...(cells.get(cell) ?? []), place])
  }
  const { classes } = test
  const ranked = [...cells].flatMap(([cell, places]) => {
    const [truth, predicted] = [Math.floor(cell / classes), cell % classes]
    const [right, count] = [truth === predicted ? 1 : 0, counts[truth]![predicted]!]
    return places.map((place, rank) => ({ place, rank, right, count }))
  })
  ranked.sort((a, b) => a.rank - b.rank || a.right - b.right || b.count - a.count || a.place - b.place)
  return ranked.map(({ place }) => place)
}

function picturesAt({ pictures, pictureShape, pictureIndices }: TestFile, places: readonly number[]): Picture[] {
  const count = pictureIndices.length
  const stack = { images: pictures, labels: new Uint8Array(count), count }
  return places.map(place => pictureOf(pictureShape, stack, place))
}

function tilesOf(test: TestFile, places: readonly number[], columns: number): Map<number, CellTile[]> {
  const cells = new Map<number, CellTile[]>()
  for (const [number, place] of places.entries()) {
    const index = test.pictureIndices[place]!
    const tile = { index, column: number % columns, row: Math.floor(number / columns) }
    cells.set(cellOf(test, index), [...(cells.get(cellOf(test, index)) ?? []), tile])
  }
  return cells
}
