/**
 * Line charts for terminals: every character holds 2 × 4 dots of Unicode's Braille block. In: lines of values, one value a step. Out:
 * text, a string a row. Lines differ by how they are dotted and by a letter at their end, so that they are told apart without colour.
 */

import { anyText, checkArguments } from 'fovea/internal/base/arguments'
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { boolean, functionOf, list, optional, parse, record, that, whole } from 'fovea/internal/base/schema'

/** One curve: its values and its mark. */
export interface ChartLine {
  /** Numbers that are none (NaN, infinity) leave a gap; where there is none at all (undefined), the line goes on to the next. */
  readonly values: readonly (number | undefined)[]
  /** One character, written behind the last value. */
  readonly mark: string
}

/** What `drawBrailleChart` takes. */
export interface ChartOptions {
  readonly title: string
  /** Characters across and down, with title, axes and marks. */
  readonly width: number
  readonly height: number
  /** A value drawn across, by which others are judged. */
  readonly level?: number | undefined
  /** Index of a step marked on the axis. */
  readonly marked?: number | undefined
  /** What is written below a step. */
  readonly nameOf: (index: number) => string
  readonly format: (value: number) => string
  /** Lines in colours of the terminal. Default false. */
  readonly colours?: boolean | undefined
}

/** How lines are dotted, in order: how many dots are set and how many left out. */
export const linePatterns = [
  { name: 'solid', on: 1, off: 0 },
  { name: 'dotted', on: 1, off: 2 },
  { name: 'dashed', on: 5, off: 3 },
  { name: 'sparse', on: 1, off: 5 },
] as const
/** Of the 256 colours, those that can be read on dark and on light: blue, orange, green, purple. */
const lineColours = [33, 208, 35, 170]
const control = '\u001b['

/** Bits of a Braille character, by column and row of the dot (U+2800 + bits). */
const dotBits = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const

/** Paints text as the line of this index is painted. */
export function inLineColour(text: string, index: number, colours: boolean): string {
  return colours ? `${control}38;5;${lineColours[index % lineColours.length]}m${text}${control}0m` : text
}

const lineFields = {
  values: that(
    'a list of numbers',
    value => Array.isArray(value) && value.every(each => each === undefined || typeof each === 'number'),
  ),
  mark: anyText,
}
const fields = {
  title: anyText,
  width: whole(20, 10_000),
  height: whole(5, 10_000),
  level: optional(that<number>('a number', value => typeof value === 'number')),
  marked: optional(whole(0)),
  nameOf: functionOf('a step'),
  format: functionOf('a number'),
  colours: optional(boolean, false),
}

/** Earlier lines lie above later ones. */
export function drawBrailleChart(lines: readonly ChartLine[], options: ChartOptions): string[] {
  checkArguments('drawBrailleChart', { lines: list(record(lineFields), 'lines {values, mark}') }, { lines })
  parse(record(fields), options, 'drawBrailleChart')
  const { title, width, height, level, marked, nameOf, format, colours = false } = options
  const rows = height - 3
  const steps = largestOf(lines.map(({ values }) => values.length))
  const axis = axisOf([...lines.flatMap(({ values }) => values), level].filter(isDrawn))
  const labels = axis.ticks.map(format)
  const margin = largestOf(labels.map(label => label.length))
  const columns = width - margin - 2 - 1 - lines.length
  const dotRow = (value: number): number => Math.round(((axis.high - value) / (axis.high - axis.low)) * (4 * rows - 1))
  const dotColumn = (step: number): number => Math.round((step / Math.max(1, steps - 1)) * (2 * columns - 1))

  const cells = Array.from({ length: rows * columns }, () => ({ bits: 0, line: -1 }))
  const ends: { readonly row: number; readonly line: number }[] = []
  for (const [index, { values }] of [...lines.entries()].reverse()) {
    for (const [x, y] of dotsOf(values, dotColumn, dotRow, linePatterns[index % linePatterns.length]!)) {
      const cell = cells[(y >> 2) * columns + (x >> 1)]!
      cell.bits |= dotBits[x & 1]![y & 3]!
      cell.line = index
    }
    const last = values.findLast(isDrawn)
    if (last !== undefined) ends.unshift({ row: dotRow(last) >> 2, line: index })
  }
  const levelRow = level === undefined ? undefined : dotRow(level) >> 2
  const labelRows = axis.ticks.map(tick => dotRow(tick) >> 2)
  const plot = range(rows).map(row => {
    const label = labels[labelRows.indexOf(row)]
    const drawn = cells.slice(row * columns, (row + 1) * columns).map(({ bits, line }) => {
      if (bits === 0) return row === levelRow ? '┄' : ' '
      return inLineColour(String.fromCodePoint(0x2800 + bits), line, colours)
    })
    const marks = ends.filter(end => end.row === row).map(({ line }) => inLineColour(lines[line]!.mark, line, colours))
    return `${(label ?? '').padStart(margin)} ${label === undefined ? '│' : '┤'}${drawn.join('')} ${marks.join('')}`
  })
  const column = marked === undefined ? undefined : dotColumn(marked) >> 1
  const line = range(columns).map(index => (index === column ? '▲' : '─'))
  const named = [...(marked === undefined ? [] : [marked]), 0, steps - 1]
  return [
    `${' '.repeat(margin + 2)}${title}`,
    ...plot,
    `${' '.repeat(margin)} └${line.join('')}`,
    `${' '.repeat(margin + 2)}${placed(named, index => dotColumn(index) >> 1, nameOf, columns)}`,
  ].map(text => text.trimEnd())
}

/** The dots of a line from value to value, as its pattern leaves them. */
function dotsOf(
  values: ChartLine['values'],
  dotColumn: (step: number) => number,
  dotRow: (value: number) => number,
  { on, off }: { readonly on: number; readonly off: number },
): [number, number][] {
  const dots: [number, number][] = []
  let before: [number, number] | undefined
  for (const [step, value] of values.entries()) {
    if (value === undefined) continue
    const here: [number, number] | undefined = isDrawn(value) ? [dotColumn(step), dotRow(value)] : undefined
    // Many steps of a long run fall onto one dot.
    if (here && !(before && before[0] === here[0] && before[1] === here[1])) {
      if (before) for (const dot of between(before, here)) dots.push(dot)
      dots.push(here)
    }
    before = here
  }
  return dots.filter((_, index) => index % (on + off) < on)
}

/** Dots from one to another, both left out. */
function between([fromX, fromY]: [number, number], [toX, toY]: [number, number]): [number, number][] {
  const count = Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY))
  return range(Math.max(0, count - 1)).map(index => {
    const share = (index + 1) / count
    return [Math.round(fromX + share * (toX - fromX)), Math.round(fromY + share * (toY - fromY))]
  })
}

/** A scale whose ends are that far apart has no ticks that could be computed. */
const isDrawn = (value: number | undefined): value is number => value !== undefined && Math.abs(value) <= 1e300

/** Limits and ticks at 1, 2 or 5 times a power of ten, at most five of them. */
function axisOf(values: readonly number[]) {
  let [least, most] = values.length === 0 ? [0, 1] : [smallestOf(values), largestOf(values)]
  if (most - least <= 1e-12 * Math.abs(most))
    [least, most] = [least - 0.05 * (Math.abs(least) || 1), most + 0.05 * (Math.abs(most) || 1)]
  const power = 10 ** Math.floor(Math.log10((most - least) / 4))
  const step = [1, 2, 5, 10, 20, 50]
    .map(factor => factor * power)
    .find(size => above(most / size) - below(least / size) <= 4)!
  const [first, last] = [below(least / step), above(most / step)]
  return {
    low: first * step,
    high: last * step,
    ticks: range(last - first + 1).map(index => Number(((first + index) * step).toPrecision(12))),
  }
}

/** Whole numbers, where what rounding left over does not count: 0.6 / 0.2 is 2.9999999999999996. */
const below = (value: number): number => Math.floor(value + 1e-9)
const above = (value: number): number => Math.ceil(value - 1e-9)

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Names below their columns; one that would touch an earlier one is left out. */
function placed(
  steps: readonly number[],
  columnOf: (step: number) => number,
  nameOf: (index: number) => string,
  columns: number,
): string {
  const text = Array.from({ length: columns }, () => ' ')
  for (const step of steps) {
    const name = nameOf(step)
    const begin = Math.max(0, Math.min(columns - name.length, columnOf(step) - ((name.length - 1) >> 1)))
    const around = text.slice(Math.max(0, begin - 1), begin + name.length + 1)
    if (around.every(character => character === ' ')) text.splice(begin, name.length, ...name)
  }
  return text.join('')
}
