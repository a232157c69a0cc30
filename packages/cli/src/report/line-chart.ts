/**
 * Lines over epochs, drawn plainly: each line is named at its end instead of in a legend, levels to compare with are dashed, values that
 * the scale does not have leave a gap, and every epoch tells its figures to who points at it. In: series. Out: an SVG.
 */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { shortened } from 'fovea/internal/base/text'
import { chart, Plot } from './chart.ts'
import { figureWidth } from './figure.ts'
import { colour } from './theme.ts'

export interface Series {
  /** Beside its end; empty for a line that needs no name. */
  readonly label: string
  /** Its name in tooltips where that is another. */
  readonly told?: string
  readonly colour: string
  /** Of each epoch; NaN and infinities leave a gap, on a logarithmic scale also what is not positive. Undefined: not measured. */
  readonly values: readonly (number | undefined)[]
  readonly epochs: readonly number[]
}

export interface LineChart {
  readonly series: readonly Series[]
  /** How a value is written on the axis and in tooltips. */
  readonly format: (value: number) => string
  readonly scale?: 'linear' | 'log'
  readonly domain?: readonly [number, number]
  /** Dashed and labelled: what to compare with. Below the domain only its name stands, with an arrow. */
  readonly level?: { readonly value: number; readonly label: string }
  /** A point worth naming, with the vertical line of its epoch. */
  readonly best?: { readonly epoch: number; readonly value: number; readonly label: string }
  readonly height?: number
}

/** Room for the names of the lines: long ones take more of the chart, and longer ones lose their middle. */
const namesWidth = { least: 82, most: 130 }
const longestName = 16
const lineHeight = 16
const margin = { top: 24, left: 54, bottom: 24 }

export function lineChart({ format, scale = 'linear', height = 250, ...rest }: LineChart): string {
  const { level, best } = rest
  const series = thinned(rest.series, best?.epoch)
  const faint = colour('--faint')
  const epochs = [...new Set(series.flatMap(each => each.epochs))].sort((a, b) => a - b)
  const domain = rest.domain ?? domainOf(rest.series, scale)
  const labels = endLabels(series, level, domain, scale, height - margin.top - margin.bottom)
  const longest = largestOf(
    labels.map(({ label }) => label.length),
    0,
  )
  const marginRight = Math.min(namesWidth.most, Math.max(namesWidth.least, 14 + longest * 7))
  const plotWidth = figureWidth - margin.left - marginRight
  const points = series.flatMap(each => pointsOf(each, scale))
  const tickFormat = (epoch: number) => (epoch === epochs[0] ? `epoch ${epoch}` : String(epoch))
  const x = { label: null, domain: spread(epochs), ticks: wholeTicks(epochs), tickFormat, tickSize: 4 }
  const ticks = scale === 'log' ? logTicks(domain) : 5
  const y = { label: null, type: scale, domain: [...domain], ticks, tickFormat: format, tickSize: 0 } as const
  return chart({
    height,
    marginTop: margin.top,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    marginRight,
    x,
    y,
    marks: [
      Plot.gridY({ stroke: colour('--line'), strokeOpacity: 1, ticks }),
      ...(level && level.value >= domain[0]
        ? [Plot.ruleY([level.value], { stroke: faint, strokeDasharray: '5 4' })]
        : []),
      ...(best ? bestMarks(best, epochs) : []),
      ...series.map(each =>
        Plot.line(pointsOf(each, scale, true), { x: 'epoch', y: 'value', stroke: each.colour, strokeWidth: 2 }),
      ),
      ...(epochs.length <= 30
        ? [Plot.dot(points, { x: 'epoch', y: 'value', r: epochs.length > 12 ? 2 : 3, fill: 'colour' })]
        : []),
      ...(best ? [Plot.dot([best], { x: 'epoch', y: 'value', r: 5.5, stroke: colour('--ink') })] : []),
      ...[600, 400].map(fontWeight =>
        Plot.text(
          labels.filter(({ weight }) => weight === fontWeight),
          { x: spread(epochs)[1], y: 'place', text: 'label', fill: 'colour', textAnchor: 'start', dx: 9, fontWeight },
        ),
      ),
      Plot.ruleX(epochs, {
        x: epoch => epoch,
        strokeOpacity: 0,
        strokeWidth: Math.max(3, plotWidth / epochs.length),
        title: epoch => tooltip(epoch, series, format),
      }),
    ],
  })
}

/** More epochs than this are not told apart in a drawing, and each takes room in the page. */
const mostEpochs = 1000

/** Every so many epochs of a very long run, with the last and the best. */
function thinned(series: readonly Series[], best: number | undefined): readonly Series[] {
  return series.map(each => {
    const { epochs, values } = each
    const step = Math.ceil(epochs.length / mostEpochs)
    if (step === 1) return each
    const kept = [...epochs.keys()].filter(
      place => place % step === 0 || place === epochs.length - 1 || epochs[place] === best,
    )
    return { ...each, epochs: kept.map(place => epochs[place]!), values: kept.map(place => values[place]) }
  })
}

interface Point {
  readonly epoch: number
  readonly value: number
  readonly colour: string
}

function isDrawn(value: number | undefined, scale: 'linear' | 'log'): value is number {
  return value !== undefined && Number.isFinite(value) && (scale === 'linear' || value > 0)
}

/** With `gaps`, values that are not drawn stay, as NaN: a line is broken there. */
function pointsOf({ epochs, values, colour }: Series, scale: 'linear' | 'log', gaps = false): Point[] {
  const points = epochs.flatMap((epoch, index) => {
    const value = values[index]
    return value === undefined ? [] : [{ epoch, value, colour }]
  })
  const drawn = points.map(point => (isDrawn(point.value, scale) ? point : { ...point, value: Number.NaN }))
  return gaps ? drawn : drawn.filter(({ value }) => !Number.isNaN(value))
}

/** From 0 to a little above the highest; of a logarithmic scale, around what there is. */
function domainOf(series: readonly Series[], scale: 'linear' | 'log'): [number, number] {
  const values = series.flatMap(({ values }) => values.filter((value): value is number => isDrawn(value, scale)))
  if (values.length === 0) return scale === 'log' ? [0.1, 1] : [0, 1]
  const [lowest, highest] = [smallestOf(values), largestOf(values)]
  if (scale === 'log') return [lowest / 1.2, highest * 1.2]
  return [Math.min(0, lowest), highest > 0 ? highest * 1.05 : 1]
}

/** One epoch alone stands in the middle. */
function spread(epochs: readonly number[]): [number, number] {
  const [first, last] = [epochs[0]!, epochs.at(-1)!]
  return first === last ? [first - 1, last + 1] : [first, last]
}

/** At most 6 whole numbers, at steps of 1, 2 or 5 times a power of ten, and the first epoch, whose name needs room. */
export function wholeTicks(epochs: readonly number[]): number[] {
  const [first, last] = [epochs[0]!, epochs.at(-1)!]
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find(each => (last - first) / each < 6) ?? last - first
  const ticks = Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step)
  return [first, ...ticks.filter(tick => tick > first && (step === 1 || tick - first >= 0.18 * (last - first)))]
}

/** Powers of ten in the domain, or 1, 2 and 5 times them where that leaves less than three. */
export function logTicks([low, high]: readonly [number, number]): number[] {
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high / low)) + 2 },
    (_, index) => Math.floor(Math.log10(low)) + index,
  )
  const inside = (factors: readonly number[]) =>
    powers
      .flatMap(power => factors.map(factor => Number(`${factor}e${power}`)))
      .filter(tick => tick >= low && tick <= high)
  const tens = inside([1])
  return tens.length >= 3 ? tens : inside([1, 2, 5])
}

/** Names of the lines and of the level beside their ends, moved apart where they would touch. */
function endLabels(
  series: readonly Series[],
  level: LineChart['level'],
  domain: readonly [number, number],
  scale: 'linear' | 'log',
  height: number,
) {
  const up = scale === 'log' ? Math.log : (value: number) => value
  const down = scale === 'log' ? Math.exp : (place: number) => place
  const [low, high] = [up(domain[0]), up(domain[1])]
  const ends = series.flatMap(({ label, colour, ...each }) => {
    const value = pointsOf({ label, colour, ...each }, scale).at(-1)?.value
    // Recipes with one thing changed are told apart by the end of their names.
    const name = shortened(label, longestName, longestName / 2)
    return value === undefined || label === '' ? [] : [{ label: name, colour, value, weight: 600 }]
  })
  if (level) {
    const label = level.value < domain[0] ? `${level.label} ↓` : level.label
    ends.push({ label, colour: colour('--faint'), value: level.value, weight: 400 })
  }
  const labels = ends.sort((a, b) => a.value - b.value)
  const within = labels.map(({ value }) => Math.min(high, Math.max(low, up(value))))
  const places = apart(within, (lineHeight * (high - low)) / height, [low, high])
  return labels.map((label, index) => ({ ...label, place: down(places[index]!) }))
}

/** Ascending places, moved as little as their order allows so that neighbours are `gap` apart, within the ends. */
export function apart(places: readonly number[], gap: number, [low, high]: readonly [number, number]): number[] {
  const moved: number[] = []
  for (const place of places) moved.push(Math.max(place, (moved.at(-1) ?? low - gap) + gap))
  for (let index = moved.length - 1, ceiling = high; index >= 0; index--, ceiling -= gap) {
    moved[index] = Math.min(moved[index]!, Math.max(ceiling, low + index * gap))
  }
  return moved
}

function bestMarks({ epoch, label }: { epoch: number; label: string }, epochs: readonly number[]) {
  const [first, last] = spread(epochs)
  const share = (epoch - first) / (last - first)
  const textAnchor = share < 0.35 ? 'start' : share > 0.65 ? 'end' : 'middle'
  return [
    Plot.ruleX([epoch], { stroke: colour('--faint'), strokeWidth: 1 }),
    Plot.text([label], { x: epoch, frameAnchor: 'top', dy: -14, textAnchor, fill: colour('--ink') }),
  ]
}

/** `Epoch 3 · training 98.12 % · validation 97.90 %`. */
function tooltip(epoch: number, series: readonly Series[], format: (value: number) => string): string {
  const values = series.flatMap(({ label, told = label, epochs, values }) => {
    const place = epochs.indexOf(epoch)
    if (place < 0) return []
    const value = values[place]
    if (value === undefined) return []
    return [`${told} ${Number.isFinite(value) ? format(value) : String(value)}`]
  })
  return [`Epoch ${epoch}`, ...values].join(' · ')
}
