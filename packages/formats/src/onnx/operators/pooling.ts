/**
 * MaxPool, AveragePool and the global ones. Borders that Keras's pooling does not have are made of what changes no number: zeros where none
 * is below 0, or a pooling of step 1, of whose windows those that are wanted are picked.
 */
import {
  inputOf,
  type NodeContext,
  type NodeReader,
  refused,
  viewInput,
  wholeAttribute,
  wholesAttribute,
} from '../node-context.ts'
import { arranged, pictureAxes, type View, withShape } from '../view.ts'
import { multiplied } from './arithmetic.ts'
import {
  asPicture,
  isNone,
  isSame,
  type KernelWindow,
  noPads,
  type Pads,
  padsOf,
  pictureResult,
  windowOf,
  zerosAround,
} from './convolution.ts'
import { placesAlong } from './rows.ts'

type Kind = 'MaxPooling2D' | 'AveragePooling2D'

const maxPool: NodeReader = context => {
  if (context.isUsed(1))
    throw refused('The places of the largest numbers (its second output) are used, which Fovea does not give.')
  return pooled(context, 'MaxPooling2D')
}

const averagePool: NodeReader = context => pooled(context, 'AveragePooling2D')

function pooled(context: NodeContext, kind: Kind): ReturnType<NodeReader> {
  const operand = inputOf(context, 0)
  const isNotNegative = operand.kind === 'view' && operand.isNotNegative
  const { view, isOneAxis } = asPicture(viewInput(context))
  const size = wholesAttribute(context, 'kernel_shape')
  if (!size) throw refused('Its kernel_shape is missing.')
  const window = windowOf(context, size, isOneAxis)
  const hasGaps = window.dilation.some((step, axis) => step !== 1 && window.size[axis] !== 1)
  const given = padsOf(context, window, view.shape, isOneAxis)
  const pads = wholeAttribute(context, 'ceil_mode', 0) === 1 ? ceiled(given, window, view.shape) : given
  if (pads.some(([before], axis) => Math.max(before, given[axis]![1]) >= window.size[axis]!)) {
    throw refused('Its borders are wider than its windows.')
  }
  const { value } = context.network.settle(view, pictureAxes)
  const config = { poolSize: window.size, strides: window.strides }
  const made = (input: number, padding: 'valid' | 'same' = 'valid'): number =>
    context.network.layer(kind, { ...config, padding }, [input])
  const result = (output: number) => ({
    view: pictureResult(output, context.network.shapeOf(output), isOneAxis),
    isNotNegative,
  })
  const isMean = kind === 'AveragePooling2D'
  const countsBorders = isMean && wholeAttribute(context, 'count_include_pad', 0) === 1
  const reachesFurther = pads.some(([, after], axis) => after > given[axis]![1])
  if (hasGaps) {
    if (!isNone(pads)) throw refused('Its windows have gaps (dilations) and borders, which cannot be read together.')
    return result(gapped(context, kind, value, window))
  }
  if (isNone(pads)) return result(made(value))
  if (countsBorders && !reachesFurther) return result(made(zerosAround(context, value, pads)))
  if (!countsBorders && isSame(pads, window, view.shape)) return result(made(value, 'same'))
  if (!isMean && isNotNegative) return result(made(zerosAround(context, value, pads)))
  if (!countsBorders && fits(pads, window)) return result(picked(context, kind, value, window, pads))
  if (!isMean) return result(made(edgesAround(context, view, pads)))
  // Means over whole windows become means of what counts in each.
  const means = made(zerosAround(context, value, pads))
  const [height, width, channels] = context.network.shapeOf(means) as [number, number, number]
  const counted = countsBorders ? given : noPads
  const [rows, columns] = [height, width].map((windows, axis) =>
    Array.from({ length: windows }, (_, at) => {
      const begin = at * window.strides[axis]! - pads[axis]![0]
      const [before, after] = counted[axis]!
      const end = Math.min(begin + window.size[axis]!, view.shape[axis + 1]! + after)
      return window.size[axis]! / (end - Math.max(begin, -before))
    }),
  ) as [number[], number[]]
  const factors = {
    dims: [height, width],
    data: Float64Array.from(rows.flatMap(row => columns.map(column => row * column))),
    type: 'float64',
  } as const
  const corrected = multiplied(context, arranged(means, [channels, height, width], pictureAxes), factors)
  return { view: isOneAxis ? withShape(corrected, [channels, width]) : corrected, isNotNegative }
}

/** The last rows and columns repeated, which changes no maximum of a window that has one of them. */
function edgesAround(context: NodeContext, view: View, pads: Pads): number {
  const wide = pads.reduce((result, [before, after], at) => {
    const extent = result.shape[at + 1]!
    const places = Array.from({ length: before + extent + after }, (_, place) =>
      Math.min(Math.max(place - before, 0), extent - 1),
    )
    return placesAlong(context, result, at + 1, places)
  }, view)
  return context.network.settle(wide, pictureAxes).value
}

/** More values than in a window of 5 × 5 are not joined. */
const mostPlaces = 25

/** Windows with gaps: the first place of every window as one value, the second … , joined place by place. */
function gapped(
  { network }: NodeContext,
  kind: Kind,
  value: number,
  { size, strides, dilation }: KernelWindow,
): number {
  const [rows, columns] = size
  if (rows * columns > mostPlaces) throw refused('Its windows have gaps (dilations) and are wider than 5 × 5.')
  const shape = network.shapeOf(value)
  const values = Array.from({ length: rows * columns }, (_, at) => {
    const cropping = [Math.floor(at / columns), at % columns].map((place, axis) => {
      const before = place * dilation[axis]!
      const reach = dilation[axis]! * (size[axis]! - 1)
      return [before, reach - before]
    })
    if (cropping.some(([before, after], axis) => before! + after! >= shape[axis]!))
      throw refused('Its windows are larger than the picture.')
    const cut = network.layer('Cropping2D', { cropping }, [value])
    if (strides.every(step => step === 1)) return cut
    return network.layer('MaxPooling2D', { poolSize: 1, strides, padding: 'valid' }, [cut])
  })
  return network.layer(kind === 'MaxPooling2D' ? 'Maximum' : 'Average', {}, values)
}

/** Windows are as many as begin in the picture or before it: the border behind is as wide as the last one needs. */
function ceiled(pads: Pads, { size, strides, dilation }: KernelWindow, [, ...extents]: readonly number[]): Pads {
  const sides = extents.map((extent, axis) => {
    const [before, after] = pads[axis]!
    const stride = strides[axis]!
    const reach = dilation[axis]! * (size[axis]! - 1) + 1
    let windows = Math.ceil((extent + before + after - reach) / stride) + 1
    if ((windows - 1) * stride >= extent + before) windows--
    return [before, Math.max((windows - 1) * stride + reach - extent - before, 0)]
  })
  return sides as unknown as Pads
}

const fits = (pads: Pads, { size }: KernelWindow): boolean =>
  pads.every(([before, after], axis) => {
    const first = Math.floor((size[axis]! - 1) / 2)
    return before <= first && after <= size[axis]! - 1 - first
  })

/**
 * A pooling of step 1 with Keras's 'same' has a window that begins at each of −t, −t + 1 …, t = ⌊(size − 1) / 2⌋, and counts what lies inside
 * alone. Those that begin at −before, −before + stride … are wanted: rows in front are cut, and of the rest every stride-th is taken.
 */
function picked(context: NodeContext, kind: Kind, value: number, window: KernelWindow, pads: Pads): number {
  const { network } = context
  const first = window.size.map(size => Math.floor((size - 1) / 2))
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
  (kind: 'GlobalAveragePooling2D' | 'GlobalMaxPooling2D'): NodeReader =>
  context => {
    const operand = inputOf(context, 0)
    const given = viewInput(context)
    const { view } = asPicture(given)
    const value = context.network.layer(kind, {}, [context.network.settle(view, pictureAxes).value])
    const channels = view.shape[0]!
    return {
      view: withShape(arranged(value, [channels], [[0]]), [channels, ...given.shape.slice(1).map(() => 1)]),
      isNotNegative: operand.kind === 'view' && operand.isNotNegative,
    }
  }

const globalAveragePool = global('GlobalAveragePooling2D')
const globalMaxPool = global('GlobalMaxPooling2D')

export const poolings: Readonly<Record<string, NodeReader>> = {
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  MaxPool: maxPool,
}
