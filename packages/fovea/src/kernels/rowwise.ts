/** Along the last axis: softmax, its logarithm, and the position of the largest element. */
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import { log } from './double-math.ts'
import { vectorLoop } from './nest.ts'
import type { KernelPart } from './part.ts'
import { eachRow, emitSoftmax, type Rowwise, sumOfPowers } from './softmax.ts'

export function emitRowwise(k: KernelBuilder, spec: Rowwise, part: KernelPart): void {
  if (spec.fn === 'softmax') emitSoftmax(k, spec, part)
  else if (spec.fn === 'logSoftmax') emitLogSoftmax(k, spec, part)
  else emitArgmax(k, spec, part)
}

function emitLogSoftmax(k: KernelBuilder, spec: Rowwise, part: KernelPart): void {
  eachRow(k, spec, part, row => {
    const y = k.let(elementAddress(k, spec.y, k.mul(row.index, spec.width)))
    const logarithm = log(
      k,
      sumOfPowers(k, spec, row, () => {}),
    )
    vectorLoop(k, spec.width, (index, lanes) =>
      k.store(k.add(y, k.mul(index, 4)), k.sub(k.sub(row.at(index), row.largest), logarithm), 0, lanes),
    )
  })
}

/** The first index whose element equals the largest (0 when none does: a row of NaN). */
function emitArgmax(k: KernelBuilder, spec: Rowwise, part: KernelPart): void {
  eachRow(k, spec, part, ({ index: row, start, largest }) => {
    const most = k.let(k.lane(largest, 0))
    const found = k.variable(k.int(0))
    const last = spec.width - 1
    k.loop(0, spec.width, 1, step => {
      const index = k.let(k.sub(k.int(last), step))
      found.set(k.select(k.compare('eq', k.load('f32', k.add(start, k.mul(index, 4))), most), index, found.get))
    })
    k.store(elementAddress(k, spec.y, row), k.floatOf('toFloat', found.get))
  })
}
