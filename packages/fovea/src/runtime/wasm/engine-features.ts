/**
 * What the engine around us allows. It is asked by the smallest modules that use a feature, which an engine without it does not take. Where
 * WebAssembly is forbidden or too old, the error says which switch, policy or version that depends on.
 */
import type { WebAssemblyModule } from './web-assembly.ts'

const header = [0, 97, 115, 109, 1, 0, 0, 0]
const returnsVector = [...header, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0]
/** i32.const 0, i8x16.splat, i8x16.popcnt */
const simdModule = Uint8Array.of(...returnsVector, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11)
/** i8x16.relaxed_swizzle of two splats */
const relaxedModule = Uint8Array.of(
  ...[...returnsVector, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
)
/** A shared memory and an atomic load. */
const threadsModule = Uint8Array.of(
  ...[...header, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0, 65, 0, 254, 16, 2, 0, 26, 11],
)

const takes = (code: Uint8Array<ArrayBuffer>): boolean =>
  typeof WebAssembly !== 'undefined' && WebAssembly.validate(code)

export const hasSimd = (): boolean => takes(simdModule)
export const hasRelaxedSimd = (): boolean => takes(relaxedModule)
export const hasThreads = (): boolean => takes(threadsModule)

/** Throws UserError where no program of ours can run. */
export async function checkEngine(): Promise<void> {
  if (hasSimd()) return
  const { noSimd, noWebAssembly } = await import('./refusals.ts')
  throw typeof WebAssembly === 'undefined' ? noWebAssembly() : noSimd()
}

/** Code to be instantiated. Throws UserError where a policy forbids it. */
export async function compiledModule(code: Uint8Array<ArrayBuffer>): Promise<WebAssemblyModule> {
  try {
    return await WebAssembly.compile(code)
  } catch (error) {
    throw (await import('./refusals.ts')).forbidden(String(error)) ?? error
  }
}
