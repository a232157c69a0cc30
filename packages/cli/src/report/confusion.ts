/**
 * The confusion matrix: rows are the true classes, columns the predicted ones. A cell opens the pictures behind it: it links to a panel
 * that CSS shows while it is the target of the address, so it works from disk, by keyboard and without a script. While none is, the
 * largest mistake is open.
 */
import { grouped, shortened } from 'fovea/internal/base/text'
import { confusionMatrix } from 'fovea/internal/objectives/classification-report'
import { mistakesSentence } from 'fovea/internal/objectives/confused-pairs'
import { predictedClass, type TestFile } from 'fovea/internal/run/test-file'
import { type CellSheet, type CellTile, cellSheet } from './cell-sheet.ts'
import { type ConfusionCell, confusionChart } from './confusion-chart.ts'
import { type DrawingTools, figureHtml, type Section } from './figure.ts'
import { fileNameOf, type ReportRun } from './report-run.ts'
import { escaped } from './svg.ts'

/** Beside a section that is tried live, a page of ten classes stays below 3 MB. */
const mostCharacters = 700_000
/** Of many classes most cells hold one or two pictures: fewer panels keep the page small. */
const mostTiles = { fewClasses: 800, manyClasses: 400 }
/** Beside the result. */
const wideRoom = 590
/** In one of two columns. */
export const columnRoom = 528

/** `room`: for the width of the matrix. */
export function confusionSection(
  { test, classNames, testFiles }: ReportRun,
  tools: DrawingTools,
  room = wideRoom,
): Section[] {
  if (!test) return []
  const counts = countsOf(test)
  const tiles = test.classes > 20 ? mostTiles.manyClasses : mostTiles.fewClasses
  const sheet = cellSheet(test, counts, tools, { characters: mostCharacters, tiles })
  const names = (index: number) => classNames[index] ?? String(index)
  const cells = cellsOf(counts, sheet, names)
  const figure = {
    name: 'confusion',
    title: 'Test pictures, and their share of the true class',
    alt: described(counts, names),
    svg: confusionChart(
      cells,
      Array.from({ length: test.classes }, (_, index) => names(index)),
      room,
    ),
  }
  const open = openedFirst(cells)
  const panels = cells.flatMap(cell =>
    cell.href ? [panel(cell, sheet, test, { names, files: testFiles }, cell === open)] : [],
  )
  const html = `<div class="matrix">${figureHtml(figure)}
<p class="note">Blue is right; red is wrong, the stronger the more often. A cell opens its pictures.</p></div>
<div class="cells" style="${sheetStyle(sheet)}">
${panels.join('\n')}</div>`
  return [{ id: 'confusion', title: 'Confusion matrix', html, figures: [figure] }]
}

/** The most frequent mistake of those with pictures; where nothing is wrong, the first cell. */
function openedFirst(cells: readonly ConfusionCell[]): ConfusionCell | undefined {
  const shown = cells.filter(({ href }) => href !== null)
  const [worst] = shown
    .filter(({ truth, predicted }) => truth !== predicted)
    .sort((a, b) => b.count - a.count || b.share - a.share)
  return worst ?? shown[0]
}

/** counts[true class][predicted class]. */
export function countsOf(test: TestFile): number[][] {
  const predicted = Int32Array.from({ length: test.count }, (_, index) => predictedClass(test, index))
  return confusionMatrix(test.labels, predicted, test.classes)
}

function cellsOf(
  counts: readonly (readonly number[])[],
  { cells }: CellSheet,
  names: (index: number) => string,
): ConfusionCell[] {
  return counts.flatMap((row, truth) => {
    const support = row.reduce((sum, n) => sum + n, 0)
    return row.flatMap((count, predicted) => {
      if (count === 0) return []
      const share = count / support
      const title = `true ${names(truth)}, predicted ${names(predicted)}: ${grouped(count)} (${(share * 100).toFixed(1)} %)`
      const shown = cells.has(truth * counts.length + predicted)
      return [{ truth, predicted, count, share, title, href: shown ? `#cell-${truth}-${predicted}` : null }]
    })
  })
}

interface Naming {
  /** Of a class. */
  readonly names: (index: number) => string
  /** Of the test, where they are the user's own. */
  readonly files: readonly string[] | undefined
}

function panel(
  cell: ConfusionCell,
  { cells }: CellSheet,
  test: TestFile,
  { names, files }: Naming,
  isFirst: boolean,
): string {
  const { truth, predicted, count, share } = cell
  const tiles = cells.get(truth * test.classes + predicted)!
  const right = truth === predicted
  const title = right
    ? `${escaped(names(truth))}, rightly predicted`
    : `true ${escaped(names(truth))}, predicted ${escaped(names(predicted))}`
  const more = count - tiles.length
  const told = `${grouped(count)} ${count === 1 ? 'picture' : 'pictures'}, ${(share * 100).toFixed(1)} % of ${escaped(names(truth))}`
  const [mark, first, back] =
    isFirst && !right
      ? [' first', 'Largest mistake: ', '']
      : [isFirst ? ' first' : '', '', isFirst ? '' : ' <a href="#figure-confusion">close</a>']
  return `<div class="cell${mark}" id="cell-${truth}-${predicted}"><h3 class="${right ? 'right' : 'wrong'}">${first}${title}</h3><p>${told}${more > 0 ? `, the first ${tiles.length}` : ''}, with how sure the model was${back}</p><ul>${tiles
    .map(tile =>
      tileHtml(tile, test.predictions[tile.index * test.classes + predicted]!, names(truth), files?.[tile.index]),
    )
    .join('')}</ul></div>`
}

/** The user's own pictures are called by their files. */
function tileHtml({ index, column, row }: CellTile, probability: number, truth: string, file?: string): string {
  const name = file ?? `no. ${index} of the test`
  const told = file ?? `picture ${index} of the test`
  const written = file === undefined ? '' : `<span class="file">${escaped(shortened(fileNameOf(file), 10, 6))}</span>`
  return `<li title="${escaped(name)}"><i role="img" aria-label="${escaped(told)}, ${escaped(truth)}" style="--x:${column};--y:${row}"></i>${Math.round(probability * 100)} %${written}</li>`
}

/** A tile is drawn 64 pixels long on its longer side. */
function sheetStyle({ url, width, tileWidth, tileHeight, across, down }: CellSheet): string {
  const scale = 64 / Math.max(tileWidth, tileHeight)
  const lengths = { width: tileWidth, height: tileHeight, across, down, sheet: width }
  const pixels = Object.entries(lengths).map(([name, length]) => `--${name}:${Number((length * scale).toFixed(3))}px`)
  return `--tiles:url('${url}');${pixels.join(';')}`
}

/** `10,000 test pictures in 10 classes, 7,138 of them right. Most frequent mistakes: cat taken for dog (120 times), …` */
function described(counts: readonly (readonly number[])[], names: (index: number) => string): string {
  const all = counts.flat().reduce((sum, n) => sum + n, 0)
  const right = counts.reduce((sum, row, index) => sum + row[index]!, 0)
  const mistakes = mistakesSentence(counts, names)
  return `Confusion matrix of ${grouped(all)} test pictures in ${counts.length} classes, ${grouped(right)} of them right.${mistakes === '' ? '' : ` ${mistakes}`}`
}
