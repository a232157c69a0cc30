/**
 * Where buffers are at run time: arena and state at fixed addresses, feed and result at the current step's slot, a slice in the scratch
 * memory, where its first row is row `begin` of the batch.
 */
import { bytesOf } from '../base/shape.ts'
import type { Access, Buffer } from '../plan/types.ts'
import type { KernelBuilder, Operand } from './builder.ts'
import type { Value } from './ir.ts'

/** Globals every thread sets before a step. */
export const globals = ['rows', 'feed', 'result', 'scratch'] as const

export function baseAddress(k: KernelBuilder, buffer: Buffer): Value {
  if (buffer.space === 'feed') return k.add(k.global('feed'), buffer.offset)
  if (buffer.space === 'result') return k.add(k.global('result'), buffer.offset)
  if (buffer.space === 'slice') {
    const rowBytes = buffer.rowSize * bytesOf[buffer.dtype]
    const first = k.once(`row ${rowBytes}`, () => k.sub(k.global('scratch'), k.mul(k.parameter('begin'), rowBytes)))
    return k.add(first, buffer.offset)
  }
  return k.int(buffer.offset)
}

/** Byte address of an element: base + (offset + element) · bytes. */
export function elementAddress(k: KernelBuilder, access: Access, element: Operand): Value {
  const bytes = bytesOf[access.buffer.dtype]
  return k.add(k.add(k.mul(element, k.int(bytes)), access.offset * bytes), baseAddress(k, access.buffer))
}

/** Byte address of the access's first element. */
export function startOf(k: KernelBuilder, access: Access): Value {
  return elementAddress(k, access, k.int(0))
}

/** The same number, computed now but for a constant summand, which can still become part of a load. */
export function computedNow(k: KernelBuilder, element: Value): Value {
  const [rest, constant] = element.op === 'add' ? element.args : []
  return constant?.op === 'const' ? k.add(k.let(rest!), constant) : k.let(element)
}

/** Byte address of an element of a buffer, computed now. */
export function addressIn(k: KernelBuilder, buffer: Buffer, element: Operand): Value {
  return k.let(elementAddress(k, { buffer, offset: 0, strides: [] }, element))
}
