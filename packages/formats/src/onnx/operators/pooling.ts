/**
 * MaxPool, AveragePool and the global ones. Borders that Keras's pooling does not have are made of what changes no number: zeros where none
 * is below 0, or a pooling of step 1, of whose windows those that are wanted are picked.
 */
import { type NodeContext, type Operator, operandOf, refused, viewOf, whole, wholes } from '../node-context.ts'
import { arranged, picture, reshaped } from '../view.ts'
import {
  isNone,
  isSame,
  type Pads,
  padsOf,
  pictureOf,
  pictureResult,
  type Window,
  windowOf,
  zerosAround,
} from './convolution.ts'

type Kind = 'MaxPooling2D' | 'AveragePooling2D'

export const maxPool: Operator = context => {
  if (context.isUsed(1))
    throw refused('The places of the largest numbers (its second output) are used, which Fovea does not give.')
  return pooled(context, 'MaxPooling2D')
}

export const averagePool: Operator = context => pooled(context, 'AveragePooling2D')

function pooled(context: NodeContext, kind: Kind): ReturnType<Operator> {
  const operand = operandOf(context, 0)
  const isNotNegative = operand.kind === 'view' && operand.isNotNegative
  const { view, isOneAxis } = pictureOf(viewOf(context))
  const size = wholes(context, 'kernel_shape')
  if (!size) throw refused('Its kernel_shape is missing.')
  const window = windowOf(context, size, isOneAxis)
  if (window.dilation.some((step, axis) => step !== 1 && window.size[axis] !== 1)) {
    throw refused('Its windows have gaps (dilations), which Fovea does not have in pooling.')
  }
  const given = padsOf(context, window, view.shape, isOneAxis)
  const pads = whole(context, 'ceil_mode', 0) === 1 ? ceiled(given, window, view.shape) : given
  if (pads.some(([before, after], axis) => Math.max(before, given[axis]![1]) >= window.size[axis]! || after < 0)) {
    throw refused('Its borders are wider than its windows.')
  }
  const { value } = context.network.settle(view, picture)
  const config = { poolSize: window.size, strides: window.strides }
  const made = (input: number, padding: 'valid' | 'same') =>
    context.network.layer(kind, { ...config, padding }, [input])
  let output: number
  const countsBorders = kind === 'AveragePooling2D' && whole(context, 'count_include_pad', 0) === 1
  if (isNone(pads)) output = made(value, 'valid')
  else if (countsBorders) {
    if (pads.some(([, after], axis) => after !== given[axis]![1])) {
      throw refused(
        'With ceil_mode and count_include_pad windows reach over the borders, where it is not said what counts.',
      )
    }
    output = made(zerosAround(context, value, pads), 'valid')
  } else if (isSame(pads, window, view.shape)) output = made(value, 'same')
  else if (kind === 'MaxPooling2D' && isNotNegative) output = made(zerosAround(context, value, pads), 'valid')
  else output = picked(context, kind, value, window, pads)
  return { view: pictureResult(output, context.network.shapeOf(output), isOneAxis), isNotNegative }
}

/** Windows are as many as begin in the picture or before it: the border behind is as wide as the last one needs. */
function ceiled(pads: Pads, { size, strides }: Window, [, ...extents]: readonly number[]): Pads {
  const sides = extents.map((extent, axis) => {
    const [before, after] = pads[axis]!
    const stride = strides[axis]!
    let windows = Math.ceil((extent + before + after - size[axis]!) / stride) + 1
    if ((windows - 1) * stride >= extent + before) windows--
    return [before, Math.max((windows - 1) * stride + size[axis]! - extent - before, 0)]
  })
  return sides as unknown as Pads
}

/**
 * A pooling of step 1 with Keras's 'same' has a window that begins at each of −t, −t + 1 …, t = ⌊(size − 1) / 2⌋, and counts what lies inside
 * alone. Those that begin at −before, −before + stride … are wanted: rows in front are cut, and of the rest every stride-th is taken.
 */
function picked(context: NodeContext, kind: Kind, value: number, window: Window, pads: Pads): number {
  const { network } = context
  const first = window.size.map(size => Math.floor((size - 1) / 2))
  const fits = pads.every(
    ([before, after], axis) => before <= first[axis]! && after <= window.size[axis]! - 1 - first[axis]!,
  )
  if (!fits)
    throw refused('Its borders are of a kind that Fovea does not have: only half a window on each side can be read.')
  let output = network.layer(kind, { poolSize: window.size, strides: 1, padding: 'same' }, [value])
  const cropping = pads.map(([before], axis) => [first[axis]! - before, 0])
  if (cropping.flat().some(rows => rows > 0)) output = network.layer('Cropping2D', { cropping }, [output])
  if (window.strides.some(step => step > 1)) {
    output = network.layer('MaxPooling2D', { poolSize: 1, strides: window.strides, padding: 'valid' }, [output])
  }
  const [height, width] = network.shapeOf(output)
  // The last windows may begin where none is wanted any more.
  const wanted = pads.map(([before, after], axis) => {
    const extent = network.shapeOf(value)[axis]!
    return Math.floor((extent + before + after - window.size[axis]!) / window.strides[axis]!) + 1
  })
  const rest = [height! - wanted[0]!, width! - wanted[1]!]
  if (rest.every(rows => rows === 0)) return output
  return network.layer('Cropping2D', { cropping: rest.map(rows => [0, rows]) }, [output])
}

const global =
  (kind: 'GlobalAveragePooling2D' | 'GlobalMaxPooling2D'): Operator =>
  context => {
    const operand = operandOf(context, 0)
    const given = viewOf(context)
    const { view } = pictureOf(given)
    const value = context.network.layer(kind, {}, [context.network.settle(view, picture).value])
    const channels = view.shape[0]!
    return {
      view: reshaped(arranged(value, [channels], [[0]]), [channels, ...given.shape.slice(1).map(() => 1)]),
      isNotNegative: operand.kind === 'view' && operand.isNotNegative,
    }
  }

export const globalAveragePool = global('GlobalAveragePooling2D')
export const globalMaxPool = global('GlobalMaxPooling2D')
