/** Sums over all axes but the last, one section of them for each slice. */
import type { Access } from '../plan/types.ts'
import { elementAddress } from './address.ts'
import type { KernelBuilder } from './builder.ts'
import type { Value } from './ir.ts'
import { vectorLoop } from './nest.ts'

/** Byte address of a slice's sums. */
export function sumsStart(k: KernelBuilder, access: Access, section: Value, channels: number): Value {
  return k.let(elementAddress(k, access, k.mul(section, channels)))
}

export function clearSums(k: KernelBuilder, start: Value, channels: number): void {
  vectorLoop(k, channels, (channel, lanes) => k.store(k.add(start, k.mul(channel, 4)), k.vec(0), 0, lanes))
}
