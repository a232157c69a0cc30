/** Runs the steps of modules right here, where there is one thread only. (On a pool of workers: workers.ts.) */
import { InternalError, UserError } from '../../base/errors.ts'
import type { WebAssemblyMemory, WebAssemblyModule } from './web-assembly.ts'

export interface StepsRequest {
  readonly entry: string
  /** Real rows of each step. */
  readonly rows: readonly number[]
  readonly feed: number
  readonly feedStride: number
  readonly result: number
  readonly resultStride: number
}

/** Where each thread finds memory of its own while it runs an entry. */
export interface ThreadMemory {
  readonly start: number
  readonly stride: number
  /** Bytes into it at which a profile's sums begin, and their number; without it nothing is measured. */
  readonly profile?: { readonly offset: number; readonly probes: number }
}

export interface Threads {
  /** Makes the entries of a module known, in place of those with the same names. */
  load(module: WebAssemblyModule, own: ThreadMemory): Promise<void>
  /** From here on all steps run on this memory: of everything that was loaded, or of what will be. */
  moveTo(memory: WebAssemblyMemory, keeps: 'everything' | 'nothing'): Promise<void>
  /** `alone`: of a short step, whether the caller's thread is expected to be quicker than to wake the others; undefined: all of them do it. */
  run(request: StepsRequest, alone?: boolean): Promise<void>
  dispose(): Promise<void>
}

type EntryFunction = (
  thread: number,
  threads: number,
  rows: number,
  feed: number,
  result: number,
  scratch: number,
) => void

export interface Loaded {
  readonly module: WebAssemblyModule
  readonly own: ThreadMemory
}

/** The modules with one more; those of which it replaces all entries go. */
export function withModule(modules: readonly Loaded[], added: Loaded): Loaded[] {
  const namesOf = ({ module }: Loaded): string[] =>
    WebAssembly.Module.exports(module as WebAssembly.Module).map(({ name }) => name)
  const names = new Set(namesOf(added))
  return [...modules.filter(other => !namesOf(other).every(name => names.has(name))), added]
}

/** One thread: the steps run on the caller's own. */
export function singleThread(memory: WebAssemblyMemory, now: () => number): Threads {
  const entries = new Map<string, { readonly step: EntryFunction; readonly scratch: number }>()
  let current = memory
  let modules: readonly Loaded[] = []

  async function instantiate({ module, own: { start: scratch, profile } }: Loaded): Promise<void> {
    const sums = new Float64Array(current.buffer, scratch + (profile?.offset ?? 0), profile?.probes ?? 0)
    let last = 0
    const mark = (probe: number): void => {
      const time = now()
      sums[probe]! += time - last
      last = time
    }
    const { exports } = await WebAssembly.instantiate(module as WebAssembly.Module, {
      fovea: { memory: current as WebAssembly.Memory, mark },
    })
    for (const [name, step] of Object.entries(exports)) entries.set(name, { step: step as EntryFunction, scratch })
  }

  return {
    async load(module, own) {
      await instantiate({ module, own })
      modules = withModule(modules, { module, own })
    },
    async moveTo(next, keeps) {
      current = next
      entries.clear()
      if (keeps === 'nothing') modules = []
      for (const loaded of modules) await instantiate(loaded)
    },
    async run({ entry, rows, feed, feedStride, result, resultStride }) {
      const { step, scratch } = entries.get(entry)!
      try {
        for (const [index, n] of rows.entries())
          step(0, 1, n, feed + index * feedStride, result + index * resultStride, scratch)
      } catch (error) {
        throw threadFailure(String((error as Error).stack ?? error))
      }
    },
    async dispose() {},
  }
}

export function disposedOf(): UserError {
  return new UserError({ what: 'The program was disposed of.', fix: 'compile the model again' })
}

export function threadFailure(message: string): InternalError {
  return new InternalError('runtime', `a compute thread failed: ${message}`)
}
