/**
 * A network as a drawing: a solid for what each layer gives, arrows between them, and under each its name, shape and parameters. Parts
 * stand in lines that wrap; where branches part, their layers stand below one another. See network-plan.ts and network-slab.ts.
 */
import type { Picture } from '../base/picture.ts'
import type { Shape } from '../base/shape.ts'
import { grouped } from '../base/text.ts'
import type { Model } from '../model/model.ts'
import { summarize } from '../model/summary.ts'
import type { DrawingTools } from './figure.ts'
import { kindColour, kindOf, type LayerKind } from './layer-kind.ts'
import { type Box, networkParts, type Part } from './network-plan.ts'
import { type Slab, slabFaces, slabOf, slabScale } from './network-slab.ts'
import { shortened } from './picture-grid.ts'
import { drawing, element, escaped, image } from './svg.ts'
import { colour } from './theme.ts'

const [cell, rowHeight, margin, gutter] = [116, 148, 14, 18]
/** Columns of a line; a single part may be wider. */
const mostColumns = 8
/** Above the words, from a row's axis. */
const wordsBelow = 56

/** A solid at its place, with what is written under it. */
interface Drawn {
  readonly slab: Slab
  readonly x: number
  readonly y: number
  readonly svg: string
}

export interface NetworkDrawing {
  readonly svg: string
  readonly width: number
  readonly kinds: readonly LayerKind[]
  /** What is written under each box, for those who cannot see them. */
  readonly words: readonly string[]
}

export function networkDrawing(model: Model, picture: Picture | undefined, tools: DrawingTools): NetworkDrawing {
  const input = model.inputs[0]!
  const scale = slabScale([input.shape, ...model.layers.map(call => call.outputShape)])
  const lines = linesOf(networkParts(model))
  const width = 2 * margin + cell * Math.max(...lines.map(({ columns }) => columns))
  const inputSlab = slabOf(input.shape, scale)
  const content: string[] = []
  const words: string[] = [`input ${input.shape.join('×')}`]
  let axis = 0
  let last: Drawn | undefined
  let top = 0
  for (const [index, line] of lines.entries()) {
    const beginning = top
    axis = top + ((line.rows - 1) / 2) * rowHeight + 48
    let column = 0
    if (index === 0) {
      last = inputBox(input.shape, inputSlab, axis, picture, tools)
      content.push(last.svg)
      column = 1
    }
    for (const part of line.parts) {
      const left = margin + column * cell
      const labels = part.boxes.map(box => labelOf(model, box))
      const drawn = part.boxes.map((box, place) =>
        boxAt(labels[place]!, slabOf(shapeOf(model, box), scale), kindOf(model, box), {
          x: left + (box.column + 0.5) * cell,
          y: axis + (box.row - (part.rows - 1) / 2) * rowHeight,
        }),
      )
      words.push(...labels.map(label => label.join(' ')))
      if (part.omitted !== undefined) {
        const text = `… ${grouped(part.omitted)} more layers …`
        drawn.push({
          slab: slabOf([1], scale),
          x: left + cell / 2,
          y: axis,
          svg: omission(text, left + cell / 2, axis),
        })
        words.push(text)
      }
      content.push(...arrowsOf(part, drawn, last!, { axis, left, beginning, width }), ...drawn.map(({ svg }) => svg))
      last = drawn.at(-1)!
      column += part.columns
    }
    top += line.rows * rowHeight + gutter
  }
  return {
    svg: drawing(width, top - gutter, element('g', { 'font-size': 11, 'text-anchor': 'middle' }, content.join(''))),
    width,
    kinds: [
      ...new Set(lines.flatMap(({ parts }) => parts.flatMap(({ boxes }) => boxes.map(box => kindOf(model, box))))),
    ],
    words,
  }
}

interface Line {
  readonly parts: Part[]
  columns: number
  rows: number
}

/** Parts line by line; the first line begins with the input. */
function linesOf(parts: readonly Part[]): Line[] {
  const lines: Line[] = [{ parts: [], columns: 1, rows: 1 }]
  for (const part of parts) {
    let line = lines.at(-1)!
    if (line.columns > 0 && line.columns + part.columns > mostColumns) {
      line = { parts: [], columns: 0, rows: 1 }
      lines.push(line)
    }
    line.parts.push(part)
    line.columns += part.columns
    line.rows = Math.max(line.rows, part.rows)
  }
  return lines
}

function shapeOf(model: Model, { calls }: Box): Shape {
  return model.layers[calls.at(-1)!]!.outputShape
}

/** Name, what else is in the box, shape, parameters. */
function labelOf(model: Model, box: Box): string[] {
  const { calls, branches } = box
  const names = new Set(calls.map(call => model.layers[call]!.layer.name))
  const params = summarize(model)
    .layers.filter(({ name }) => names.has(name))
    .reduce((sum, layer) => sum + layer.params, 0)
  const [first, last] = [model.layers[calls[0]!]!.layer.name, model.layers[calls.at(-1)!]!.layer.name]
  const more = calls.length - 1
  return [
    branches > 1 ? last : first,
    ...(branches > 1 ? [`${branches} branches, ${calls.length} layers`] : more > 0 ? [`and ${more} more`] : []),
    shapeOf(model, box).join('×'),
    ...(params > 0 ? [`${grouped(params)} parameters`] : []),
  ]
}

function inputBox(shape: Shape, slab: Slab, y: number, picture: Picture | undefined, tools: DrawingTools): Drawn {
  const box = boxAt(['input', shape.join('×')], slab, 'other', { x: margin + cell / 2, y })
  if (!picture) return box
  const shown = element(
    'g',
    { transform: `translate(${box.x} ${y}) ${slab.sideMatrix}` },
    image(tools.pictureUrl(picture, 'small'), 0, 0, 1, 1),
  )
  return { ...box, svg: box.svg + shown }
}

function boxAt(
  label: readonly string[],
  slab: Slab,
  kind: LayerKind,
  at: { readonly x: number; readonly y: number },
): Drawn {
  const { x, y } = at
  const lines = label.map((line, row) => {
    const short = shortened(line, 18)
    const title = short === line ? '' : element('title', {}, escaped(line))
    const ink = row === 0 ? { 'font-weight': 600 } : { fill: colour('--faint') }
    return element('text', { x, y: y + wordsBelow + row * 14, ...ink }, `${title}${escaped(short)}`)
  })
  const faces = element('g', { transform: `translate(${x} ${y})` }, slabFaces(slab, kindColour(kind)))
  return { slab, x, y, svg: faces + lines.join('') }
}

function omission(text: string, x: number, y: number): string {
  return element('text', { x, y: y + 4, fill: colour('--faint') }, text)
}

interface LinePlace {
  readonly axis: number
  readonly left: number
  /** Where the line begins, from the top. */
  readonly beginning: number
  readonly width: number
}

function arrowsOf(part: Part, drawn: readonly Drawn[], before: Drawn, place: LinePlace): string[] {
  if (part.boxes.length === 0) return [wrapsOrRuns(before, drawn[0]!, place)]
  return part.connections.map(({ from, to, via }) => {
    const [source, target] = [from < 0 ? before : drawn[from]!, drawn[to]!]
    if (from < 0 && before.y < place.beginning) return wrapsOrRuns(before, target, place)
    if (via === undefined) return arrow(`M${start(source)}${bend(source, target)}`, target)
    const y = place.axis + (via - (part.rows - 1) / 2) * rowHeight
    const begin = from < 0 ? place.left : source.x + cell / 2
    const end = target.x - cell / 2
    const middle = `C${begin - 8} ${source.y} ${begin - 8} ${y} ${begin + 12} ${y}H${end - 12}`
    return arrow(`M${start(source)}${middle}C${end + 8} ${y} ${end + 8} ${target.y} ${tip(target)}`, target)
  })
}

/** To a box of the same line; or around the end of the line before, to the beginning of this one. */
function wrapsOrRuns(source: Drawn, target: Drawn, { beginning, width }: LinePlace): string {
  if (source.y >= beginning) return arrow(`M${start(source)}${bend(source, target)}`, target)
  const between = beginning - gutter / 2
  return arrow(
    `M${start(source)}H${width - 3}V${between}H3V${target.y}H${target.x - target.slab.width / 2 - 6}`,
    target,
  )
}

function start({ x, y, slab }: Drawn): string {
  return `${decimal(x + slab.width / 2 + 4)} ${y}`
}

function tip({ x, y, slab }: Drawn): string {
  return `${decimal(x - slab.width / 2 - 6)} ${y}`
}

/** A curve that leaves and comes in level. */
function bend(source: Drawn, target: Drawn): string {
  if (source.y === target.y) return `H${decimal(target.x - target.slab.width / 2 - 6)}`
  const middle = decimal((source.x + target.x) / 2)
  return `C${middle} ${source.y} ${middle} ${target.y} ${tip(target)}`
}

/** A line to the target's left, with a head. */
function arrow(path: string, { x, y, slab }: Drawn): string {
  const end = decimal(x - slab.width / 2 - 3)
  const head = element('path', { d: `M${end} ${y}l-7 -3.5v7z`, fill: colour('--faint') })
  return element('path', { d: path, fill: 'none', stroke: colour('--faint') }) + head
}

function decimal(value: number): number {
  return Math.round(value * 10) / 10
}
