/**
 * The first pictures with their labels as the loss sees them: one row of zeros with a one at the class's place. Of many classes only
 * the columns of those that occur are drawn; a model with one output unit is given the label itself, 0 or 1.
 */
import type { Picture } from 'fovea/internal/base/picture'
import { shortened } from 'fovea/internal/base/text'
import { roomFor } from './chart.ts'
import { type DrawingTools, figureWidth } from './figure.ts'
import { frame } from './picture-grid.ts'
import { pictureSheet } from './picture-sheet.ts'
import { drawing, escaped, svgElement } from './svg.ts'
import { colour } from './theme.ts'

export interface Labelled {
  readonly picture: Picture
  readonly label: number
}

/** More columns than these do not stand side by side. */
const mostColumns = 10
const [rowHeight, namesWidth, widestCell] = [44, 138, 26]
const longestHead = 12

/** `targets`: how many numbers the model gives: one for each class, or one alone. */
export function oneHotRows(
  samples: readonly Labelled[],
  {
    names,
    targets,
    tools,
  }: { readonly names: readonly string[]; readonly targets: number; readonly tools: DrawingTools },
): string {
  const columns = targets === 1 ? (['label'] as const) : columnsOf(samples, targets)
  const cell = Math.min(targets === 1 ? 60 : widestCell, Math.floor((figureWidth - namesWidth) / columns.length))
  const x = (place: number): number => namesWidth + (place + 0.5) * cell
  const heads = columns.map(column => (column === 'gap' ? '…' : column === 'label' ? 'label' : names[column]!))
  const longest = roomFor(heads.map(head => shortened(head, longestHead)))
  const turned = longest > cell
  const headHeight = turned ? longest + 12 : 24
  const headTexts = heads.map((head, place) => headAt(head, x(place), headHeight - 8, turned))
  const pictures = samples.map(({ picture }) => picture)
  const sheet = pictureSheet(pictures, { name: 'labels', columns: 1, cell: rowHeight, above: 0, tools })
  const rows = samples.map(({ label }, row) => {
    const { y, height } = sheet.place(row)
    const middle = y + height / 2 + 4
    const values = columns.map((column, place) => valueText(column, label, x(place), middle))
    const name = svgElement('text', { x: rowHeight + 4, y: middle }, nameText(names[label]!, 12))
    return frame(sheet.place(row)) + name + values.join('')
  })
  return drawing(
    figureWidth,
    headHeight + sheet.height,
    headTexts.join('') + svgElement('g', { transform: `translate(0 ${headHeight})` }, sheet.svg + rows.join('')),
  )
}

/** A class, several that are left out, or the label itself. */
type Column = number | 'gap' | 'label'

function columnsOf(samples: readonly Labelled[], classes: number): Column[] {
  if (classes <= mostColumns) return Array.from({ length: classes }, (_, index) => index)
  const occurring = [...new Set(samples.map(({ label }) => label))].sort((a, b) => a - b)
  const columns = occurring.flatMap((label, place): Column[] => {
    const follows = label === (occurring[place - 1] ?? -1) + 1
    return follows ? [label] : ['gap', label]
  })
  return occurring.at(-1) === classes - 1 ? columns : [...columns, 'gap']
}

/** Names wider than their column stand upright. */
function headAt(head: string, x: number, y: number, turned: boolean): string {
  const name = nameText(head, longestHead)
  if (!turned) return svgElement('text', { x, y, 'text-anchor': 'middle', fill: colour('--faint') }, name)
  const transform = `rotate(-90 ${x} ${y})`
  return svgElement('text', { x, y, dy: 4, transform, fill: colour('--faint') }, name)
}

function valueText(column: Column, label: number, x: number, y: number): string {
  if (column === 'gap') return centred(x, y, '…', '--faint')
  return column === 'label' ? centred(x, y, String(label), '--ink') : bit(column === label, x, y)
}

function bit(one: boolean, x: number, y: number): string {
  if (!one) return centred(x, y, '0', '--faint')
  const box = { x: x - 8, y: y - 15, width: 16, height: 22, rx: 3, fill: colour('--right') }
  const text = { x, y, 'text-anchor': 'middle', 'font-weight': 700, fill: colour('--paper') }
  return svgElement('rect', box) + svgElement('text', text, '1')
}

function centred(x: number, y: number, content: string, ink: '--faint' | '--ink'): string {
  return svgElement('text', { x, y, 'text-anchor': 'middle', fill: colour(ink) }, content)
}

function nameText(name: string, most: number): string {
  const short = shortened(name, most)
  return short === name ? escaped(name) : `${svgElement('title', {}, escaped(name))}${escaped(short)}`
}
