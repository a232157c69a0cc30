/** Drawings of test accuracies: of each recipe with the spread of its runs, and against the number of parameters. */
import { largestOf, smallestOf } from 'fovea/internal/base/extremes'
import { grouped, percent, shortened } from 'fovea/internal/base/text'
import { chart, Plot, roomFor } from './chart.ts'
import type { RunGroup } from './comparison-groups.ts'
import { shareText } from './curves.ts'
import { figureWidth } from './figure.ts'
import { apart } from './line-chart.ts'
import { colour } from './theme.ts'

const width = figureWidth

interface Level {
  readonly value: number
  readonly label: string
}

/** Groups further apart than this, or far from perfect, are drawn from 0 to 100 %. */
const closeUp = 0.1

/** From 0 to 100 %, or close up where the accuracies lie near each other. */
function accuracyDomain(groups: readonly RunGroup[]): [number, number] {
  const all = groups.flatMap(({ accuracies }) => accuracies)
  const [lowest, highest] = [smallestOf(all), largestOf(all)]
  if (highest - lowest > closeUp) return [0, 1]
  const room = Math.max(0.005, (highest - lowest) / 4)
  return [Math.max(0, lowest - room), Math.min(1, highest + room)]
}

/** Recipes with one thing changed are told apart by the end of their names, which therefore stays. */
export function shortName(name: string): string {
  return shortened(name, 24, 14)
}

/** A row for each recipe, under its name: its runs as dots on the line from the lowest to the highest, a stroke at their mean. */
export function spreadChart(groups: readonly RunGroup[], chance: Level): string {
  const domain = accuracyDomain(groups)
  const inside = chance.value >= domain[0]
  const faint = colour('--faint')
  const rows = groups.map((group, row) => ({
    row,
    name: shortName(group.name),
    full: shortName(group.name) === group.name ? '' : group.name,
    mean: group.mean,
    lowest: smallestOf(group.accuracies),
    highest: largestOf(group.accuracies),
    colour: group.colour,
  }))
  const dots = groups.flatMap(({ accuracies, runs, colour }, row) =>
    runs
      .filter(({ result }) => result?.test)
      .map(({ name }, index) => ({
        row,
        value: accuracies[index]!,
        colour,
        title: `${name}: ${percent(accuracies[index]!)}`,
      })),
  )
  // A percentage takes some 45 units.
  const ticks = domain[1] - domain[0] < 0.5 ? 3 : 5
  const lowered = { y: 'row', dy: 9 } as const
  return chart({
    width,
    height: 56 + 46 * groups.length,
    marginLeft: 12,
    marginRight: 64,
    marginTop: 26,
    marginBottom: 26,
    x: { label: null, domain, ticks, tickFormat: shareText, tickSize: 0 },
    y: { type: 'band', axis: null, domain: rows.map(({ row }) => row) },
    marks: [
      Plot.gridX({ stroke: colour('--line'), strokeOpacity: 1, ticks }),
      ...(inside ? [Plot.ruleX([chance.value], { stroke: faint, strokeDasharray: '5 4' })] : []),
      Plot.text([chance.value], {
        ...(inside ? { x: chance.value, frameAnchor: 'top' } : { frameAnchor: 'top-left' }),
        text: () => (inside ? chance.label : `← ${chance.label}`),
        textAnchor: 'start',
        dy: -16,
        fill: faint,
      }),
      Plot.text(rows, {
        y: 'row',
        dy: -11,
        frameAnchor: 'left',
        textAnchor: 'start',
        text: 'name',
        title: 'full',
        fill: 'colour',
        fontWeight: 600,
      }),
      Plot.ruleY(rows, { ...lowered, x1: 'lowest', x2: 'highest', stroke: 'colour', strokeWidth: 2 }),
      Plot.dot(dots, { ...lowered, x: 'value', r: 4.5, fill: 'colour', fillOpacity: 0.7, title: 'title' }),
      Plot.tickX(rows, { ...lowered, x: 'mean', stroke: colour('--ink'), strokeWidth: 2, inset: 14 }),
      Plot.text(rows, {
        ...lowered,
        text: ({ mean }: (typeof rows)[number]) => percent(mean),
        frameAnchor: 'right',
        textAnchor: 'end',
        dx: 60,
      }),
    ],
  })
}

/** A name begins right of its dot, ends left of it, or stands over it. */
const beside = { start: { dx: 10 }, end: { dx: -10 }, middle: { dy: -14 } } as const

/** A dot for each recipe, its name beside it. */
export function sizeChart(groups: readonly RunGroup[], chance: Level): string {
  const domain = accuracyDomain(groups)
  const sizes = groups.map(({ parameters }) => parameters)
  const [smallest, largest] = [smallestOf(sizes), largestOf(sizes)]
  const [from, to] = [smallest / 1.6, largest * 1.6]
  const height = 260
  // Of sizes whose numbers would touch, the smallest is written.
  const room = (a: number, b: number) => ((width - 74) * Math.log(b / a)) / Math.log(to / from)
  const ticks: number[] = []
  for (const size of [...sizes].sort((a, b) => a - b)) {
    if (ticks.length === 0 || room(ticks.at(-1)!, size) > 70) ticks.push(size)
  }
  const margin = { top: 26, bottom: 40 }
  const inside = chance.value >= domain[0]
  const faint = colour('--faint')
  const sorted = [...groups].sort((a, b) => a.mean - b.mean)
  // Names keep a line's distance from each other, wherever their dots are.
  const gap = (15 * (domain[1] - domain[0])) / (height - margin.top - margin.bottom)
  const places = apart(
    sorted.map(({ mean }) => mean),
    gap,
    domain,
  )
  const sideOf = ({ name, parameters }: RunGroup): keyof typeof beside => {
    const needed = roomFor([shortName(name)]) + 10
    if (room(parameters, to) >= needed) return 'start'
    return room(from, parameters) >= needed ? 'end' : 'middle'
  }
  const names = sorted.map((group, index) => ({
    name: shortName(group.name),
    parameters: group.parameters,
    place: places[index]!,
    colour: group.colour,
    side: sideOf(group),
  }))
  const name = { x: 'parameters', y: 'place', text: 'name', fill: 'colour', fontWeight: 600 } as const
  return chart({
    width,
    height,
    marginLeft: 54,
    marginRight: 20,
    marginTop: margin.top,
    marginBottom: margin.bottom,
    x: { type: 'log', domain: [from, to] },
    y: { label: null, domain, ticks: 5, tickFormat: shareText, tickSize: 0 },
    marks: [
      // As `text`: the format of a logarithmic scale leaves out numbers that begin with 8 or 9.
      Plot.axisX(ticks, {
        text: grouped,
        label: 'parameters',
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: 36,
        tickSize: 4,
      }),
      Plot.gridY({ stroke: colour('--line'), strokeOpacity: 1, ticks: 5 }),
      ...(inside ? [Plot.ruleY([chance.value], { stroke: faint, strokeDasharray: '5 4' })] : []),
      Plot.text([chance.value], {
        ...(inside ? { y: chance.value, frameAnchor: 'right' } : { frameAnchor: 'bottom-right' }),
        text: () => (inside ? chance.label : `${chance.label} ↓`),
        dx: -6,
        // Below its line where that has room: names stand above it.
        dy: inside && chance.value - domain[0] > 1.2 * gap ? 9 : -9,
        fill: faint,
      }),
      Plot.dot(groups, {
        x: 'parameters',
        y: 'mean',
        r: 5.5,
        fill: 'colour',
        title: ({ name, parameters, mean }: RunGroup) => `${name}: ${grouped(parameters)} parameters, ${percent(mean)}`,
      }),
      ...(['start', 'end', 'middle'] as const).map(textAnchor =>
        Plot.text(
          names.filter(({ side }) => side === textAnchor),
          { ...name, textAnchor, ...beside[textAnchor] },
        ),
      ),
    ],
  })
}
