/**
 * The interpreter device: plans and kernels as every device has them, their statements run in plain JavaScript, at any number of lanes. For
 * tests: it shows that the kernels know no machine, and what their bits are. Threads take turns on the caller's own. It makes code from
 * text, which a page's security policy may forbid.
 */
import { UserError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import { planProgram } from '../plan/plan.ts'
import { type Target, wasm128 } from '../plan/target.ts'
import type { Plan } from '../plan/types.ts'
import { type Machine, machine } from '../targets/interpreter/machine.ts'
import { interpreted } from '../targets/interpreter/program.ts'
import type { CompileOptions, Device } from './device.ts'
import { type EntryCode, PlannedProgram } from './planned-program.ts'
import { ALONE_SECONDS, Runner } from './wasm/runner.ts'
import type { StepThreads } from './wasm/threads.ts'

export interface InterpreterOptions {
  readonly target?: Target
  /** Bytes left free behind every buffer, for tests that watch for overruns. */
  readonly guard?: number
  /** As of the WebAssembly device. */
  readonly aloneSeconds?: number
}

/** Steps whose inputs and outputs are in memory at once. */
const SLOTS = 2
/** Where the first buffer may lie: what is written to address 0 by mistake hits none. */
const START = 256

export function interpreterDevice(host: Pick<Host, 'now'>, options: InterpreterOptions = {}): Device {
  return {
    name: 'interpreter',
    compile: async (entries, compileOptions) => compiled(host, entries, { ...options, ...compileOptions }),
  }
}

async function compiled(
  host: Pick<Host, 'now'>,
  entries: Parameters<Device['compile']>[0],
  {
    target = wasm128,
    guard = 0,
    aloneSeconds = ALONE_SECONDS,
    threads = 1,
    algorithm,
    numerics,
  }: InterpreterOptions & CompileOptions,
): Promise<PlannedProgram> {
  if (numerics === 'fast') {
    throw new UserError({
      what: 'The interpreter contracts no multiply-add.',
      expected: "numerics 'reproducible'",
      received: "'fast'",
    })
  }
  const started = host.now()
  const plan = planProgram(entries, { target, slots: SLOTS, start: START, guard, ...(algorithm && { algorithm }) })
  const bytes = Math.ceil((plan.scratchStart + threads * plan.scratchStride) / 8) * 8
  const memory = new ArrayBuffer(bytes)
  const machines = Array.from({ length: threads }, () => machine(target.lanes, memory))
  const pool = takingTurns(machines, plan.scratchStart, plan.scratchStride)
  const modules = codeOf(plan.entries, target, machines)
  const runner = new Runner(plan, pool, threads, aloneSeconds)
  const compileSeconds = (host.now() - started) / 1000
  const parts = { device: 'interpreter', plan, pool, modules, runner, threads, memoryBytes: bytes, compileSeconds }
  return new PlannedProgram(host, parts, { buffer: memory })
}

/** An entry is made when it first runs, with its preparation. */
function codeOf(plans: readonly Plan[], target: Target, machines: readonly Machine[]): EntryCode {
  const loaded = new Set<Plan>()
  let codeBytes = 0
  return {
    get codeBytes() {
      return codeBytes
    },
    has: entry => loaded.has(entry),
    async load(entries) {
      const names = new Set(entries.flatMap(({ name, preparation }) => [name, preparation]))
      const missing = plans.filter(plan => names.has(plan.name) && !loaded.has(plan))
      const code = interpreted(missing, target)
      for (const each of machines) code.into(each)
      for (const plan of missing) loaded.add(plan)
      codeBytes += code.size
    },
  }
}

/** From barrier to barrier, first to last and then last to first: what depends on the order of threads shows. */
function takingTurns(machines: readonly Machine[], start: number, stride: number): StepThreads {
  const step = (name: string, threads: readonly Machine[], ...places: readonly [number, number, number]): void => {
    let running = threads.map(({ functions }, thread) =>
      functions.get(name)!(thread, threads.length, ...places, start + thread * stride),
    )
    while (running.length > 0) running = running.filter(thread => !thread!.next().done).reverse()
  }
  return {
    async run({ entry, rows, feed, feedStride, result, resultStride }, alone) {
      const threads = alone ? machines.slice(0, 1) : machines
      for (const [index, n] of rows.entries())
        step(entry, threads, n, feed + index * feedStride, result + index * resultStride)
    },
    async dispose() {},
  }
}
