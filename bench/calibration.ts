/**
 * What this machine gives right now, measured beside everything else: the multiply-add rate of a 4 × 8 register tile whose operands
 * come from the nearest cache, and the rate of copying. Both are written with the kernel builder, so they are as good as our code
 * can be. The tile runs on workers, alone and on all threads at once.
 */
import type { Host, WorkerHandle } from '../packages/fovea/src/base/host.ts'
import { KernelBuilder } from '../packages/fovea/src/kernels/builder.ts'
import { wasm128 } from '../packages/fovea/src/plan/target.ts'
import { TILE_PAGES, TILE_PASSES, tileCode, tileFlops } from '../packages/fovea/src/runtime/tile-rate.ts'
import { encodeModule } from '../packages/fovea/src/targets/wasm/encode.ts'
import { emitFunction } from '../packages/fovea/src/targets/wasm/function.ts'

/** Copied at once, from one end of a memory of twice as much: too much for any cache of one core. */
const COPIED = 64 << 20

export interface LocalRates {
  /** FLOP/s of the tile. */
  readonly tile: number
  /** Bytes a second, read and written, of a copy that meets no cache. */
  readonly copy: number
}

/** Rates of the calling thread: gives a function that measures them for some 50 ms. */
export function localCalibration(now: () => number): () => LocalRates {
  const pages = (2 * COPIED) / 65536
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(calibrationModule(pages)), { fovea: { memory } })
  const { tile, copy } = exports as Readonly<Record<string, (...args: number[]) => void>>
  const leastTime = (runs: number, work: () => void): number =>
    Math.min(
      ...Array.from({ length: runs }, () => {
        const started = now()
        work()
        return (now() - started) / 1000
      }),
    )
  const measure = (): LocalRates => ({
    tile: tileFlops / leastTime(200, () => tile!(TILE_PASSES)),
    copy: (2 * COPIED) / leastTime(4, () => copy!(0, COPIED, COPIED)),
  })
  // Until the engine has optimised it, and every page of the memory is there.
  measure()
  return measure
}

/** `tile(passes)`: 4 rows × 8 columns of a product; `copy(from, to, bytes)`. */
function calibrationModule(pages = TILE_PAGES): Uint8Array<ArrayBuffer> {
  const context = { functionIndex: () => 0, globalIndex: () => 0, contract: false }
  return encodeModule({
    functions: [tileCode(), copy()].map(code => emitFunction(code, true, context)),
    globals: 1,
    memory: { pages, shared: false },
  })
}

function copy() {
  const k = new KernelBuilder('copy', ['from', 'to', 'bytes'], wasm128)
  const [from, to] = [k.parameter('from'), k.parameter('to')]
  k.loop(0, k.parameter('bytes'), 64, at => {
    for (const offset of [0, 16, 32, 48]) k.store(k.add(to, at), k.load('vec', k.add(from, at), offset), offset)
  })
  return k.finish()
}

/** Runs the tile for `ms` and answers with its FLOP/s. */
const workerSource = `
const port = require('node:worker_threads').parentPort
let tile
port.on('message', async ({ code, ms }) => {
  if (code) {
    const memory = new WebAssembly.Memory({ initial: ${TILE_PAGES}, maximum: ${TILE_PAGES} })
    tile = (await WebAssembly.instantiate(code, { fovea: { memory } })).instance.exports.tile
    port.postMessage(0)
    return
  }
  const started = performance.now()
  let runs = 0
  let now
  do {
    tile(${TILE_PASSES})
    runs++
    now = performance.now()
  } while (now - started < ms)
  port.postMessage((runs * ${tileFlops}) / (now - started) * 1000)
})
`

/** FLOP/s on one thread, and on all (by number of threads). */
export interface Rates {
  readonly one: number
  readonly all: ReadonlyMap<number, number>
}

export interface Calibrator {
  measure(): Promise<Rates>
  close(): Promise<void>
}

/** @param counts numbers of threads; @param ms how long each measurement takes. */
export async function calibrator(host: Host, counts: readonly number[], ms = 60): Promise<Calibrator> {
  const starting = Array.from({ length: Math.max(1, ...counts) }, () => host.startWorker(workerSource))
  const workers = await Promise.all(starting)
  const code = calibrationModule()
  const ask = async (some: readonly WorkerHandle[], message: unknown): Promise<number> => {
    const rates = await Promise.all(some.map(worker => answer(worker, message)))
    return rates.reduce((sum, rate) => sum + rate, 0)
  }
  await ask(workers, { code })
  // Until the engine has optimised it.
  await ask(workers, { ms: 100 })
  return {
    async measure() {
      const one = await ask(workers.slice(0, 1), { ms })
      const all = new Map<number, number>([[1, one]])
      for (const count of counts.filter(each => each > 1)) all.set(count, await ask(workers.slice(0, count), { ms }))
      return { one, all }
    },
    async close() {
      await Promise.all(workers.map(worker => worker.terminate()))
    },
  }
}

const waiting = new WeakMap<WorkerHandle, (rate: number) => void>()

function answer(worker: WorkerHandle, message: unknown): Promise<number> {
  if (!waiting.has(worker)) worker.onMessage(rate => waiting.get(worker)!(rate as number))
  return new Promise(resolve => {
    waiting.set(worker, rate => {
      worker.hold(false)
      resolve(rate)
    })
    worker.hold(true)
    worker.post(message)
  })
}
