/**
 * The WebAssembly device: plans the entries, lays everything out in one memory, turns entries into code and replays. Feeds and results
 * of a few steps lie in memory at once, so that one call runs several steps.
 */
import { UserError } from '../base/errors.ts'
import type { Host } from '../base/host.ts'
import type { CompileSettings, Device } from './device.ts'
import { checkEngine, hasRelaxedSimd, hasThreads } from './wasm/engine-features.ts'
import { type Graphs, memoryOf, type PartOptions, partOf, planPart } from './wasm/part.ts'
import { ALONE_SECONDS } from './wasm/runner.ts'
import { singleThread } from './wasm/threads.ts'
import type { StartedWorkers } from './wasm/workers.ts'
import { WasmProgram } from './wasm-program.ts'

export interface WasmOptions {
  /** Bytes left free (filled with NaN) behind every buffer, for tests that watch for overruns. */
  readonly guard?: number | undefined
  /** Measures the time of every kernel and wait, for `profileProgram`. */
  readonly profile?: PartOptions['profile'] | undefined
  /** Longest run of one step, in estimated seconds, that the caller's thread does itself; 0.0025 unless tests want the workers. */
  readonly aloneSeconds?: number | undefined
}

/** Each is a worker with an engine of its own: thousands would end the process. */
const MOST_THREADS = 256

export function wasmDevice(host: Host, deviceOptions: WasmOptions = {}): Device {
  return {
    name: 'wasm',
    async compile(entries, options = {}) {
      await checkEngine()
      const settings = { ...options, ...deviceOptions, started: host.now() }
      const workers = await workersFor(host, options)
      try {
        return await compileProgram(host, entries, settings, workers)
      } catch (error) {
        await workers?.end(error as Error)
        if (workers?.refusal === undefined || options.threads !== undefined) throw error
        const { sayAlone } = await import('./wasm/workers.ts')
        sayAlone(workers.refusal)
        return compileProgram(host, entries, settings, undefined)
      }
    },
  }
}

async function compileProgram(
  host: Host,
  graphs: Graphs,
  options: CompileSettings & WasmOptions & { readonly started: number },
  workers: StartedWorkers | undefined,
): Promise<WasmProgram> {
  const { profile } = options
  const settings: PartOptions = {
    threads: workers?.count ?? 1,
    shared: workers !== undefined,
    contract: options.numerics === 'fast' && contracts(host),
    ...(profile && { profile }),
    guard: options.guard ?? 0,
    ...(options.algorithm && { algorithm: options.algorithm }),
    ...(host.memoryLeft && { memoryLeft: host.memoryLeft }),
    aloneSeconds: profile ? 0 : (options.aloneSeconds ?? ALONE_SECONDS),
  }
  const plan = await planPart(graphs, settings)
  const memory = await memoryOf(graphs, plan, settings)
  const pool = workers ? workers.over(memory) : singleThread(memory, host.now)
  const part = partOf(graphs, plan, pool, settings)
  // Marks are numbered over all entries, so a profile takes them together.
  const first = profile ? undefined : options.first
  await part.modules.load(plan.entries.filter(({ name }) => first?.includes(name) ?? true))
  return new WasmProgram(host, { pool, memory, part, settings, seconds: (host.now() - options.started) / 1000 })
}

async function threadCount(host: Host, options: CompileSettings): Promise<number> {
  const wanted = options.threads ?? Math.min(host.cores, MOST_THREADS)
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > MOST_THREADS)
    throw (await import('./wasm/refusals.ts')).noSuchCount(wanted, MOST_THREADS)
  const shared = host.sharedMemory && hasThreads()
  if (wanted > 1 && !shared && options.threads !== undefined)
    throw (await import('./wasm/refusals.ts')).noSharedMemory(wanted)
  return shared ? wanted : 1
}

/** None for a single thread. Where the system gives none and nobody asked for a number of them, the caller's thread has to do. */
async function workersFor(host: Host, options: CompileSettings): Promise<StartedWorkers | undefined> {
  const count = await threadCount(host, options)
  if (count === 1) return undefined
  const { sayAlone, startWorkers } = await import('./wasm/workers.ts')
  try {
    return await startWorkers(host, count)
  } catch (error) {
    if (!(error instanceof UserError) || options.threads !== undefined) throw error
    sayAlone(error)
    return undefined
  }
}

/** Whether the engine contracts multiply-add (after switching it on where it is behind a flag). */
export function contracts(host: Host): boolean {
  if (!hasRelaxedSimd()) host.enableRelaxedSimd?.()
  return hasRelaxedSimd()
}
