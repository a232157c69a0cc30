/** What host-side metrics are made of: small arrays with a shape, the state of a metric, and Keras's rules for bringing targets, predictions and sample weights to one shape. */
import { UserError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import type { Fields } from '../base/schema.ts'
import { broadcastShapes, formatShape, type Shape, sameShape, sizeOf, stridesOf } from '../base/shape.ts'

export interface Values {
  readonly shape: Shape
  readonly data: ArrayLike<number>
}

export interface MetricState {
  /** Adds a batch. Shapes have the batch first; weights broadcast to the predictions. */
  update(target: Values, prediction: Values, sampleWeight?: Values): void
  /** One number, or one for each threshold or class. */
  result(): number | readonly number[]
  reset(): void
}

/** Adds and averages plain values, for Keras's Mean and Sum. */
export interface ValuesState {
  update(values: Values, sampleWeight?: Values): void
  result(): number
  reset(): void
}

export interface MetricStateRule {
  readonly options: Fields
  make(config: Readonly<Record<string, Json>>): MetricState
}

/** Drops a last axis of extent 1 where one array has one axis more than the other. */
export function matchRanks(a: Values, b: Values): [Values, Values] {
  if (a.shape.length === b.shape.length + 1 && a.shape.at(-1) === 1) return [squeezed(a), b]
  if (b.shape.length === a.shape.length + 1 && b.shape.at(-1) === 1) return [a, squeezed(b)]
  return [a, b]
}

/** NumPy's broadcast of an array to a shape. Throws UserError when it does not fit. */
export function broadcastTo(values: Values, shape: Shape): Float64Array {
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
export function meanFrom(values: Values, axis: number): Values {
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

function squeezed(values: Values): Values {
  return { shape: values.shape.slice(0, -1), data: values.data }
}

/** 0 where the divisor is 0. */
export const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b)
