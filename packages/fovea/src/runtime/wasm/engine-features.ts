/**
 * What the engine around us allows. It is asked by the smallest modules that use a feature, which an engine without it does not take. Where
 * WebAssembly is forbidden or too old, the error says which switch, policy or version that depends on.
 */
import { UserError } from '../../base/errors.ts'
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
export function checkEngine(): void {
  if (typeof WebAssembly === 'undefined') {
    throw new UserError({
      what: 'There is no WebAssembly here.',
      expected: 'an engine with WebAssembly',
      fix: 'start Node without --jitless, or switch Lockdown Mode off for this page; slowly, referenceDevice() does without it',
    })
  }
  if (hasSimd()) return
  throw new UserError({
    what: 'WebAssembly has no SIMD here.',
    expected: 'Node 20.19, Chromium 91, Firefox 89, Safari 16.4 or newer, on a processor with SSE4.1 or NEON',
    fix: 'update the browser or Node; slowly, referenceDevice() does without it',
  })
}

/** Code to be instantiated. Throws UserError where a policy forbids it. */
export async function compiledModule(code: Uint8Array<ArrayBuffer>): Promise<WebAssemblyModule> {
  try {
    return await WebAssembly.compile(code)
  } catch (error) {
    throw forbidden(String(error)) ?? error
  }
}

function forbidden(received: string): UserError | undefined {
  if (/content.?security.?policy|\bCSP\b|unsafe-eval/i.test(received)) {
    return new UserError({
      what: "The page's content security policy forbids WebAssembly.",
      expected: "'wasm-unsafe-eval' in its directive script-src",
      received,
      fix: "send Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'; worker-src blob:",
    })
  }
  if (!/disallowed by embedder/i.test(received)) return undefined
  return new UserError({
    what: 'WebAssembly that is written while the program runs is forbidden here.',
    expected: 'a page or a Node of your own; edge functions take modules only from files',
    received,
    fix: 'ask the model in Node or in the page',
  })
}
