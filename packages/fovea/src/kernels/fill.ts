/** One number everywhere: what lies around a padded tensor. */
import { sizeOf } from '../base/shape.ts'
import type { SpecOf } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Range } from './matmul.ts'
import { vectorLoop } from './nest.ts'

export function emitFill(k: KernelBuilder, spec: SpecOf<'fill'>, range: Range): void {
  const size = sizeOf(spec.shape.slice(spec.batched ? 1 : 0))
  const rows = spec.batched ? range : { begin: k.int(0), end: k.int(1) }
  k.loop(rows.begin, rows.end, 1, row => {
    const start = k.let(elementAddress(k, spec.to, k.mul(row, size)))
    vectorLoop(k, size, (index, lanes) => k.store(k.add(start, k.mul(index, 4)), k.vec(spec.value), 0, lanes))
  })
}
