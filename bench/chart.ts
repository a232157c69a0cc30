/** Lines over two logarithmic axes, panel beside panel: one SVG that stands alone, drawn by Observable Plot as the report's charts are. */
import { chart, Plot } from '../packages/cli/src/report/chart.ts'
import { logTicks } from '../packages/cli/src/report/line-chart.ts'
import { drawing, escaped, svgElement } from '../packages/cli/src/report/svg.ts'
import { colour, seriesColour, standaloneSvg } from '../packages/cli/src/report/theme.ts'

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Drawn dashed and grey, without dots: what cannot be passed. */
  readonly isLimit?: boolean
}

export interface Panel {
  readonly title: string
  readonly xLabel: string
  readonly lines: readonly Line[]
}

const width = 420
const height = 310

export function svgChart(panels: readonly Panel[], description: string): string {
  const content = [
    svgElement('title', {}, escaped(description)),
    svgElement('rect', { width: width * panels.length, height, fill: colour('--paper') }),
    ...panels.map((panel, index) => {
      const place = `x="${width * index}" role="img" aria-label="${escaped(panel.title)}"`
      return panelSvg(panel).replace('<svg ', `<svg ${place} `)
    }),
  ]
  return `${standaloneSvg(drawing(width * panels.length, height, content.join('\n')))}\n`
}

function panelSvg({ title, xLabel, lines }: Panel): string {
  const points = lines.flatMap((line, index) =>
    line.points.map(([x, y]) => ({ x, y, ...line, ink: line.isLimit ? colour('--faint') : seriesColour(index) })),
  )
  const [limits, reached] = [true, false].map(limit => points.filter(({ isLimit = false }) => isLimit === limit))
  const y = domainOf(
    points.map(each => each.y),
    1.3,
  )
  const ticks = logTicks(y)
  const place = { x: 'x', y: 'y' } as const
  return chart({
    ...{ width, height, marginTop: 44, marginLeft: 52, marginRight: 58, marginBottom: 44 },
    x: {
      type: 'log',
      domain: domainOf(
        points.map(each => each.x),
        1.06,
      ),
    },
    y: { type: 'log', domain: y },
    marks: [
      Plot.gridY(ticks, { stroke: colour('--line'), strokeOpacity: 1 }),
      Plot.axisY(ticks, { text: String, label: null, tickSize: 0 }),
      Plot.axisX(new Set(points.map(each => each.x)), {
        ...{ text: String, label: xLabel, labelAnchor: 'center', labelArrow: 'none', tickSize: 4 },
      }),
      Plot.text([title], { frameAnchor: 'top-left', dy: -26, fontSize: 14, fontWeight: 600 }),
      Plot.line(limits, { ...place, z: 'name', stroke: 'ink', strokeDasharray: '5 4' }),
      Plot.line(reached, { ...place, z: 'name', stroke: 'ink', strokeWidth: 2 }),
      Plot.dot(reached, { ...place, r: 3.5, fill: 'ink' }),
      Plot.text(
        points,
        Plot.selectLast({ ...place, z: 'name', text: 'name', fill: 'ink', textAnchor: 'start', dx: 9 }),
      ),
    ],
  })
}

/** With room of the factor `room` at both ends. */
function domainOf(values: readonly number[], room: number): [number, number] {
  return [Math.min(...values) / room, Math.max(...values) * room]
}
