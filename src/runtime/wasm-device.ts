/**
 * The WebAssembly device: plans the entries, lays everything out in one memory, turns entries into code and replays. Feeds and results
 * of a few steps lie in memory at once, so that one call runs several steps.
 */
import { UserError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import { bytesOf, sizeOf } from '../base/shape.ts'
import type { Node, StepGraph } from '../graph/node.ts'
import { control } from '../kernels/wasm/barrier.ts'
import { probesOf } from '../kernels/wasm/program.ts'
import { planProgram } from '../plan/plan.ts'
import { wasm128 } from '../plan/target.ts'
import type { CompileOptions, Device } from './device.ts'
import { PAGE } from './wasm/memory.ts'
import { Modules } from './wasm/modules.ts'
import { ALONE_SECONDS, Runner } from './wasm/runner.ts'
import { type StartedWorkers, singleThread, startWorkers } from './wasm/threads.ts'
import { WasmProgram } from './wasm-program.ts'

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
    target: wasm128,
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
  const memory = newMemory(pages, shared)
  const pool = workers ? workers.over(memory, own) : singleThread(memory, own, host.now)
  const modules = new Modules(plan.entries, pool, { pages, shared, contract, profile: probes !== undefined })
  // Marks are numbered over all entries, so a profile takes them together.
  const first = probes ? undefined : options.first
  await modules.load(plan.entries.filter(({ name }) => first?.includes(name) ?? true))
  const runner = new Runner(plan, pool, threads, probes ? 0 : (options.aloneSeconds ?? ALONE_SECONDS))
  const compileSeconds = (host.now() - started) / 1000
  const compiled = { plan, pool, modules, runner, threads, memoryBytes: pages * PAGE, compileSeconds }
  return new WasmProgram(host, compiled, memory, probes && { probes, ...own })
}

function newMemory(pages: number, shared: boolean): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared })
  } catch (error) {
    throw new UserError({
      what: 'The memory for the model cannot be had here.',
      expected: `${((pages * PAGE) / 2 ** 20).toFixed(0)} MiB in one piece`,
      received: String(error),
      fix: 'use a smaller batch size, close other programs, or raise the limit on addresses (ulimit -v): engines reserve 8 GiB of them for each memory',
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
