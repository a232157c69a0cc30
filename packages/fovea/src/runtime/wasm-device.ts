/**
 * The WebAssembly device: plans the entries, lays everything out in one memory, turns entries into code and replays. Feeds and results
 * of a few steps lie in memory at once, so that one call runs several steps.
 */
import { UserError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import type { CompileSettings, Device } from './device.ts'
import { newMemory } from './wasm/memory.ts'
import { type Graphs, type PartOptions, pagesOf, partOf, planPart } from './wasm/part.ts'
import { ALONE_SECONDS } from './wasm/runner.ts'
import { singleThread } from './wasm/threads.ts'
import type { StartedWorkers } from './wasm/workers.ts'
import { WasmProgram } from './wasm-program.ts'

export interface WasmOptions {
  /** Bytes left free (filled with NaN) behind every buffer, for tests that watch for overruns. */
  readonly guard?: number
  /** Measures the time of every kernel and wait, for `profileProgram`. */
  readonly profile?: boolean
  /** Longest run of one step, in estimated seconds, that the caller's thread does itself; a millisecond unless tests want the workers. */
  readonly aloneSeconds?: number
}

/** Each is a worker with an engine of its own: thousands would end the process. */
const MOST_THREADS = 256

export function wasmDevice(host: Host, deviceOptions: WasmOptions = {}): Device {
  return {
    name: 'wasm',
    async compile(entries, options = {}) {
      const started = host.now()
      const threads = threadCount(host, options)
      const workers = threads > 1 ? (await import('./wasm/workers.ts')).startWorkers(host, threads) : undefined
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
  graphs: Graphs,
  options: CompileSettings & WasmOptions & { readonly threads: number; readonly started: number },
  workers: StartedWorkers | undefined,
): Promise<WasmProgram> {
  const profile = options.profile ?? false
  const settings: PartOptions = {
    threads: options.threads,
    shared: workers !== undefined,
    contract: options.numerics === 'fast' && hasRelaxedSimd(host),
    profile,
    guard: options.guard ?? 0,
    ...(options.algorithm && { algorithm: options.algorithm }),
    aloneSeconds: profile ? 0 : (options.aloneSeconds ?? ALONE_SECONDS),
  }
  const plan = await planPart(graphs, settings)
  const memory = newMemory(pagesOf(plan, settings), settings.shared)
  const pool = workers ? workers.over(memory) : singleThread(memory, host.now)
  const part = partOf(graphs, plan, pool, settings)
  // Marks are numbered over all entries, so a profile takes them together.
  const first = profile ? undefined : options.first
  await part.modules.load(plan.entries.filter(({ name }) => first?.includes(name) ?? true))
  return new WasmProgram(host, { pool, memory, part, settings, seconds: (host.now() - options.started) / 1000 })
}

function threadCount(host: Host, options: CompileSettings): number {
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
