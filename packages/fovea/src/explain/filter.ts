/**
 * Convolution and pooling of one channel, with the arithmetic of every output at hand. The kernel is laid over the picture as it is
 * (cross-correlation, what a convolution layer computes); outside of the picture there are zeros.
 */

import { checkArguments } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { largestOf } from '../base/extremes.ts'
import { oneOf, optional, parse, record, union, whole } from '../base/schema.ts'
import { show } from '../base/show.ts'
import { type Plane, planeFrom, planeValue, valueAt } from './plane.ts'

/** `same`: an output for every stride-th pixel, zeros around (the odd one at the bottom and right, as in Keras). A number: that many zeros on every side. */
export type FilterPadding = 'valid' | 'same' | number

/** What `filterPlane` takes. */
export interface FilterOptions {
  readonly stride?: number | undefined
  readonly padding?: FilterPadding | undefined
}

/** Everything one output is made of. Rows of the kernel's shape. */
export interface OutputTerms {
  /** Row and column of the output. */
  readonly at: readonly [number, number]
  /** Picture row and column under the kernel's first number; may lie outside, where zeros are. */
  readonly corner: readonly [number, number]
  readonly receptiveField: number[][]
  readonly kernel: number[][]
  readonly products: number[][]
  readonly sum: number
}

interface Placement {
  readonly height: number
  readonly width: number
  readonly stride: number
  readonly before: readonly [number, number]
}

/** Throws UserError when the kernel does not fit. */
export function filterPlane(plane: Plane, kernel: Plane, options: FilterOptions = {}): Plane {
  const placement = place(plane, kernel, options)
  return planeFrom(placement.height, placement.width, (row, column) => {
    let sum = 0
    overWindow(plane, kernel, placement, row, column, (value, weight) => {
      sum += value * weight
    })
    return sum
  })
}

/** The products behind one output of `filterPlane`. Throws UserError for an output that is not there. */
export function termsAt(plane: Plane, kernel: Plane, options: FilterOptions, row: number, column: number): OutputTerms {
  const placement = place(plane, kernel, options)
  const { height, width, stride, before } = placement
  const isPlace = (at: number, extent: number): boolean => Number.isInteger(at) && at >= 0 && at < extent
  if (!isPlace(row, height) || !isPlace(column, width)) {
    throw new UserError({
      what: 'There is no such output.',
      expected: `a row from 0 to ${height - 1} and a column from 0 to ${width - 1}`,
      received: `${show(row)},${show(column)}`,
    })
  }
  const field: number[] = []
  const products: number[] = []
  overWindow(plane, kernel, placement, row, column, (value, weight) => {
    field.push(value)
    products.push(value * weight)
  })
  const shaped = (values: readonly number[]): number[][] =>
    Array.from({ length: kernel.height }, (_, r) => values.slice(r * kernel.width, (r + 1) * kernel.width))
  return {
    at: [row, column],
    corner: [row * stride - before[0], column * stride - before[1]],
    receptiveField: shaped(field),
    kernel: shaped(Array.from(kernel.data)),
    products: shaped(products),
    sum: products.reduce((sum, product) => sum + product, 0),
  }
}

/** What is taken of a window. */
export type PoolFn = 'max' | 'average'

/** Windows of `size` × `size`, `stride` apart (by default side by side); what does not fill a window is left out. */
export function poolPlane(plane: Plane, fn: PoolFn, size: number, stride = size): Plane {
  parse(record({ fn: oneOf(['max', 'average']), size: whole(1, 2 ** 14) }), { fn, size }, 'poolPlane')
  const window = planeFrom(size, size, () => 1)
  const placement = place(plane, window, { stride })
  return planeFrom(placement.height, placement.width, (row, column) => {
    const values: number[] = []
    overWindow(plane, window, placement, row, column, value => values.push(value))
    return fn === 'max' ? largestOf(values) : values.reduce((sum, value) => sum + value, 0) / values.length
  })
}

const fields = {
  stride: optional(whole(1), 1),
  padding: optional(union(oneOf(['valid', 'same']), whole(0, 1e4)), 'valid'),
}

function place(plane: Plane, kernel: Plane, options: FilterOptions): Placement {
  checkArguments('a filter', { plane: planeValue, kernel: planeValue }, { plane, kernel })
  const { stride, padding } = parse(record(fields), options, 'a filter')
  const along = (extent: number, window: number): { before: number; count: number } => {
    if (padding !== 'same') {
      const zeros = padding === 'valid' ? 0 : padding
      return { before: zeros, count: Math.floor((extent + 2 * zeros - window) / stride) + 1 }
    }
    const count = Math.ceil(extent / stride)
    return { before: Math.floor(Math.max(0, (count - 1) * stride + window - extent) / 2), count }
  }
  const [rows, columns] = [along(plane.height, kernel.height), along(plane.width, kernel.width)]
  if (rows.count < 1 || columns.count < 1) {
    throw new UserError({
      what: 'The kernel or pooling window is larger than the picture.',
      expected: `at most ${plane.height}×${plane.width}`,
      received: `${kernel.height}×${kernel.width}`,
      fix: 'Take a smaller kernel, or padding.',
    })
  }
  return { height: rows.count, width: columns.count, stride, before: [rows.before, columns.before] }
}

/** Visits the window of output (row, column), row by row. */
function overWindow(
  plane: Plane,
  kernel: Plane,
  { stride, before }: Placement,
  row: number,
  column: number,
  visit: (value: number, weight: number) => void,
): void {
  for (let r = 0; r < kernel.height; r++) {
    for (let s = 0; s < kernel.width; s++) {
      const [y, x] = [row * stride - before[0] + r, column * stride - before[1] + s]
      const inside = y >= 0 && y < plane.height && x >= 0 && x < plane.width
      visit(inside ? valueAt(plane, y, x) : 0, valueAt(kernel, r, s))
    }
  }
}
