/** Softmax along the last axis; each row is one sum in a fixed order. (Its logarithm and the largest element: rowwise.ts.) */
import type { Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { joinLanes, maskLanes, takeLanes } from './lanes.ts'
import { exp } from './math.ts'
import { vectorLoop } from './nest.ts'
import type { KernelPart } from './part.ts'

export type Rowwise = Extract<Spec, { kind: 'rowwise' }>

export function emitSoftmax(k: KernelBuilder, spec: Rowwise, part: KernelPart): void {
  eachRow(k, spec, part, row => {
    const y = k.let(elementAddress(k, spec.y, k.mul(row.index, spec.width)))
    const at = (index: Value): Value => k.add(y, k.mul(index, 4))
    const total = sumOfPowers(k, spec, row, (index, power, lanes) => k.store(at(index), power, 0, lanes))
    vectorLoop(k, spec.width, (index, lanes) => k.store(at(index), k.div(k.load('vec', at(index)), total), 0, lanes))
  })
}

/** A row of the input: its number, where it begins, its elements as vectors, and its largest in every lane. */
export interface Row {
  readonly index: Value
  readonly start: Value
  at(index: Value): Value
  readonly largest: Value
}

/** The rows of one call: there may be several for each row of the batch. */
export function eachRow(
  k: KernelBuilder,
  { x, width, rows }: Rowwise,
  { range, byRows }: KernelPart,
  body: (row: Row) => void,
): void {
  const first = (index: Value): Value => (byRows ? k.times(index, rows) : index)
  k.loop(first(range.begin), first(range.end), 1, index => {
    const start = k.let(elementAddress(k, x, k.mul(index, width)))
    const at = (element: Value): Value => k.load('vec', k.add(start, k.mul(element, 4)))
    const most = k.variable(k.vec(Number.NEGATIVE_INFINITY))
    vectorLoop(k, width, (element, lanes) =>
      takeLanes(k, most, maskLanes(k, at(element), lanes, Number.NEGATIVE_INFINITY), lanes, 'max'),
    )
    body({ index, start, at, largest: k.let(k.splat(joinLanes(k, most.get, 'max'))) })
  })
}

/** Σ e^(x − largest) of a row, in every lane; `take` is given each of the powers. */
export function sumOfPowers(
  k: KernelBuilder,
  { width }: Rowwise,
  { at, largest }: Row,
  take: (index: Value, power: Value, lanes: number) => void,
): Value {
  const sum = k.variable(k.vec(0))
  vectorLoop(k, width, (index, lanes) => {
    const power = exp(k, k.let(k.sub(at(index), largest)))
    takeLanes(k, sum, maskLanes(k, power, lanes, 0), lanes, 'sum')
    take(index, power, lanes)
  })
  return k.let(k.splat(joinLanes(k, sum.get, 'sum')))
}
