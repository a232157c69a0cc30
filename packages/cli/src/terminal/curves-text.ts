/**
 * The curves of a run, or of several, as charts for the terminal: accuracy and loss side by side. A run shows training against
 * validation, with the epoch of the best weights; several runs are compared by their validation (training where there is none).
 */

import { smallestOf } from 'fovea/internal/base/extremes'
import type { TextOutput } from 'fovea/internal/base/host'
import type { Curves, CurveValues } from 'fovea/internal/diagnosis/curves'
import { type ChartLine, drawBrailleChart, inLineColour, linePatterns } from './braille-chart.ts'

export type ChartOutput = Pick<TextOutput, 'isTerminal' | 'columns'>

/** Nothing (an empty text) for a single epoch: its numbers say all. */
export function curvesText(curves: Curves, classes: number | undefined, output: ChartOutput): string {
  const { loss, valLoss, accuracy, valAccuracy } = curves
  const best = indexOfBest(valLoss ?? loss)
  const pair = (training: CurveValues | undefined, validation: CurveValues | undefined): ChartLine[] => [
    ...(validation ? [{ mark: 'v', values: validation }] : []),
    ...(training ? [{ mark: 't', values: training }] : []),
  ]
  const names = valLoss ? ['validation', 'training'] : ['training']
  return chartsText({
    accuracy: pair(accuracy, valAccuracy),
    loss: pair(loss, valLoss),
    epochs: curves.epochs,
    legend: names.map((name, index) => legendOf(name[0]!, name, index, output)).join('   '),
    best,
    classes,
    output,
  })
}

export interface NamedCurves {
  readonly name: string
  readonly curves: Curves
}

/** One line a run. */
export function comparedCurvesText(
  runs: readonly NamedCurves[],
  classes: number | undefined,
  output: ChartOutput,
): string {
  const lines = (valuesOf: (curves: Curves) => CurveValues | undefined): ChartLine[] =>
    runs.map(({ curves }, index) => ({ mark: markOf(index), values: valuesOf(curves) ?? [] }))
  const longest = runs.reduce((a, b) => (b.curves.epochs.length > a.curves.epochs.length ? b : a)).curves
  return chartsText({
    accuracy: lines(({ accuracy, valAccuracy }) => valAccuracy ?? accuracy),
    loss: lines(({ loss, valLoss }) => valLoss ?? loss),
    epochs: longest.epochs,
    legend: runs
      .map(({ name, curves }, index) =>
        legendOf(markOf(index), `${name}, ${curves.valLoss ? 'validation' : 'training'}`, index, output),
      )
      .join('\n'),
    best: undefined,
    classes,
    output,
  })
}

interface Charts {
  readonly accuracy: readonly ChartLine[]
  readonly loss: readonly ChartLine[]
  readonly epochs: readonly number[]
  readonly legend: string
  /** Index of the best epoch. */
  readonly best: number | undefined
  readonly classes: number | undefined
  readonly output: ChartOutput
}

const gap = 2
/** Characters of a chart of one epoch more than nothing, and of the widest that is still small. */
const [narrowest, widest] = [24, 39]

function chartsText({ accuracy, loss, epochs, legend, best, classes, output }: Charts): string {
  if (epochs.length < 2) return ''
  const width = Math.max(narrowest, Math.min(widest, Math.floor((output.columns - gap) / 2)))
  const common = {
    ...{ width, height: 12, colours: output.isTerminal, marked: best },
    nameOf: (index: number) => String(epochs[index]),
  }
  const chance = classes === undefined ? undefined : 1 / classes
  const lowest = smallestOf(accuracy.flatMap(({ values }) => values.filter(isFiniteNumber)))
  // Where all accuracies are nearer to 100 % than to chance, its level would press them together.
  const inReach = chance !== undefined && lowest - chance < 1 - lowest
  const charts = [
    ...(accuracy.some(({ values }) => values.length > 0)
      ? [
          drawBrailleChart(accuracy, {
            ...common,
            title: 'accuracy',
            format: share,
            level: inReach ? chance : undefined,
          }),
        ]
      : []),
    drawBrailleChart(loss, { ...common, title: 'loss', format: figure }),
  ]
  const notes = [
    ...(best === undefined ? [] : ['▲ best epoch']),
    ...(chance === undefined ? [] : [`${inReach ? '┄ ' : ''}chance ${share(chance)}`]),
  ]
  return [...sideBySide(charts, width + gap), [legend, ...notes].join(legend.includes('\n') ? '\n' : '   ')].join('\n')
}

function legendOf(mark: string, name: string, index: number, { isTerminal }: ChartOutput): string {
  return inLineColour(`${mark} ${name} (${linePatterns[index % linePatterns.length]!.name})`, index, isTerminal)
}

const markOf = (index: number): string => String.fromCodePoint(97 + (index % 26))

const isFiniteNumber = (value: number | undefined): value is number => Number.isFinite(value)

/** The epoch with the lowest finite loss. */
function indexOfBest(loss: CurveValues): number | undefined {
  const finite = loss.flatMap((value, index) => (isFiniteNumber(value) ? [{ value, index }] : []))
  return finite.length === 0 ? undefined : finite.reduce((a, b) => (b.value < a.value ? b : a)).index
}

function sideBySide(charts: readonly (readonly string[])[], width: number): string[] {
  return charts[0]!.map((_, row) =>
    charts
      .map((lines, index) => (index < charts.length - 1 ? padded(lines[row]!, width) : lines[row]!))
      .join('')
      .trimEnd(),
  )
}

/** Colours take no room. */
function padded(text: string, width: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what colours consist of
  const visible = text.replace(/\u001b\[[\d;]*m/g, '').length
  return text + ' '.repeat(Math.max(0, width - visible))
}

/** `45 %`, `99.5 %`. */
function share(value: number): string {
  return `${Number((value * 100).toPrecision(3))} %`
}

function figure(value: number): string {
  return Math.abs(value) >= 10_000 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}
