/** Layers that move elements: flattened, reshaped, permuted, padded, cut, at another size. */
import { configOf, extentsOfPicture, type OnnxRow, type PictureConfig, pictureOrder, type WrittenCall } from './call.ts'
import { int, type LayerGraph, word } from './graph.ts'
import { type AxisOrder, channelsFirst, formOf, isUnmoved, newValue, type WrittenValue } from './value.ts'

/** Nothing is moved: the vector is in the order of the picture, until someone needs it in its own. */
export const flattenRow: OnnxRow = (call, x) => {
  const { graph, outputShape } = call
  if (x.shape.length === 1) return x
  const isTurned = configOf<PictureConfig>(call).dataFormat === 'channelsFirst'
  // The elements come out as those of a picture with the channels last.
  const toLast = (order: AxisOrder): AxisOrder => (isTurned ? order.map(axis => channelsFirst[axis]!) : order)
  const axes = isTurned ? [1, 2, 0].map(axis => x.shape[axis]!) : x.shape
  const form = x.forms.find(({ order }) => isUnmoved(axes, toLast(order))) ?? formOf(x)
  const name = graph.node('Flatten', [form.name], { axis: int(1) })
  const order = toLast(form.order)
  if (isUnmoved(axes, order)) return newValue(outputShape, name)
  return { shape: outputShape, axes, forms: [{ name, order }] }
}

export const reshapeRow: OnnxRow = ({ graph, outputShape }, x) =>
  newValue(outputShape, graph.node('Reshape', [graph.plain(x), graph.integers(0, ...outputShape)]))

/** The same tensors, their axes under other numbers. */
export const permuteRow: OnnxRow = (call, x) => {
  const { dims } = configOf<{ dims: readonly number[] }>(call)
  if (x.shape.length === 1) return x
  const forms = x.forms.map(({ name, order }) => ({ name, order: order.map(axis => dims.indexOf(axis + 1)) }))
  return { shape: call.outputShape, axes: call.outputShape, forms }
}

type Border = readonly [readonly [number, number], readonly [number, number]]

/** The form of a picture, and the places of its rows and columns. */
function pictureForm(call: WrittenCall, x: WrittenValue) {
  const form = formOf(x)
  const axes = configOf<PictureConfig>(call).dataFormat === 'channelsFirst' ? [1, 2] : [0, 1]
  return { form, places: axes.map(axis => form.order.indexOf(axis) + 1) as [number, number] }
}

export const paddingRow: OnnxRow = (call, x) => {
  const { padding } = configOf<{ padding: Border }>(call)
  const { form, places } = pictureForm(call, x)
  const pads = [0, 1].flatMap(end => [0, 1, 2, 3].map(place => padding[places.indexOf(place)]?.[end as 0 | 1] ?? 0))
  const name = call.graph.node('Pad', [form.name, call.graph.integers(...pads)], { mode: word('constant') })
  return newValue(call.outputShape, name, form.order)
}

export const croppingRow: OnnxRow = (call, x) => {
  const { cropping } = configOf<{ cropping: Border }>(call)
  const { form, places } = pictureForm(call, x)
  const ends = extentsOfPicture(call, x).map((extent, axis) => extent - cropping[axis]![1])
  const starts = cropping.map(([before]) => before)
  return newValue(call.outputShape, sliced(call.graph, form.name, places, starts, ends), form.order)
}

const sliced = (
  graph: LayerGraph,
  x: string,
  places: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
): string => graph.node('Slice', [x, graph.integers(...starts), graph.integers(...ends), graph.integers(...places)])

type Interpolation = 'nearest' | 'bilinear'

export const upSamplingRow: OnnxRow = (call, x) => {
  const { interpolation } = configOf<{ interpolation: Interpolation }>(call)
  const order = pictureOrder(call)
  const name = resized(call, call.graph.tensor(x, order), extentsOfPicture(call, x), extentsOf(call), interpolation)
  return newValue(call.outputShape, name, order)
}

const extentsOf = (call: WrittenCall): [number, number] => extentsOfPicture(call, { shape: call.outputShape })

export const resizingRow: OnnxRow = (call, x) => {
  const { interpolation, cropToAspectRatio } = configOf<{ interpolation: Interpolation; cropToAspectRatio: boolean }>(
    call,
  )
  return cropToAspectRatio ? fitted(call, x, interpolation) : upSamplingRow(call, x)
}

/** The middle at its size; pictures that are smaller are made to fit. */
export const centerCropRow: OnnxRow = (call, x) => {
  const [height, width] = extentsOf(call)
  const [rows, columns] = extentsOfPicture(call, x)
  if (rows < height || columns < width) return fitted(call, x, 'bilinear')
  const { form, places } = pictureForm(call, x)
  return newValue(call.outputShape, middle(call.graph, form.name, places, [rows, columns], [height, width]), form.order)
}

/** Outside of training, the middle of the picture is resized. */
export const randomCropRow: OnnxRow = (call, x) => fitted(call, x, 'bilinear')

/** The largest window in the middle that has the proportions of the result, resized. */
function fitted(call: WrittenCall, x: WrittenValue, interpolation: Interpolation): WrittenValue {
  const [height, width] = extentsOf(call)
  const [rows, columns] = extentsOfPicture(call, x)
  const window: [number, number] = [
    Math.max(1, Math.min(rows, Math.floor((columns * height) / width))),
    Math.max(1, Math.min(columns, Math.floor((rows * width) / height))),
  ]
  const order = pictureOrder(call)
  const cut = middle(call.graph, call.graph.tensor(x, order), [2, 3], [rows, columns], window)
  return newValue(call.outputShape, resized(call, cut, window, [height, width], interpolation), order)
}

type Extents = readonly [number, number]

function middle(graph: LayerGraph, x: string, places: readonly number[], from: Extents, to: Extents): string {
  if (from[0] === to[0] && from[1] === to[1]) return x
  const starts = from.map((extent, axis) => Math.floor((extent - to[axis]!) / 2))
  return sliced(
    graph,
    x,
    places,
    starts,
    starts.map((start, axis) => start + to[axis]!),
  )
}

/** A tensor of pictures, channels first. */
function resized({ graph }: WrittenCall, x: string, from: Extents, to: Extents, interpolation: Interpolation): string {
  if (from[0] === to[0] && from[1] === to[1]) return x
  const isWhole = to.every((extent, axis) => extent % from[axis]! === 0)
  if (interpolation === 'nearest' && !isWhole) return picked(graph, x, from, to)
  const scales = to.map((extent, axis) => notBelow(extent / from[axis]!))
  return graph.node(
    'Resize',
    [x, '', graph.weight(`scales_${to.join('_')}`, [4], Float32Array.of(1, 1, ...scales))],
    interpolation === 'nearest'
      ? { mode: word('nearest'), coordinate_transformation_mode: word('asymmetric'), nearest_mode: word('floor') }
      : { mode: word('linear'), coordinate_transformation_mode: word('half_pixel') },
  )
}

/** The float32 next to a factor and no less: an extent times it is cut to a whole number. */
function notBelow(factor: number): number {
  const near = Math.fround(factor)
  return near >= factor ? near : Math.fround(factor * (1 + 2 ** -23))
}

/** The nearest pixels by their numbers: where a factor is not whole, programs round places differently. */
function picked(graph: LayerGraph, x: string, from: Extents, to: Extents): string {
  return [0, 1].reduce((result, axis) => {
    const [inputs, outputs] = [from[axis]!, to[axis]!]
    if (inputs === outputs) return result
    const nearest = Array.from({ length: outputs }, (_, index) => Math.floor((index + 0.5) * (inputs / outputs)))
    return graph.node('Gather', [result, graph.integers(...nearest)], { axis: int(2 + axis) })
  }, x)
}
