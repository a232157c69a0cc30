/** Lines over two logarithmic axes, panel beside panel, as SVG text. */

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Drawn dashed and grey, without dots: what cannot be passed. */
  readonly isLimit?: boolean
}

export interface Panel {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly lines: readonly Line[]
}

const WIDTH = 420
const HEIGHT = 320
const MARGIN = { left: 62, right: 24, top: 40, bottom: 50 }
const COLOURS = ['#0b6bcb', '#c2410c', '#15803d']
const GREY = '#6b7280'

export function svgChart(panels: readonly Panel[], description: string): string {
  const width = WIDTH * panels.length
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#111827" role="img">`,
    `<title>${escaped(description)}</title>`,
    `<rect width="${width}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...panels.map((panel, index) => `<g transform="translate(${WIDTH * index} 0)">\n${panelText(panel)}\n</g>`),
    '</svg>\n',
  ].join('\n')
}

function panelText({ title, xLabel, yLabel, lines }: Panel): string {
  const [xs, ys] = [0, 1].map(axis => lines.flatMap(({ points }) => points.map(point => point[axis]!)))
  const x = scale(xs!, MARGIN.left, WIDTH - MARGIN.right, 1.06)
  const y = scale(ys!, HEIGHT - MARGIN.bottom, MARGIN.top, 1.3)
  const bottom = HEIGHT - MARGIN.bottom
  const middle = (MARGIN.top + bottom) / 2
  return [
    `<text x="${MARGIN.left}" y="22" font-size="14" font-weight="bold">${escaped(title)}</text>`,
    ...ticks(y.first, y.last).map(
      value =>
        `<path d="M${MARGIN.left} ${fixed(y.at(value))}H${WIDTH - MARGIN.right}" stroke="#e5e7eb"/>` +
        `<text x="${MARGIN.left - 8}" y="${fixed(y.at(value) + 4)}" text-anchor="end">${value}</text>`,
    ),
    ...[...new Set(xs)].map(
      value =>
        `<path d="M${fixed(x.at(value))} ${bottom}v5" stroke="${GREY}"/>` +
        `<text x="${fixed(x.at(value))}" y="${bottom + 19}" text-anchor="middle">${value}</text>`,
    ),
    `<path d="M${MARGIN.left} ${bottom}H${WIDTH - MARGIN.right}" stroke="${GREY}"/>`,
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text transform="translate(16 ${middle}) rotate(-90)" text-anchor="middle">${escaped(yLabel)}</text>`,
    ...lines.map((line, index) => lineText(line, COLOURS[index % COLOURS.length]!, x, y, isHighest(line, lines))),
  ].join('\n')
}

/** At the point that carries its name. */
function isHighest(line: Line, lines: readonly Line[]): boolean {
  const [x, y] = namePoint(line)
  return lines.every(({ points }) => (points.find(point => point[0] === x)?.[1] ?? 0) <= y)
}

function namePoint({ points }: Line): readonly [number, number] {
  return points[Math.floor((points.length - 1) / 2)]!
}

function lineText(line: Line, colour: string, x: Scale, y: Scale, highest: boolean): string {
  const { name, points, isLimit } = line
  const places = points.map(([px, py]) => [fixed(x.at(px)), fixed(y.at(py))] as const)
  const ink = isLimit ? GREY : colour
  const style = isLimit ? 'stroke-dasharray="5 4"' : 'stroke-width="2"'
  const dots = isLimit ? [] : places.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3.5" fill="${ink}"/>`)
  // Its name stands off the other lines: above the highest, below all others, on the side the line leaves free.
  const [nameX, nameY] = namePoint(line)
  const right = points.at(-1)![1] < points[0]![1] === highest
  const place = `x="${fixed(x.at(nameX) + (right ? 8 : -8))}" y="${fixed(y.at(nameY) + (highest ? -6 : 16))}"`
  return [
    `<path d="M${places.map(place => place.join(' ')).join('L')}" fill="none" stroke="${ink}" ${style}/>`,
    ...dots,
    `<text ${place} text-anchor="${right ? 'start' : 'end'}" fill="${ink}">${escaped(name)}</text>`,
  ].join('\n')
}

interface Scale {
  readonly first: number
  readonly last: number
  at(value: number): number
}

/** Logarithmic, with room of the factor `room` at both ends. */
function scale(values: readonly number[], from: number, to: number, room: number): Scale {
  const [first, last] = [Math.min(...values) / room, Math.max(...values) * room]
  const span = Math.log(last / first)
  return { first, last, at: value => from + ((to - from) * Math.log(value / first)) / span }
}

/** 1, 2 and 5 times powers of ten, or the powers alone where those are many. */
export function ticks(first: number, last: number): number[] {
  const steps = last / first > 300 ? [1] : [1, 2, 5]
  const found: number[] = []
  for (let power = Math.floor(Math.log10(first)); power <= Math.log10(last); power++) {
    for (const step of steps) {
      const value = Number(`${step}e${power}`)
      if (value >= first && value <= last) found.push(value)
    }
  }
  return found
}

const fixed = (value: number): string => value.toFixed(1)

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
