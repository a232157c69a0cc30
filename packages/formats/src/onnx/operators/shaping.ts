/**
 * Operators that move numbers: Reshape, Flatten, Squeeze, Unsqueeze, Transpose, Concat, Slice, Split, Gather, Pad, Resize, DepthToSpace …
 * Most change the view of a value and add no layer (view.ts).
 */
import { sameShape, sizeOf } from 'fovea/internal/base/shape'
import { listOf } from '../constant.ts'
import {
  axisIn,
  constantInput,
  floatAttribute,
  inputOf,
  type NodeContext,
  type NodeReader,
  type NodeResult,
  optionalConstant,
  refused,
  sampleAxis,
  textAttribute,
  viewInput,
  wholeAttribute,
  wholesAttribute,
} from '../node-context.ts'
import { arranged, pictureAxes, plainAxes, transposed, type View, withShape } from '../view.ts'
import { onEach } from './activations.ts'
import { bordered, part, placesAlong, type Sides, strided } from './rows.ts'

/** The same numbers, not below 0 if they were not. */
const kept = (context: NodeContext, view: View): NodeResult => {
  const operand = inputOf(context, 0)
  return { view, isNotNegative: operand.kind === 'view' && operand.isNotNegative }
}

const rankOf = ({ shape }: View): number => shape.length + 1

const reshape: NodeReader = context => {
  const view = viewInput(context)
  const target = context.opset < 5 ? wholesAttribute(context, 'shape') : listOf(constantInput(context, 1))
  if (!target) throw refused('Its shape is missing.')
  const keepsZeros = wholeAttribute(context, 'allowzero', 0) === 0
  const own = target.slice(1).map((extent, at) => (extent === 0 && keepsZeros ? (view.shape[at] ?? 0) : extent))
  const size = sizeOf(view.shape)
  const known = sizeOf(own.filter(extent => extent !== -1))
  const shape = own.map(extent => (extent === -1 ? size / known : extent))
  // The extent of the batch is what is left: whatever stands there, the other numbers are those of one sample, or samples are mixed.
  const isOpen = own.includes(-1) && target[0] === -1
  const fits = target.length > 0 && !isOpen && shape.every(extent => Number.isInteger(extent) && extent > 0)
  if (fits && sizeOf(shape) === size) return kept(context, withShape(view, shape))
  throw refused(
    `It puts numbers of different samples into one row: shape [${target.map(extent => (Number.isNaN(extent) ? 'batch' : extent)).join(', ')}] of samples of [${view.shape.join(', ')}].`,
  )
}

const flatten: NodeReader = context => {
  const view = viewInput(context)
  const axis = wholeAttribute(context, 'axis', 1)
  const first = axis < 0 ? axis + rankOf(view) : axis
  if (first !== 1) throw refused('It does not keep the batch axis as the first of two.')
  return kept(context, withShape(view, [sizeOf(view.shape)]))
}

/** Axes of an attribute, since opset 13 of an input. */
const axesOf = (context: NodeContext): readonly number[] | undefined => {
  const listed = optionalConstant(context, 1)
  return listed ? listOf(listed) : wholesAttribute(context, 'axes')
}

const squeeze: NodeReader = context => {
  const view = viewInput(context)
  const named = axesOf(context)
  if (!named && context.batch === 1) throw refused('It takes away all axes of 1, the batch axis as well.')
  const axes = named
    ? named.map(axis => sampleAxis(axis, rankOf(view)))
    : view.shape.flatMap((extent, axis) => (extent === 1 ? [axis] : []))
  if (axes.some(axis => view.shape[axis] !== 1)) throw refused('It takes away an axis that is not 1.')
  return kept(
    context,
    withShape(
      view,
      view.shape.filter((_, axis) => !axes.includes(axis)),
    ),
  )
}

const unsqueeze: NodeReader = context => {
  const view = viewInput(context)
  const named = axesOf(context)
  if (!named) throw refused('Its axes are missing.')
  const rank = rankOf(view) + named.length
  const axes = named.map(axis => sampleAxis(axis, rank))
  const rest = [...view.shape]
  const shape = Array.from({ length: rank - 1 }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!))
  return kept(context, withShape(view, shape))
}

/** Axes in another order; where the view cannot say it, the numbers are put into ONNX's order first. */
function permuted(context: NodeContext, view: View, perm: readonly number[]): View {
  return transposed(view, perm) ?? transposed(context.network.settle(view, plainAxes(view.shape)), perm)!
}

const transpose: NodeReader = context => {
  const view = viewInput(context)
  const rank = rankOf(view)
  const perm = wholesAttribute(context, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis)
  const isOrder =
    sameShape(
      [...perm].sort((a, b) => a - b),
      perm.map((_, axis) => axis),
    ) && perm.length === rank
  if (!isOrder) throw refused(`[${perm.join(', ')}] is no order of ${rank} axes.`)
  if (perm[0] !== 0) throw refused('It moves the batch axis.')
  return kept(
    context,
    permuted(
      context,
      view,
      perm.slice(1).map(axis => axis - 1),
    ),
  )
}

const slice: NodeReader = context => {
  const view = viewInput(context)
  const rank = rankOf(view)
  const list = (input: number, name: string) => {
    const constant = context.opset < 10 ? undefined : optionalConstant(context, input)
    return constant ? listOf(constant) : wholesAttribute(context, name)
  }
  const [starts, ends] = [list(1, 'starts') ?? [], list(2, 'ends') ?? []]
  const axes = list(3, 'axes') ?? starts.map((_, at) => at)
  const steps = list(4, 'steps') ?? starts.map(() => 1)
  let result = view
  for (const [at, named] of axes.entries()) {
    const axis = axisIn(named, rank) - 1
    const step = steps[at]!
    if (axis < 0) {
      if (starts[at] === 0 && step === 1 && ends[at]! >= 2 ** 31 - 1) continue
      throw refused('It takes some samples out of the batch.')
    }
    if (!(step >= 1)) throw refused('It goes backwards.')
    const extent = result.shape[axis]!
    const placeOf = (place: number): number => Math.min(Math.max(place < 0 ? place + extent : place, 0), extent)
    const [from, to] = [placeOf(starts[at]!), placeOf(ends[at]!)]
    if (!(to > from)) throw refused('It leaves nothing.')
    result = part(context, result, axis, from, to)
    if (step > 1) result = strided(context, result, axis, step)
  }
  return kept(context, result)
}

const split: NodeReader = context => {
  const view = viewInput(context)
  const axis = sampleAxis(wholeAttribute(context, 'axis', 0), rankOf(view))
  const extent = view.shape[axis]!
  const count = wholeAttribute(context, 'num_outputs', context.node.outputs.length)
  const listed = context.opset < 13 ? undefined : optionalConstant(context, 1)
  const each = Math.ceil(extent / count)
  const sizes = listed
    ? listOf(listed)
    : (wholesAttribute(context, 'split') ??
      Array.from({ length: count }, (_, at) => Math.min(each, extent - at * each)))
  if (sizes.some(size => !(size > 0)) || sizes.reduce((sum, size) => sum + size, 0) !== extent) {
    throw refused(`Parts of ${sizes.join(', ')} are not the ${extent} of the axis.`)
  }
  let from = 0
  return sizes.map(size => {
    from += size
    return kept(context, part(context, view, axis, from - size, from))
  })
}

/** Places of an axis: one, whose axis goes, or a list. */
const gather: NodeReader = context => {
  const view = viewInput(context)
  const axis = sampleAxis(wholeAttribute(context, 'axis', 0), rankOf(view))
  const { dims, data } = constantInput(context, 1)
  const extent = view.shape[axis]!
  const places = Array.from(data, place => (place < 0 ? place + extent : place))
  const wrong = places.find(place => !(Number.isInteger(place) && place >= 0 && place < extent))
  if (wrong !== undefined) throw refused(`There is no place ${wrong} on an axis of ${extent}.`)
  const picked = placesAlong(context, view, axis, places)
  return kept(context, withShape(picked, [...picked.shape.slice(0, axis), ...dims, ...picked.shape.slice(axis + 1)]))
}

const concat: NodeReader = context => {
  const views = context.node.inputs.map((_, input) => viewInput(context, input))
  const [first] = views as [View, ...View[]]
  const axis = sampleAxis(wholeAttribute(context, 'axis', 1), rankOf(first))
  const fits = views.every(
    ({ shape }) => shape.length === first.shape.length && shape.every((n, at) => at === axis || n === first.shape[at]),
  )
  if (!fits) throw refused('Its inputs differ along other axes as well.')
  if (views.length === 1) return { view: first }
  const shape = first.shape.map((extent, at) =>
    at === axis ? views.reduce((sum, view) => sum + view.shape[axis]!, 0) : extent,
  )
  const arrangement = first.shape.length === 3 && first.order.join() !== '0,1,2' ? pictureAxes : plainAxes(first.shape)
  const values = views.map(view => context.network.settle(view, arrangement).value)
  const stored = arrangement.findIndex(([only]) => only === axis)
  const isNotNegative = context.node.inputs.every((_, input) => {
    const operand = inputOf(context, input)
    return operand.kind === 'view' && operand.isNotNegative
  })
  return {
    view: arranged(context.network.layer('Concatenate', { axis: stored + 1 }, values), shape, arrangement),
    isNotNegative,
  }
}

const pad: NodeReader = context => {
  const view = viewInput(context)
  const rank = rankOf(view)
  const mode = textAttribute(context, 'mode', 'constant')
  const pads = context.opset < 11 ? wholesAttribute(context, 'pads') : listOf(constantInput(context, 1))
  const filled = context.opset < 11 ? floatAttribute(context, 'value', 0) : (optionalConstant(context, 2)?.data[0] ?? 0)
  const named = optionalConstant(context, 3)
  const axes = named ? listOf(named).map(axis => axisIn(axis, rank)) : Array.from({ length: rank }, (_, axis) => axis)
  if (pads?.length !== 2 * axes.length) throw refused('Its pads are not two for each axis.')
  const sides: [number, number][] = Array.from({ length: rank }, () => [0, 0])
  for (const [at, axis] of axes.entries()) sides[axis] = [pads[at]!, pads[at + axes.length]!]
  const [batch, ...own] = sides
  if (batch!.some(amount => amount !== 0)) throw refused('It adds samples to the batch.')
  const bound = (sign: number): Sides => own.map(([a, b]) => [Math.max(0, sign * a), Math.max(0, sign * b)])
  const cut = bordered(context, view, bound(-1), 'Cropping2D')
  if (mode !== 'constant') return kept(context, repeated(context, cut, bound(1), mode))
  // Borders of another number than 0: of x − v zeros, then v is added again.
  if (filled === 0) return kept(context, bordered(context, cut, bound(1), 'ZeroPadding2D'))
  if (!Number.isFinite(filled)) throw refused(`It fills borders with ${filled}.`)
  const lowered = onEach(context, cut, ['Rescaling', { scale: 1, offset: -filled }])
  const padded = bordered(context, lowered, bound(1), 'ZeroPadding2D')
  return { view: onEach(context, padded, ['Rescaling', { scale: 1, offset: filled }]) }
}

/** Borders of rows that are there: the last one, their mirror image, or from the other side. */
function repeated(context: NodeContext, view: View, sides: Sides, mode: string): View {
  return sides.reduce((result, [before, after], axis) => {
    if (before === 0 && after === 0) return result
    const extent = result.shape[axis]!
    const placeOf = (place: number): number => {
      if (mode === 'edge') return Math.min(Math.max(place, 0), extent - 1)
      if (mode === 'wrap') return ((place % extent) + extent) % extent
      if (mode === 'reflect') return place < 0 ? -place : Math.min(place, 2 * (extent - 1) - place)
      throw refused(`It fills borders by mode ${mode}, which is not known.`)
    }
    if (mode === 'reflect' && Math.max(before, after) >= extent) throw refused('Its borders are wider than the value.')
    if (before + after + extent > 65_536) throw refused('Its borders are too wide.')
    const places = Array.from({ length: before + extent + after }, (_, at) => placeOf(at - before))
    return placesAlong(context, result, axis, places)
  }, view)
}

/** [b, b, c, …] or [c, b, b, …] of channels, rows and columns: all of it is a view. */
const depthToSpace: NodeReader = context => {
  const view = viewInput(context)
  const block = wholeAttribute(context, 'blocksize', 0)
  const [channels, height, width] = view.shape as [number, number, number]
  const rest = channels / (block * block)
  if (view.shape.length !== 3 || !Number.isInteger(rest) || block < 1)
    throw refused(`${channels} channels are no blocks of ${block}.`)
  const isDepthFirst = textAttribute(context, 'mode', 'DCR') === 'DCR'
  const cut = withShape(view, isDepthFirst ? [block, block, rest, height, width] : [rest, block, block, height, width])
  const moved = permuted(context, cut, isDepthFirst ? [2, 3, 0, 4, 1] : [0, 3, 1, 4, 2])
  return kept(context, withShape(moved, [rest, height * block, width * block]))
}

const spaceToDepth: NodeReader = context => {
  const view = viewInput(context)
  const block = wholeAttribute(context, 'blocksize', 0)
  const [channels, height, width] = view.shape as [number, number, number]
  const [rows, columns] = [height / block, width / block]
  if (view.shape.length !== 3 || !Number.isInteger(rows) || !Number.isInteger(columns))
    throw refused(`${height} × ${width} are no blocks of ${block}.`)
  const moved = permuted(context, withShape(view, [channels, rows, block, columns, block]), [2, 4, 0, 1, 3])
  return kept(context, withShape(moved, [channels * block * block, rows, columns]))
}

/** What changes nothing in inference. */
const identity: NodeReader = context => kept(context, viewInput(context))

/** Kept as a layer: it lets all pass in inference, and drops in training. */
const dropout: NodeReader = context => {
  const view = viewInput(context)
  if (context.isUsed(1)) throw refused('Its mask is used, which Fovea does not give.')
  const isTraining = optionalConstant(context, 2)?.data[0] ?? 0
  if (isTraining !== 0)
    throw refused('It is in training mode, and would drop numbers.', 'Export the model for inference: model.eval().')
  const rate =
    context.opset < 12 ? floatAttribute(context, 'ratio', 0.5) : (optionalConstant(context, 1)?.data[0] ?? 0.5)
  return kept(context, rate > 0 && rate < 1 ? onEach(context, view, ['Dropout', { rate }]) : view)
}

const cast: NodeReader = context => {
  const to = wholeAttribute(context, 'to', 1)
  if (![1, 10, 11, 16].includes(to)) throw refused('It turns numbers into whole ones.')
  return kept(context, viewInput(context))
}

export const rearrangements: Readonly<Record<string, NodeReader>> = {
  Cast: cast,
  Concat: concat,
  DepthToSpace: depthToSpace,
  Dropout: dropout,
  Flatten: flatten,
  Gather: gather,
  Identity: identity,
  Pad: pad,
  Reshape: reshape,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
}
