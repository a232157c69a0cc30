/** Rows of numbers, and the arithmetic of one output, as people write them by hand. */
import { largestOf } from 'fovea/internal/base/extremes'
import type { OutputTerms } from 'fovea/internal/explain/filter'
import type { ByHandDocument } from '../command/documents.ts'

/** Columns flush right. */
export function planeText(rows: readonly (readonly number[])[]): string {
  const cells = rows.map(row => row.map(number))
  const width = largestOf(cells.flat().map(cell => cell.length))
  return cells.map(row => `  ${row.map(cell => cell.padStart(width)).join(' ')}`).join('\n')
}

/** `93·-1 + 139·0 + …`, a line for each row of the kernel, then the sum. */
export function termsText({ at, receptiveField, kernel, products, sum }: OutputTerms): string {
  const line = (row: readonly number[], r: number): string =>
    `  ${row.map((value, s) => `${number(value)}·${signed(kernel[r]![s]!)}`).join(' + ')}  =  ${products[r]!.map(signed).join(' + ')}`
  return [`output ${at.join(',')}:`, ...receptiveField.map(line), `  sum ${number(sum)}`].join('\n')
}

/** Channel by channel, then sum, bias, activation, and where in the picture all that comes from. */
export function byHandText(hand: Omit<ByHandDocument, 'files'>): string {
  const field = hand.inputField
  const channels = hand.kernel[0]![0]!.length
  const of = (cube: readonly (readonly (readonly number[])[])[], channel: number): number[][] =>
    cube.map(row => row.map(cell => cell[channel]!))
  const parts = Array.from({ length: channels }, (_, channel) => [
    `channel ${channel}: receptive field · kernel`,
    planeText(of(hand.receptiveField, channel)),
    '  ·',
    planeText(of(hand.kernel, channel)),
    '  =',
    planeText(of(hand.products, channel)),
  ])
  return [
    `${hand.layer} at ${hand.at.join(',')}, from row ${hand.corner[0]}, column ${hand.corner[1]} of its input`,
    ...parts.flat(),
    `sum of the products ${number(hand.sum)}`,
    `+ bias ${number(hand.bias)} = ${number(hand.sum + hand.bias)}`,
    `${hand.activation} → ${number(hand.value)} (the network: ${number(hand.networkValue)})`,
    `In the picture it sees ${field.height}×${field.width} pixels from row ${field.top}, column ${field.left}; without borders ${field.uncut.height}×${field.uncut.width}, ${field.stride.join('×')} pixels from unit to unit.`,
  ].join('\n')
}

function signed(value: number): string {
  return value < 0 ? `(${number(value)})` : number(value)
}

/** Whole numbers as they are, others with four digits. */
function number(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
}
