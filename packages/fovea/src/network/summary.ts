/**
 * The summary of a model, as data and as Keras's table: layer and type, output shape with the free batch axis, parameters;
 * for functional models what each layer is connected to; totals trained and not, with their size in float32.
 */

import { largestOf } from '../base/extremes.ts'
import { boolean, optional, parse, record } from '../base/schema.ts'
import { formatShape, type Shape, sizeOf } from '../base/shape.ts'
import type { Layer } from '../layers/layer.ts'
import { layersOf, type Model } from './model.ts'
import { type ParameterCounts, parameterCounts } from './weights.ts'

export interface LayerSummary {
  readonly name: string
  readonly type: string
  /** With -1 for the free batch axis. */
  readonly outputShape: Shape
  readonly params: number
  /** `conv2d[0][0]`: layer, its how-manieth call, its how-manieth output (always 0). */
  readonly connectedTo: readonly string[]
  /** How `params` comes about, where the layer can say: `32 × (3 × 3 × 1) + 32`. */
  readonly formula?: string | undefined
}

export interface ModelSummary {
  readonly name: string
  readonly layers: readonly LayerSummary[]
  readonly params: ParameterCounts
}

/** What Keras calls an input in lists of layers. */
export const inputType = 'InputLayer'

/** The summary as data. Functional models list their inputs as layers of type InputLayer, as Keras does. */
export function summarize(model: Model): ModelSummary {
  const inputs: LayerSummary[] = model.inputs.map(({ name, shape }) => ({
    name,
    type: inputType,
    outputShape: [-1, ...shape],
    params: 0,
    connectedTo: [],
  }))
  const layers = layersOf(model).map(layer => summarizeLayer(model, layer))
  return {
    name: model.name,
    layers: model.kind === 'functional' ? [...inputs, ...layers] : layers,
    params: parameterCounts(model),
  }
}

function summarizeLayer(model: Model, layer: Layer): LayerSummary {
  const calls = model.layers.filter(call => call.layer === layer)
  const [first] = calls
  const own = model.weights.filter(weight => weight.layer === layer.name)
  const formula = own.length === 0 ? undefined : layer.parameterFormula?.(first!.inputShapes)
  return {
    name: layer.name,
    type: layer.type,
    outputShape: [-1, ...first!.outputShape],
    params: own.reduce((sum, weight) => sum + sizeOf(weight.shape), 0),
    connectedTo: calls.flatMap(call => call.inputs.map(value => valueName(model, value))),
    ...(formula === undefined ? {} : { formula }),
  }
}

function valueName(model: Model, value: number): string {
  const input = model.inputs[value]
  if (input) return `${input.name}[0][0]`
  const index = value - model.inputs.length
  const { layer } = model.layers[index]!
  const earlier = model.layers.slice(0, index).filter(call => call.layer === layer).length
  return `${layer.name}[${earlier}][0]`
}

/** Keras's table as text. `formulas` adds a column with the parameter formula of each layer. */
export function summary(model: Model, options: { readonly formulas?: boolean | undefined } = {}): string {
  const { formulas } = parse(record({ formulas: optional(boolean) }), options, 'summary')
  const { name, layers, params } = summarize(model)
  const columns: Column[] = [
    { title: 'Layer (type)', cells: layers.map(layer => [`${layer.name} (${layer.type})`]) },
    { title: 'Output Shape', cells: layers.map(layer => [formatShape(layer.outputShape)]) },
    { title: 'Param #', cells: layers.map(layer => [grouped(layer.params)]), right: true },
  ]
  if (formulas) columns.push({ title: 'Formula', cells: layers.map(layer => [layer.formula ?? '']) })
  if (model.kind === 'functional') {
    columns.push({
      title: 'Connected to',
      cells: layers.map(layer => (layer.connectedTo.length === 0 ? ['-'] : joinedLines(layer.connectedTo))),
    })
  }
  const counted = (label: string, count: number) => ` ${label}: ${grouped(count)} (${readableSize(count * 4)})`
  return [
    `Model: "${name}"`,
    table(columns),
    counted('Total params', params.total),
    counted('Trainable params', params.trainable),
    counted('Non-trainable params', params.nonTrainable),
  ].join('\n')
}

interface Column {
  readonly title: string
  /** Lines of each row's cell. */
  readonly cells: readonly (readonly string[])[]
  readonly right?: boolean | undefined
}

/** Box drawing as Keras 3 prints it: a heavy frame around the titles, thin lines between rows. */
function table(columns: readonly Column[]): string {
  const widths = columns.map(({ title, cells }) =>
    largestOf(
      cells.flat().map(line => line.length),
      title.length,
    ),
  )
  const rule = (left: string, line: string, cross: string, right: string) =>
    left + widths.map(width => line.repeat(width + 2)).join(cross) + right
  const cell = (text: string, index: number) =>
    columns[index]!.right ? text.padStart(widths[index]!) : text.padEnd(widths[index]!)
  const rows = columns[0]!.cells.map((_, row) => {
    const height = largestOf(columns.map(column => column.cells[row]!.length))
    return Array.from({ length: height }, (_, line) => {
      const texts = columns.map((column, index) => cell(column.cells[row]![line] ?? '', index))
      return `│ ${texts.join(' │ ')} │`
    }).join('\n')
  })
  return [
    rule('┏', '━', '┳', '┓'),
    `┃ ${columns.map((column, index) => cell(column.title, index)).join(' ┃ ')} ┃`,
    rule('┡', '━', '╇', '┩'),
    rows.join(`\n${rule('├', '─', '┼', '┤')}\n`),
    rule('└', '─', '┴', '┘'),
  ].join('\n')
}

/** One connection a line, with a comma after all but the last. */
function joinedLines(connections: readonly string[]): string[] {
  return connections.map((connection, index) => (index < connections.length - 1 ? `${connection},` : connection))
}

/** `1628214` → `1,628,214`. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `2.55 MB`, as Keras writes it. */
function readableSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(2)} ${units[unit]}`
}
