/** Softmax, its logarithm and the position of the largest element, along the last axis; each row is one sum in a fixed order. */
import type { Spec } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { joinLanes, maskLanes, takeLanes } from './lanes.ts'
import { exp } from './math.ts'
import type { Range } from './matmul.ts'
import { vectorLoop } from './nest.ts'

type Rowwise = Extract<Spec, { kind: 'rowwise' }>

export function emitRowwise(k: KernelBuilder, spec: Rowwise, rows: Range): void {
  const { width, fn } = spec
  k.loop(rows.begin, rows.end, 1, row => {
    const x = k.let(elementAddress(k, spec.x, k.mul(row, width)))
    const at = (index: Value): Value => k.load('vec', k.add(x, k.mul(index, 4)))
    const most = k.variable(k.vec(Number.NEGATIVE_INFINITY))
    vectorLoop(k, width, (index, lanes) =>
      takeLanes(k, most, maskLanes(k, at(index), lanes, Number.NEGATIVE_INFINITY), lanes, 'max'),
    )
    const largest = k.let(k.splat(joinLanes(k, most.get, 'max')))
    if (fn === 'argmax') {
      emitArgmax(k, spec, row, x, k.let(k.lane(largest, 0)))
      return
    }
    const y = k.let(elementAddress(k, spec.y, k.mul(row, width)))
    const put = (index: Value, value: Value, lanes: number): void => k.store(k.add(y, k.mul(index, 4)), value, 0, lanes)
    const sum = k.variable(k.vec(0))
    vectorLoop(k, width, (index, lanes) => {
      const power = exp(k, k.let(k.sub(at(index), largest)))
      takeLanes(k, sum, maskLanes(k, power, lanes, 0), lanes, 'sum')
      if (fn === 'softmax') put(index, power, lanes)
    })
    const total = k.let(k.splat(joinLanes(k, sum.get, 'sum')))
    if (fn === 'softmax') {
      vectorLoop(k, width, (index, lanes) => put(index, k.div(k.load('vec', k.add(y, k.mul(index, 4))), total), lanes))
    } else {
      const logarithm = k.rarer.log(k, total)
      vectorLoop(k, width, (index, lanes) => put(index, k.sub(k.sub(at(index), largest), logarithm), lanes))
    }
  })
}

/** The first index whose element equals the largest (0 when none does: a row of NaN). */
function emitArgmax(k: KernelBuilder, spec: Rowwise, row: Value, x: Value, largest: Value): void {
  const found = k.variable(k.int(0))
  const last = spec.width - 1
  k.loop(0, spec.width, 1, step => {
    const index = k.let(k.sub(k.int(last), step))
    found.set(k.select(k.compare('eq', k.load('f32', k.add(x, k.mul(index, 4))), largest), index, found.get))
  })
  k.store(elementAddress(k, spec.y, row), k.toFloat(found.get))
}
