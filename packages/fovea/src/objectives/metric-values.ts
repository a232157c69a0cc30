/**
 * What metrics are made of: small arrays with a shape, the formula of a metric (sums that batches add to, and what they come to), and
 * Keras's rules for bringing targets, predictions and sample weights to one shape. Labels may be class numbers wherever predictions
 * have a value for each class.
 */
import { UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import type { Fields } from '../base/schema.ts'
import { broadcastShapes, formatShape, type Shape, sameShape, sizeOf, stridesOf } from '../base/shape.ts'

/** Samples first. */
export interface MetricValues {
  readonly shape: Shape
  readonly data: ArrayLike<number>
}

/** One number, one for each threshold or class, or a matrix. */
export type MetricResult = number | readonly number[] | readonly (readonly number[])[]

/** Everything a metric keeps of the samples seen are sums: batches can be added in any grouping, and a checkpoint can hold them. */
export interface MetricFormula {
  /** How many sums there are for predictions of this shape. */
  size(shape: Shape): number
  /** Throws UserError when predictions of this shape cannot be measured. */
  check?(shape: Shape): void
  /** Adds a batch; weights broadcast to the predictions. */
  add(sums: Float64Array, target: MetricValues, prediction: MetricValues, sampleWeight?: MetricValues): void
  result(sums: Float64Array): MetricResult
}

export type MetricConfig = Readonly<Record<string, Json>>

export interface MetricRule {
  readonly options: Fields
  make(config: MetricConfig): MetricFormula
}

/** The target in the predictions' shape: class numbers become one-hot rows (rows of zeros for what is not a class, as a loss that ignores one has it). */
export function labelsLike(prediction: MetricValues, target: MetricValues): MetricValues {
  const { shape } = prediction
  if (sizeOf(target.shape) === sizeOf(shape) && sameShape(withoutOnes(target.shape), withoutOnes(shape))) {
    return { shape, data: target.data }
  }
  if (!sameShape(withoutOnes(target.shape), withoutOnes(shape.slice(0, -1)))) {
    throw new UserError({
      what: 'Labels do not fit the predictions.',
      expected: `class numbers ${formatShape(shape.slice(0, -1))} or rows ${formatShape(shape)}`,
      received: formatShape(target.shape),
    })
  }
  const classes = shape.at(-1)!
  const data = new Float64Array(sizeOf(shape))
  for (let row = 0; row * classes < data.length; row++) {
    const label = target.data[row]!
    if (label >= 0 && label < classes) data[row * classes + label] = 1
  }
  return { shape, data }
}

function withoutOnes(shape: Shape): Shape {
  return shape.slice(0, shape.findLastIndex(extent => extent !== 1) + 1)
}

/** One weight for each value of the predictions. A weight for each row counts for all of its classes. */
export function weightsLike({ shape }: MetricValues, sampleWeight: MetricValues): Float64Array {
  const column = { shape: [...sampleWeight.shape, 1], data: sampleWeight.data }
  return broadcastTo(column.shape.length > shape.length ? sampleWeight : column, shape)
}

/** The place of the largest value of each row (the first of equals); of rows of one value, whether it is above 0.5. */
export function largestOfRows(data: ArrayLike<number>, classes: number): Int32Array {
  return Int32Array.from({ length: data.length / classes }, (_, row) => {
    if (classes === 1) return data[row]! > 0.5 ? 1 : 0
    let best = 0
    for (let place = 1; place < classes; place++) {
      if (data[row * classes + place]! > data[row * classes + best]!) best = place
    }
    return best
  })
}

/** Drops a last axis of extent 1 where one array has one axis more than the other. */
export function matchRanks(a: MetricValues, b: MetricValues): [MetricValues, MetricValues] {
  if (a.shape.length === b.shape.length + 1 && a.shape.at(-1) === 1) return [squeezed(a), b]
  if (b.shape.length === a.shape.length + 1 && b.shape.at(-1) === 1) return [a, squeezed(b)]
  return [a, b]
}

/** NumPy's broadcast of an array to a shape. Throws UserError when it does not fit. */
export function broadcastTo(values: MetricValues, shape: Shape): Float64Array {
  const fits = broadcastShapes(values.shape, shape)
  if (fits === undefined || !sameShape(fits, shape)) {
    throw new UserError({
      what: 'Sample weights do not fit the predictions.',
      expected: `a shape that broadcasts to ${formatShape(shape)}`,
      received: formatShape(values.shape),
    })
  }
  const strides = stridesOf(values.shape)
  const lead = shape.length - values.shape.length
  const outer = stridesOf(shape)
  return Float64Array.from({ length: sizeOf(shape) }, (_, index) => {
    let source = 0
    for (let axis = lead; axis < shape.length; axis++) {
      const place = Math.floor(index / outer[axis]!) % shape[axis]!
      if (values.shape[axis - lead]! > 1) source += place * strides[axis - lead]!
    }
    return values.data[source]!
  })
}

/** The mean over all axes from `axis` on. */
export function meanFrom(values: MetricValues, axis: number): MetricValues {
  const shape = values.shape.slice(0, axis)
  const run = sizeOf(values.shape.slice(axis))
  if (run === 1) return { shape, data: values.data }
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, index) => {
    let sum = 0
    for (let place = 0; place < run; place++) sum += values.data[index * run + place]!
    return sum / run
  })
  return { shape, data }
}

function squeezed(values: MetricValues): MetricValues {
  return { shape: values.shape.slice(0, -1), data: values.data }
}

/** 0 where the divisor is 0. */
export const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b)

/** One weight for each row of the predictions. */
export function rowWeights(prediction: MetricValues, { shape, data }: MetricValues): Float64Array {
  const rows = prediction.shape.slice(0, -1)
  const perRow = shape.length === prediction.shape.length && shape.at(-1) === 1 ? shape.slice(0, -1) : shape
  const missing = new Array<number>(Math.max(0, rows.length - perRow.length)).fill(1)
  return broadcastTo({ shape: [...perRow, ...missing], data }, rows)
}
