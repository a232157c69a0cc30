/**
 * How a network is laid out for drawing. In: a model. Out: its parts in order, each a layer, several layers in a row, or branches that
 * part and join; the places of the layers in a part with branches, in columns by depth. Between two parts there is always one value
 * alone, so parts stand in lines like words.
 *
 * A value is alone where no connection jumps over it in the order of computation. Networks of more layers than can be told apart are
 * abridged: branches become one box, and layers without weights that keep the shape join the layer before them.
 */
import { largestOf } from 'fovea/internal/base/extremes'
import type { Shape } from 'fovea/internal/base/shape'
import type { Model } from 'fovea/internal/network/model'

/** More layers than these are abridged. */
const mostLayers = 40

/** A box: the last of its layers is what it shows. */
export interface Box {
  /** Places in `model.layers`, in order. */
  readonly calls: readonly number[]
  /** Ways from its input to its output; 1 where they do not part, or where each layer has its own box. */
  readonly branches: number
  /** In its part. */
  readonly column: number
  readonly row: number
}

/** From box to box; −1 is the box before the part. Where it passes columns, it does so in a row of its own. */
export interface Connection {
  readonly from: number
  readonly to: number
  readonly via?: number
}

export interface DrawingPart {
  readonly boxes: readonly Box[]
  readonly columns: number
  readonly rows: number
  readonly connections: readonly Connection[]
  /** Parts left out here, with so many layers; then there are no boxes. */
  readonly omitted?: number
}

/** Every box of the network but its input's. */
export function networkParts(model: Model): DrawingPart[] {
  const segments = segmentsOf(model)
  if (model.layers.length <= mostLayers) return segments.map(calls => expanded(model, calls))
  const boxes = folded(model, segments).map(calls => single(calls, branchesOf(model, calls)))
  if (boxes.length <= mostLayers) return boxes
  const half = mostLayers / 2
  const left = boxes.slice(half, -half)
  const omitted = left.reduce((sum, part) => sum + part.boxes[0]!.calls.length, 0)
  return [...boxes.slice(0, half), { boxes: [], columns: 1, rows: 1, connections: [], omitted }, ...boxes.slice(-half)]
}

/** The layers between a value that is alone and the next one. */
function segmentsOf({ inputs, layers }: Model): number[][] {
  const segments: number[][] = []
  let calls: number[] = []
  // The last reader of any value before the call in question.
  const lastReader = new Array<number>(inputs.length + layers.length).fill(-1)
  for (const [call, { inputs: read }] of layers.entries()) for (const value of read) lastReader[value] = call
  let reach = largestOf(lastReader.slice(0, inputs.length), -1)
  for (const call of layers.keys()) {
    calls.push(call)
    if (reach <= call || call === layers.length - 1) {
      segments.push(calls)
      calls = []
    }
    reach = Math.max(reach, lastReader[inputs.length + call]!)
  }
  return segments
}

function single(calls: readonly number[], branches: number): DrawingPart {
  return { boxes: [{ calls, branches, column: 0, row: 0 }], columns: 1, rows: 1, connections: [{ from: -1, to: 0 }] }
}

/**
 * The segment with a box for each layer: columns by the longest way from its beginning; a row beside its first source where that place
 * is free. What joins all of it stands in the middle.
 */
function expanded(model: Model, calls: readonly number[]): DrawingPart {
  if (calls.length === 1) return single(calls, 1)
  const before = model.inputs.length + calls[0]!
  const sources = calls.map(call => model.layers[call]!.inputs.map(value => Math.max(-1, value - before)))
  const columns: number[] = []
  for (const from of sources) columns.push(largestOf(from.map(source => (source < 0 ? 0 : columns[source]! + 1))))
  const taken = Array.from({ length: largestOf(columns) + 1 }, () => new Set<number>())
  const rows: number[] = []
  for (const [box, [first]] of sources.entries()) {
    const row = freeRow([taken[columns[box]!]!], first! < 0 ? 0 : rows[first!]!)
    taken[columns[box]!]!.add(row)
    rows.push(row)
  }
  const connections = sources.flatMap((from, to) =>
    from.map((source): Connection => {
      const passed = taken.slice(source < 0 ? 0 : columns[source]! + 1, columns[to])
      if (passed.length === 0) return { from: source, to }
      const via = freeRow(passed, source < 0 ? 0 : rows[source]!)
      for (const column of passed) column.add(via)
      return { from: source, to, via }
    }),
  )
  const height = largestOf(taken.flatMap(column => [...column])) + 1
  if (taken.at(-1)!.size === 1) rows[rows.length - 1] = (height - 1) / 2
  return {
    boxes: calls.map((call, box) => ({ calls: [call], branches: 1, column: columns[box]!, row: rows[box]! })),
    columns: taken.length,
    rows: height,
    connections,
  }
}

/** The first row from `start` on that is free in all these columns. */
function freeRow(columns: readonly ReadonlySet<number>[], start: number): number {
  let row = start
  while (columns.some(column => column.has(row))) row++
  return row
}

/** The layer call that a box is named after: what joins its branches, else its first. */
export function namingCall(
  { layers }: Model,
  { calls, branches }: Pick<Box, 'calls' | 'branches'>,
): Model['layers'][number] {
  const call = branches > 1 ? calls.findLast(each => layers[each]!.inputs.length > 1) : undefined
  return layers[call ?? calls[0]!]!
}

/** Segments, layers that only follow one (no weights, the same shape) joined to it. */
function folded(model: Model, segments: readonly (readonly number[])[]): number[][] {
  const result: number[][] = []
  for (const calls of segments) {
    const { layer, inputShapes, outputShape } = model.layers[calls[0]!]!
    const weights = model.weights.filter(({ layer: owner }) => owner === layer.name)
    const follows =
      calls.length === 1 &&
      sameNumbers(inputShapes[0]!, outputShape) &&
      (weights.length === 0 || layer.traits.family === 'normalization')
    if (follows && result.length > 0) result.at(-1)!.push(...calls)
    else result.push([...calls])
  }
  return result
}

function sameNumbers(a: Shape, b: Shape): boolean {
  return a.join() === b.join()
}

/** How many layers of a segment read what comes into it. */
function branchesOf({ inputs, layers }: Model, calls: readonly number[]): number {
  const before = inputs.length + calls[0]! - 1
  return calls.flatMap(call => layers[call]!.inputs).filter(value => value <= before).length
}
