/**
 * A network as a drawing: a solid for what each layer gives, arrows between them, and under each its name, shape and parameters. Parts
 * stand in lines that wrap; where branches part, their layers stand below one another. See network-plan.ts and network-slab.ts.
 */
import { largestOf } from 'fovea/internal/base/extremes'
import type { Picture } from 'fovea/internal/base/picture'
import { type Shape, sizeOf } from 'fovea/internal/base/shape'
import { grouped, shortened } from 'fovea/internal/base/text'
import type { Model } from 'fovea/internal/network/model'
import type { DrawingTools } from './figure.ts'
import { kindColour, type LayerKind, layerKind } from './layer-kind.ts'
import { arrowsOf, cell, type Drawn, decimal, wrap } from './network-arrows.ts'
import { type Box, type DrawingPart, namingCall, networkParts } from './network-plan.ts'
import { type Slab, slabFaces, slabOf, slabScale } from './network-slab.ts'
import { drawing, escaped, image, svgElement } from './svg.ts'
import { colour } from './theme.ts'

const margin = 14
/** Columns of a line at most; a single part may be wider. */
const mostColumns = 6
const textHeight = 15
/** Between the words of a row and the solids of the next. */
const gap = 22

export interface NetworkDrawing {
  readonly svg: string
  readonly kinds: readonly LayerKind[]
  /** What is written under each box, for those who cannot see them. */
  readonly words: readonly string[]
}

export function networkDrawing(model: Model, picture: Picture | undefined, tools: DrawingTools): NetworkDrawing {
  const lines = linesOf(model)
  const width = 2 * margin + cell * largestOf(lines.map(({ columns }) => columns))
  const content: string[] = []
  let top = 0
  let last: Drawn | undefined
  for (const line of lines) {
    const axis = top + line.above + ((line.rows - 1) / 2) * line.rowHeight
    let left = margin
    if (last === undefined) {
      last = inputBox(line, axis, model.inputs[0]!.shape, picture, tools)
      content.push(last.svg)
      left += cell
    } else {
      content.push(wrap(last, { width, between: top - gap / 2, axis }))
      last = { x: -1, y: axis, width: 0, svg: '' }
    }
    for (const part of line.parts) {
      const drawn = part.boxes.map(box => {
        const y = axis + (box.row - (part.rows - 1) / 2) * line.rowHeight
        return boxAt(box, line.above, { x: left + (box.column + 0.5) * cell, y })
      })
      if (part.omitted !== undefined) drawn.push(omission(part.omitted, left + cell / 2, axis))
      content.push(...arrowsOf(part, drawn, last, { axis, left, rowHeight: line.rowHeight }))
      content.push(...drawn.map(({ svg }) => svg))
      last = drawn.at(-1)!
      left += part.columns * cell
    }
    top += line.rows * line.rowHeight
  }
  const boxes = lines.flatMap(({ parts }) => parts.flatMap(part => part.boxes))
  return {
    svg: drawing(width, top - gap + 6, svgElement('g', { 'font-size': 12, 'text-anchor': 'middle' }, content.join(''))),
    kinds: [...new Set(boxes.map(({ kind }) => kind))],
    words: [
      `input ${model.inputs[0]!.shape.join('×')}`,
      ...lines.flatMap(({ parts }) =>
        parts.flatMap(part =>
          part.omitted === undefined ? part.boxes.map(({ label }) => label.join(' ')) : [omittedText(part.omitted)],
        ),
      ),
    ],
  }
}

/** A box with how it looks. */
interface LookedBox extends Box {
  readonly slab: Slab
  readonly kind: LayerKind
  /** Name, what else is in the box, shape, parameters. */
  readonly label: readonly string[]
}

interface LookedPart extends DrawingPart {
  readonly boxes: readonly LookedBox[]
}

interface Line {
  readonly parts: readonly LookedPart[]
  readonly columns: number
  readonly rows: number
  /** From a row's upper end to its axis: half its tallest solid. */
  readonly above: number
  readonly rowHeight: number
  readonly input: Slab
}

/** Parts line by line, the lines about equally long; the first begins with the input. */
function linesOf(model: Model): Line[] {
  const shape = model.inputs[0]!.shape
  const scale = slabScale([shape, ...model.layers.map(call => call.outputShape)])
  const input = slabOf(shape, scale)
  const lines: { parts: LookedPart[]; columns: number }[] = [{ parts: [], columns: 1 }]
  const planned = networkParts(model)
  const all = planned.reduce((sum, { columns }) => sum + columns, 1)
  const most = Math.ceil(all / Math.ceil(all / mostColumns))
  for (const part of planned) {
    const boxes = part.boxes.map(box => ({
      ...box,
      slab: slabOf(shapeOf(model, box), scale),
      kind: layerKind(model, box),
      label: labelOf(model, box),
    }))
    if (lines.at(-1)!.columns > 0 && lines.at(-1)!.columns + part.columns > most) lines.push({ parts: [], columns: 0 })
    const line = lines.at(-1)!
    line.parts.push({ ...part, boxes })
    line.columns += part.columns
  }
  return lines.map(({ parts, columns }, index) => {
    const boxes = parts.flatMap(part => part.boxes)
    const solids = [...(index === 0 ? [input] : []), ...boxes.map(({ slab }) => slab)]
    const above = largestOf(solids.map(({ height }) => height)) / 2 + 2
    const words =
      largestOf(
        boxes.map(({ label }) => label.length),
        2,
      ) * textHeight
    return {
      parts,
      columns,
      rows: largestOf(
        parts.map(part => part.rows),
        1,
      ),
      above,
      rowHeight: 2 * above + words + gap,
      input,
    }
  })
}

function shapeOf(model: Model, { calls }: Box): Shape {
  return model.layers[calls.at(-1)!]!.outputShape
}

function labelOf(model: Model, { calls, branches }: Box): string[] {
  const layers = [...new Set(calls.map(call => model.layers[call]!.layer.name))]
  const own = model.weights.filter(({ layer }) => layers.includes(layer))
  const params = own.reduce((sum, weight) => sum + sizeOf(weight.shape), 0)
  const others = branches > 1 ? `${branches} paths, ${layers.length} layers` : `and ${layers.length - 1} more`
  return [
    namingCall(model, { calls, branches }).layer.name,
    ...(layers.length > 1 ? [others] : []),
    model.layers[calls.at(-1)!]!.outputShape.join('×'),
    ...(params > 0 ? [`${grouped(params)} params`] : []),
  ]
}

function inputBox(
  { input, above }: Line,
  y: number,
  shape: Shape,
  picture: Picture | undefined,
  tools: DrawingTools,
): Drawn {
  const box = boxAt({ slab: input, kind: 'other', label: ['input', shape.join('×')] }, above, {
    x: margin + cell / 2,
    y,
  })
  if (!picture) return box
  const face = image(tools.pictureUrl(picture, 'small'), 0, 0, 1, 1)
  const shown = svgElement('g', { transform: `translate(${box.x} ${decimal(y)}) ${input.sideMatrix}` }, face)
  return { ...box, svg: box.svg + shown }
}

function boxAt(
  { slab, kind, label }: Pick<LookedBox, 'slab' | 'kind' | 'label'>,
  above: number,
  { x, y }: { readonly x: number; readonly y: number },
): Drawn {
  const lines = label.map((line, row) => {
    const short = row === 0 ? nameInCell(line) : line
    const title = short === line ? '' : svgElement('title', {}, escaped(line))
    const ink = row === 0 ? { 'font-weight': 600 } : { fill: colour('--faint') }
    return svgElement('text', { x, y: y + above + (row + 1) * textHeight, ...ink }, `${title}${escaped(short)}`)
  })
  const faces = svgElement('g', { transform: `translate(${x} ${decimal(y)})` }, slabFaces(slab, kindColour(kind)))
  return { x, y, width: slab.width, svg: faces + lines.join('') }
}

/** `batch_normalization_3` → `batch_normali…_3`: the number tells layers of one name apart. */
function nameInCell(name: string): string {
  const number = /_\d+$/.exec(name)?.[0] ?? ''
  return shortened(name, 16, number.length)
}

function omission(layers: number, x: number, y: number): Drawn {
  return { x, y, width: 84, svg: svgElement('text', { x, y: y + 4, fill: colour('--faint') }, omittedText(layers)) }
}

function omittedText(layers: number): string {
  return `… ${layers} more …`
}
