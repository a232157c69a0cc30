/** Drawings of a sweep: how much each option mattered, all trials over all options, and their learning curves. */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { percent } from 'fovea/internal/base/text'
import { placeIn } from '../sweep/dimension.ts'
import type { SweepDocument, SweepTrial } from '../sweep/document.ts'
import { chart, Plot, roomFor } from './chart.ts'
import { type Figure, figureWidth } from './figure.ts'
import { wholeTicks } from './line-chart.ts'
import { colour, seriesColour } from './theme.ts'

/** `45 %`, `99.5 %`. */
const shareText = (share: number): string => `${Number((100 * share).toPrecision(3))} %`

const nameOf = ({ trial, values, accuracy }: SweepTrial): string => {
  const all = Object.entries(values).map(([name, value]) => `${name} ${value}`)
  return `trial ${trial}: ${all.join(', ')}: ${accuracy === null ? 'broke down' : percent(accuracy)}`
}

/** The winner is drawn in one colour, all others in another, the more strongly the further they came. */
const strokeOf = (index: number): string => (index === 0 ? seriesColour(1) : seriesColour(0))
const strengthOf = (index: number, { rung }: SweepTrial, rungs: number): number =>
  index === 0 ? 1 : 0.15 + 0.45 * (rung / rungs)

export function importanceFigure({ importance }: SweepDocument): Figure[] {
  const known = importance.flatMap(({ name, share }) => (share === null ? [] : [{ name, share }]))
  if (known.length === 0) return []
  const svg = chart({
    width: figureWidth,
    height: 30 + 30 * known.length,
    marginLeft: Math.min(150, 8 + roomFor(known.map(({ name }) => name))),
    marginRight: 48,
    marginTop: 4,
    marginBottom: 26,
    x: { label: null, domain: [0, 1], ticks: 4, tickFormat: shareText, tickSize: 4 },
    y: { label: null, type: 'band', domain: known.map(({ name }) => name), tickSize: 0, padding: 0.35 },
    marks: [
      Plot.barX(known, { x: 'share', y: 'name', fill: seriesColour(0) }),
      Plot.text(known, { x: 'share', y: 'name', text: ({ share }) => shareText(share), textAnchor: 'start', dx: 6 }),
    ],
  })
  const told = known.map(({ name, share }) => `${name} ${percent(share)}`)
  return [
    {
      name: 'importance',
      title: 'Share of the variance',
      alt: `Share of the variance after the first rung that goes with each option: ${told.join(', ')}.`,
      svg,
    },
  ]
}

/** One vertical axis for each option and one for the accuracy; a trial is a line through its values. */
export function parallelFigure({ vary, trials, rungs }: SweepDocument): Figure[] {
  const sound = trials.filter(({ accuracy }) => accuracy !== null)
  if (sound.length < 2) return []
  const values = sound.map(({ accuracy }) => accuracy!)
  const [low, high] = [smallestOf(values), largestOf(values)]
  const last = 'held-out accuracy'
  const axes = [...vary.map(({ name }) => name), last]
  const points = sound.flatMap((trial, index) => [
    ...vary.map(each => ({
      index,
      axis: each.name,
      place: placeIn(each, trial.values[each.name]!),
      told: nameOf(trial),
    })),
    { index, axis: last, place: high > low ? (trial.accuracy! - low) / (high - low) : 0.5, told: nameOf(trial) },
  ])
  const ends = [
    ...vary.flatMap(each => {
      const marks = each.kind === 'choices' ? each.values : [each.from, each.to]
      return marks.map(value => ({ axis: each.name, place: placeIn(each, value), text: String(value) }))
    }),
    ...(high > low ? [low, high] : [low]).map(value => ({
      axis: last,
      place: high > low ? (value - low) / (high - low) : 0.5,
      text: percent(value),
    })),
  ]
  const svg = chart({
    width: Math.max(figureWidth, 150 * axes.length),
    height: 300,
    marginLeft: 60,
    marginRight: 90,
    marginTop: 34,
    marginBottom: 16,
    x: { type: 'point', domain: axes, axis: 'top', label: null, tickSize: 0, padding: 0.1 },
    y: { domain: [0, 1], axis: null },
    marks: [
      Plot.ruleX(axes, { stroke: colour('--line'), strokeWidth: 1.5 }),
      // The winner is drawn last, above the others.
      ...sound
        .map((trial, index) =>
          Plot.line(
            points.filter(point => point.index === index),
            {
              x: 'axis',
              y: 'place',
              stroke: strokeOf(index),
              strokeOpacity: strengthOf(index, trial, rungs),
              strokeWidth: index === 0 ? 3 : 1.5,
            },
          ),
        )
        .reverse(),
      Plot.dot(points, { x: 'axis', y: 'place', r: 3, fill: ({ index }) => strokeOf(index), title: 'told' }),
      Plot.text(ends, {
        x: 'axis',
        y: 'place',
        text: 'text',
        textAnchor: 'start',
        dx: 8,
        fill: colour('--ink'),
        stroke: colour('--paper'),
        strokeWidth: 4,
      }),
    ],
  })
  return [
    {
      name: 'parallel',
      title: 'All trials: a line through the values of each',
      alt: `Each trial as a line through its values and its held-out accuracy, from ${percent(low)} to ${percent(high)}; the best is ${nameOf(sound[0]!)}.`,
      svg,
    },
  ]
}

export function learningFigure({ trials, rungs }: SweepDocument): Figure[] {
  const drawn = trials
    .map((trial, index) => ({
      trial,
      index,
      points: trial.curve.flatMap(({ epoch, valAccuracy }) =>
        valAccuracy === null ? [] : [{ epoch, value: valAccuracy, told: nameOf(trial) }],
      ),
    }))
    .filter(({ points }) => points.length > 0)
  if (drawn.length === 0) return []
  const last = largestOf(drawn.flatMap(({ points }) => points.map(({ epoch }) => epoch)))
  const svg = chart({
    width: 2 * figureWidth,
    height: 300,
    marginLeft: 54,
    marginTop: 12,
    marginBottom: 40,
    x: {
      label: 'epoch',
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: 36,
      domain: [1, Math.max(2, last)],
      ticks: wholeTicks([1, Math.max(2, last)]),
      tickFormat: 'd',
    },
    y: { label: null, ticks: 5, tickFormat: shareText, tickSize: 0 },
    marks: [
      Plot.gridY({ stroke: colour('--line'), strokeOpacity: 1, ticks: 5 }),
      ...drawn
        .map(({ trial, index, points }) =>
          Plot.line(points, {
            x: 'epoch',
            y: 'value',
            stroke: strokeOf(index),
            strokeOpacity: strengthOf(index, trial, rungs),
            strokeWidth: index === 0 ? 3 : 1.5,
          }),
        )
        .reverse(),
      Plot.dot(
        drawn.map(({ points, index }) => ({ ...points.at(-1)!, index })),
        { x: 'epoch', y: 'value', r: 3, fill: ({ index }: { index: number }) => strokeOf(index), title: 'told' },
      ),
    ],
  })
  return [
    {
      name: 'learning-curves',
      title: 'Held-out accuracy over the epochs',
      alt: `Held-out accuracy of ${drawn.length} trials over at most ${last} epochs; the best is ${nameOf(drawn[0]!.trial)}.`,
      svg,
    },
  ]
}
