/**
 * The interpreter device: plans and kernels as every device has them, their statements run in plain JavaScript, at any number of lanes. For
 * tests: it shows that the kernels know no machine, and what their bits are. It makes code from text, which a page's security policy may
 * forbid.
 */
import { UserError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import { type Target, wasm128 } from '../plan/target.ts'
import type { Device } from './device.ts'
import { InterpreterProgram } from './interpreter-program.ts'

export interface InterpreterOptions {
  readonly target?: Target | undefined
  /** Bytes left free behind every buffer, for tests that watch for overruns. */
  readonly guard?: number | undefined
}

export function interpreterDevice(
  host: Pick<Host, 'now'>,
  { target = wasm128, guard = 0 }: InterpreterOptions = {},
): Device {
  return {
    name: 'interpreter',
    async compile(entries, { threads = 1, numerics, algorithm } = {}) {
      if (numerics === 'fast') {
        throw new UserError({
          what: 'The interpreter contracts no multiply-add.',
          expected: "numerics 'reproducible'",
          received: "'fast'",
        })
      }
      const options = { target, guard, ...(algorithm && { algorithm }) }
      return InterpreterProgram.of(entries, { threads, options, now: () => host.now() })
    },
  }
}
