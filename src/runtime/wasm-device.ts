/**
 * The WebAssembly device: plans the entries, emits one module, lays everything out in one memory and replays. Feeds and results of
 * a few steps lie in memory at once, so that one call runs several steps.
 */
import { InternalError, UserError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import { bytesOf, type NumericArray, sizeOf } from '../base/shape.ts'
import type { Node, StepGraph } from '../graph/node.ts'
import { control } from '../kernels/wasm/barrier.ts'
import { emitProgram, type Probe, probesOf } from '../kernels/wasm/program.ts'
import { type ProgramPlan, planProgram } from '../plan/plan.ts'
import type { Plan } from '../plan/types.ts'
import type { CompileOptions, Device, Feed, Program, StepOutputs } from './device.ts'
import { PAGE, viewOf } from './wasm/memory.ts'
import { readOrdered, writeOrdered } from './wasm/order.ts'
import { ALONE_SECONDS, Runner } from './wasm/runner.ts'
import { disposedOf, type StartedWorkers, singleThread, startWorkers, type Threads } from './wasm/threads.ts'

export interface WasmOptions {
  /** Bytes left free (filled with NaN) behind every buffer, for tests that watch for overruns. */
  readonly guard?: number
  /** Measures the time of every kernel and wait, for `profileProgram`. */
  readonly profile?: boolean
  /** Longest run of one step, in estimated seconds, that the caller's thread does itself; a millisecond unless tests want the workers. */
  readonly aloneSeconds?: number
}

/**
 * Steps whose inputs and outputs are in memory at once: as many as fit into these bytes, so that a call of several steps costs
 * little more than its steps and the inputs stay in the cache.
 */
const SLOT_BYTES = 1 << 20
const MOST_SLOTS = 64
/** Each is a worker with an engine of its own: thousands would end the process. */
const MOST_THREADS = 256

export function wasmDevice(host: Host, deviceOptions: WasmOptions = {}): Device {
  return {
    name: 'wasm',
    async compile(entries, options = {}) {
      const started = host.now()
      const threads = threadCount(host, options)
      const workers = threads > 1 ? startWorkers(host, threads) : undefined
      try {
        return await compileProgram(host, entries, { ...options, ...deviceOptions, threads, started }, workers)
      } catch (error) {
        await workers?.end(error as Error)
        throw error
      }
    },
  }
}

async function compileProgram(
  host: Host,
  entries: Readonly<Record<string, StepGraph>>,
  options: CompileOptions & WasmOptions & { readonly threads: number; readonly started: number },
  workers: StartedWorkers | undefined,
): Promise<WasmProgram> {
  const { threads, started } = options
  const shared = workers !== undefined
  const plan = planProgram(entries, {
    slots: slotCount(entries),
    start: control.end,
    guard: options.guard ?? 0,
    ...(options.algorithm && { algorithm: options.algorithm }),
  })
  const probes = options.profile ? probesOf(plan.entries) : undefined
  // Sums of a profile lie behind a thread's scratch memory, in cache lines of their own.
  const own = {
    start: plan.scratchStart,
    stride: plan.scratchStride + (probes ? Math.ceil(probes.length / 8) * 64 : 0),
    ...(probes && { profile: { offset: plan.scratchStride, probes: probes.length } }),
  }
  const end = own.start + threads * own.stride
  const pages = Math.ceil(end / PAGE)
  if (pages > PAGE) {
    throw new UserError({
      what: 'The model does not fit into WebAssembly memory.',
      expected: 'at most 4 GiB for weights, optimizer state, activations and feeds',
      received: `${(end / 2 ** 30).toFixed(2)} GiB`,
      fix: 'use a smaller batch size or a smaller model',
    })
  }
  const contract = options.numerics === 'fast' && hasRelaxedSimd(host)
  const code = emitProgram(plan.entries, { pages, shared, contract, profile: probes !== undefined })
  const memory = newMemory(pages, shared)
  const module = await WebAssembly.compile(code)
  const pool = workers ? await workers.load(module, memory, own) : await singleThread(module, memory, own, host.now)
  const info = {
    device: 'wasm',
    threads,
    compileSeconds: (host.now() - started) / 1000,
    memoryBytes: pages * PAGE,
    codeBytes: code.length,
  }
  const aloneSeconds = probes ? 0 : (options.aloneSeconds ?? ALONE_SECONDS)
  return new WasmProgram(plan, memory, pool, aloneSeconds, info, probes && { probes, ...own })
}

interface Profiled {
  readonly probes: readonly Probe[]
  readonly start: number
  readonly stride: number
}

export class WasmProgram implements Program {
  readonly info: Program['info']
  /** For tests: where everything lies, and the bytes themselves. */
  readonly plan: ProgramPlan
  private memory: WebAssembly.Memory | undefined
  private readonly threads: Threads
  private readonly runner: Runner
  private running = false
  private broken: Error | undefined
  private readonly profile: Profiled | undefined

  constructor(
    plan: ProgramPlan,
    memory: WebAssembly.Memory,
    threads: Threads,
    aloneSeconds: number,
    info: Program['info'],
    profile?: Profiled,
  ) {
    this.runner = new Runner(plan, threads, info.threads, aloneSeconds)
    this.profile = profile
    this.plan = plan
    this.memory = memory
    this.threads = threads
    this.info = info
  }

  get bytes(): ArrayBufferLike {
    if (!this.memory) throw disposedOf()
    return this.memory.buffer
  }

  async run(entry: string, steps: number, feed: Feed): Promise<StepOutputs[]> {
    const plan = this.plan.entries.find(candidate => candidate.name === entry)
    if (!plan)
      throw new InternalError(
        'runtime',
        `no entry ${entry}; there are ${this.plan.entries.map(candidate => candidate.name).join(', ')}`,
      )
    if (this.running)
      throw new UserError({
        what: 'The model is busy with another run.',
        fix: 'await the first call before the next one',
      })
    this.check()
    this.running = true
    try {
      const outputs: StepOutputs[] = []
      for (let first = 0; first < steps; first += this.plan.slots) {
        const count = Math.min(this.plan.slots, steps - first)
        const rows: number[] = []
        for (let slot = 0; slot < count; slot++) rows.push(this.fill(plan, slot, slots => feed(first + slot, slots)))
        try {
          await this.runner.run(plan, rows, steps === 1)
        } catch (error) {
          this.broken = error as Error
          throw error
        }
        for (let slot = 0; slot < count; slot++) outputs.push(this.collect(plan, slot, rows[slot]!))
      }
      return outputs
    } finally {
      this.running = false
    }
  }

  async readStates(names: readonly string[] = [...this.plan.states.keys()]): Promise<Record<string, Float32Array>> {
    return Object.fromEntries(
      names.map(name => {
        const { buffer, shape } = this.state(name)
        return [name, readOrdered(viewOf(this.bytes, buffer) as Float32Array, buffer.layout, shape)]
      }),
    )
  }

  async writeStates(values: Readonly<Record<string, ArrayLike<number>>>): Promise<void> {
    this.runner.statesChanged()
    for (const [name, value] of Object.entries(values)) {
      const { buffer, shape } = this.state(name)
      if (value.length !== buffer.size) {
        throw new UserError({
          what: `The state '${name}' cannot take this many values.`,
          expected: `${buffer.size} values`,
          received: `${value.length} values`,
        })
      }
      writeOrdered(viewOf(this.bytes, buffer) as Float32Array, buffer.layout, shape, value)
    }
  }

  /** Milliseconds of every thread in every probe since the last call. */
  takeTimes(): { readonly probe: Probe; readonly milliseconds: readonly number[] }[] {
    if (!this.profile) throw new InternalError('runtime', 'the program was compiled without a profile')
    const { probes, start, stride } = this.profile
    const sums = Array.from(
      { length: this.info.threads },
      (_, thread) => new Float64Array(this.bytes, start + thread * stride + this.plan.scratchStride, probes.length),
    )
    const times = probes.map((probe, index) => ({ probe, milliseconds: sums.map(sum => sum[index]!) }))
    for (const sum of sums) sum.fill(0)
    return times
  }

  async dispose(): Promise<void> {
    await this.threads.dispose()
    this.memory = undefined
  }

  /** A run that failed may have left a step half done: then no number of the program is given out any more. */
  private check(): void {
    if (!this.memory) throw disposedOf()
    if (!this.broken) return
    throw new UserError({
      what: 'The program is broken: a run of it failed.',
      received: this.broken.message,
      fix: 'compile the model again and start from saved weights',
    })
  }

  private state(name: string) {
    this.check()
    const state = this.plan.states.get(name)
    if (!state)
      throw new InternalError('runtime', `no state ${name}; there are ${[...this.plan.states.keys()].join(', ')}`)
    return state
  }

  private fill(plan: Plan, slot: number, feed: (slots: Record<string, NumericArray>) => number): number {
    const base = this.plan.feedStart + slot * this.plan.feedStride
    const n = feed(
      Object.fromEntries(
        plan.inputs.map(({ node, buffer }) => [node.attributes.name, viewOf(this.bytes, buffer, base)]),
      ),
    )
    if (!Number.isInteger(n) || n < 1 || n > plan.batch) {
      throw new InternalError('runtime', `a step has ${n} rows; the program was compiled for 1 to ${plan.batch}`)
    }
    return n
  }

  private collect(plan: Plan, slot: number, n: number): StepOutputs {
    const base = this.plan.resultStart + slot * this.plan.resultStride
    return Object.fromEntries(
      plan.outputs.map(({ name, node, buffer }) => {
        const all = readOrdered(viewOf(this.bytes, buffer, base) as Float32Array, buffer.layout, node.shape)
        return [name, node.batched ? all.slice(0, (all.length / plan.batch) * n) : all]
      }),
    )
  }
}

function newMemory(pages: number, shared: boolean): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared })
  } catch (error) {
    throw new UserError({
      what: 'The memory for the model cannot be had here.',
      expected: `${((pages * PAGE) / 2 ** 20).toFixed(0)} MiB in one piece`,
      received: String(error),
      fix: 'use a smaller batch size or close other programs',
    })
  }
}

function threadCount(host: Host, options: CompileOptions): number {
  const wanted = options.threads ?? Math.min(host.cores, MOST_THREADS)
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > MOST_THREADS) {
    throw new UserError({
      what: 'The number of threads cannot be used.',
      expected: `an integer from 1 to ${MOST_THREADS}`,
      received: String(wanted),
    })
  }
  if (wanted > 1 && !host.sharedMemory && options.threads !== undefined) {
    throw new UserError({
      what: `${wanted} threads cannot share memory here.`,
      expected: 'a page that is cross-origin isolated',
      fix: 'serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or ask for 1 thread',
    })
  }
  return host.sharedMemory ? wanted : 1
}

function slotCount(entries: Readonly<Record<string, StepGraph>>): number {
  const bytes = (nodes: readonly Node[]): number =>
    nodes.reduce((sum, node) => sum + sizeOf(node.shape) * bytesOf[node.dtype] + 128, 64)
  const most = (nodesOf: (graph: StepGraph) => readonly Node[]): number =>
    Math.max(...Object.values(entries).map(graph => bytes(nodesOf(graph))))
  const slot = most(graph => graph.inputs) + most(graph => graph.outputs.map(output => output.node))
  return Math.max(1, Math.min(MOST_SLOTS, Math.floor(SLOT_BYTES / slot)))
}

/** A module with one f32x4.relaxed_madd. */
const relaxedProbe = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 8, 1, 0x60, 3, 0x7b, 0x7b, 0x7b, 1, 0x7b, 3, 2, 1, 0, 10, 13, 1, 11, 0, 0x20, 0,
  0x20, 1, 0x20, 2, 0xfd, 0x85, 0x02, 0x0b,
])

/** Whether the engine contracts multiply-add (after switching it on where it is behind a flag). */
export function hasRelaxedSimd(host: Host): boolean {
  if (WebAssembly.validate(relaxedProbe)) return true
  host.enableRelaxedSimd?.()
  return WebAssembly.validate(relaxedProbe)
}
