/** A compiled program on the WebAssembly device, with the times of its profile. */
import { InternalError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import type { Probe } from '../kernels/wasm/program.ts'
import { type Compiled, PlannedProgram } from './planned-program.ts'

export interface Profiled {
  readonly probes: readonly Probe[]
  readonly start: number
  readonly stride: number
}

export class WasmProgram extends PlannedProgram {
  private readonly profile: Profiled | undefined

  constructor(host: Host, compiled: Compiled, memory: WebAssembly.Memory, profile?: Profiled) {
    super(host, compiled, memory)
    this.profile = profile
  }

  /** Milliseconds of every thread in every probe since the last call. */
  takeTimes(): { readonly probe: Probe; readonly milliseconds: readonly number[] }[] {
    if (!this.profile) throw new InternalError('runtime', 'the program was compiled without a profile')
    const { probes, start, stride } = this.profile
    const sums = Array.from(
      { length: this.compiled.threads },
      (_, thread) => new Float64Array(this.bytes, start + thread * stride + this.plan.scratchStride, probes.length),
    )
    const times = probes.map((probe, index) => ({ probe, milliseconds: sums.map(sum => sum[index]!) }))
    for (const sum of sums) sum.fill(0)
    return times
  }
}
