/** The arrows of a network's drawing: from box to box, past columns in a row of their own, and from the end of a line to the next one. */
import type { Connection, DrawingPart } from './network-plan.ts'
import { svgElement } from './svg.ts'
import { colour } from './theme.ts'

/** Width of a column. */
export const cell = 116

/** A solid at its place, with what is written under it. */
export interface Drawn {
  readonly x: number
  readonly y: number
  /** Of the solid. */
  readonly width: number
  readonly svg: string
}

export interface LinePlace {
  readonly axis: number
  /** Of the part. */
  readonly left: number
  readonly rowHeight: number
}

export function arrowsOf(
  part: DrawingPart,
  drawn: readonly Drawn[],
  before: Drawn,
  { axis, left, rowHeight }: LinePlace,
): string[] {
  const connections = part.omitted === undefined ? part.connections : [{ from: -1, to: 0 }]
  return connections.map(({ from, to, via }: Connection) => {
    const [source, target] = [from < 0 ? before : drawn[from]!, drawn[to]!]
    // From the left margin, along it.
    if (source.width === 0 && via === undefined)
      return arrow(source, `V${decimal(target.y)}H${decimal(endOf(target).x)}`, target)
    if (via === undefined) return arrow(source, curve(source, endOf(target)), target)
    // Level in its own row between the columns, and curves to and from there.
    const y = axis + (via - (part.rows - 1) / 2) * rowHeight
    const begin = from < 0 ? left : source.x + cell / 2
    const end = target.x - cell / 2
    const away = curve(source, { x: begin + 12, y })
    return arrow(source, `${away}H${decimal(end - 12)}${curve({ x: end - 12, y, width: 0 }, endOf(target))}`, target)
  })
}

/** Round the end of a line, back to the left, and down to the next line's axis. */
export function wrap(
  source: Drawn,
  { width, between, axis }: { readonly width: number; readonly between: number; readonly axis: number },
): string {
  return line(source, `H${width - 3}V${decimal(between)}H3V${decimal(axis)}`)
}

/** Where an arrow to this box ends. */
function endOf({ x, y, width }: Drawn): { readonly x: number; readonly y: number } {
  return { x: x - width / 2 - 4, y }
}

/** A path from a box's right that leaves and comes in level. */
function curve(
  { x, y, width }: Pick<Drawn, 'x' | 'y' | 'width'>,
  to: { readonly x: number; readonly y: number },
): string {
  if (y === to.y) return `H${decimal(to.x)}`
  const middle = decimal((x + width / 2 + to.x) / 2)
  return `C${middle} ${decimal(y)} ${middle} ${decimal(to.y)} ${decimal(to.x)} ${decimal(to.y)}`
}

function arrow(source: Drawn, path: string, target: Drawn): string {
  const { x, y } = endOf(target)
  const head = svgElement('path', { d: `M${decimal(x + 1)} ${decimal(y)}l-7 -3.5v7z`, fill: colour('--faint') })
  return line(source, path) + head
}

function line({ x, y, width }: Drawn, path: string): string {
  const d = `M${decimal(x + width / 2 + 4)} ${decimal(y)}${path}`
  return svgElement('path', { d, fill: 'none', stroke: colour('--faint') })
}

export function decimal(value: number): number {
  return Math.round(value * 10) / 10
}
