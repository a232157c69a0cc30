/** Surroundings that lack something: training goes on with one thread and the same bits and says why, or an error names what is missing. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Host, WorkerHandle } from '../../packages/fovea/src/base/host.ts'
import type { StandaloneProgram } from '../../packages/fovea/src/runtime/standalone.ts'
import { startStandalone } from '../../packages/fovea/src/runtime/standalone-run.ts'
import { ensureBuilt } from '../cli/fovea-process.testing.ts'
import { root } from '../source-files.testing.ts'
import { networks } from './networks.testing.ts'
import { buildStep, compile, differences, everything, host } from './runs.testing.ts'

const step = buildStep(networks.odd(), { batch: 6 })

let warned: string[]
beforeEach(() => {
  warned = []
  vi.spyOn(console, 'warn').mockImplementation(text => void warned.push(text))
})
afterEach(() => vi.restoreAllMocks())

let refusal: () => Error

/** A device of its own for each test: what is said once in a process is said anew. */
async function freshDevice(changed: Partial<Host> = {}) {
  vi.resetModules()
  const { UserError } = await import('../../packages/fovea/src/base/errors.ts')
  refusal = () => new UserError({ what: 'No compute thread can be started', received: 'a limit' })
  const { wasmDevice } = await import('../../packages/fovea/src/runtime/wasm-device.ts')
  return wasmDevice({ ...host, cores: 2, ...changed })
}

const throwing = (): WorkerHandle => {
  throw refusal()
}
/** Starts, then ends without having begun, as browsers do with workers that a policy forbids. */
const failing = (source: string): WorkerHandle => ({
  ...host.startWorker(source),
  post() {},
  onMessage() {},
  onError: listener => void setTimeout(() => listener(refusal())),
})
let started = 0
/** Enough for one worker. */
const scarce = (source: string): WorkerHandle => (started++ % 2 === 0 ? host.startWorker(source) : throwing())

describe('where no thread is to be had', () => {
  test.each([
    ['refused at once', { startWorker: throwing }, 1],
    ['refused after a while', { startWorker: failing }, 1],
    ['refused after the first', { startWorker: scarce }, 1],
    ['no shared memory', { sharedMemory: false }, 0],
  ] as const)('%s: one thread, the same bits, said once', async (_, changed, warnings) => {
    const device = await freshDevice(changed)
    const program = await device.compile(step.entries)
    expect(program.info.threads).toBe(1)
    const free = await compile(step, { threads: 2 })
    await program.writeStates(step.states)
    const received = await everything(program, step, 2)
    expect(differences(received, await everything(free, step, 2))).toEqual([])
    await (await device.compile(step.entries)).dispose()
    expect(warned).toHaveLength(warnings)
    for (const text of warned) expect(text).toMatch(/one thread[\s\S]*No compute thread[\s\S]*a limit/)
    await Promise.all([program.dispose(), free.dispose()])
  })

  test.each([{ startWorker: throwing }, { startWorker: failing }])(
    'threads asked for by number are not forgone',
    async changed => {
      const device = await freshDevice(changed)
      await expect(device.compile(step.entries, { threads: 2 })).rejects.toThrow('No compute thread')
      expect(warned).toEqual([])
    },
  )

  test('an engine without atomic operations: one thread', async () => {
    const { validate } = WebAssembly
    const atomic = 0xfe
    const isKnown = (code: BufferSource): boolean => !(code as Uint8Array).includes(atomic) && validate(code)
    vi.spyOn(WebAssembly, 'validate').mockImplementation(isKnown)
    const program = await (await freshDevice()).compile(step.entries)
    expect(program.info.threads).toBe(1)
    await program.dispose()
  })
})

describe('where WebAssembly is forbidden or too old', () => {
  const refusedBy = async (received: string): Promise<Error> => {
    const device = await freshDevice()
    vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new WebAssembly.CompileError(received))
    return device.compile(step.entries, { threads: 1 }).then(
      () => new Error('it was compiled'),
      (error: Error) => error,
    )
  }

  test.each([
    // Chromium, Firefox and Safari, each in its own words.
    `WebAssembly.compile(): Compiling or instantiating WebAssembly module violates the following Content Security policy directive because neither 'wasm-eval' nor 'unsafe-eval' is an allowed source of script: "script-src 'self'"`,
    'call to WebAssembly.compile() blocked by CSP',
    "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script",
  ])('a content security policy: %s', async received => {
    const error = await refusedBy(received)
    expect(error.name).toBe('UserError')
    expect(error.message).toMatch(/'wasm-unsafe-eval' in its directive script-src[\s\S]*fix: /)
  })

  test('an edge function', async () => {
    const error = await refusedBy('WebAssembly.compile(): Wasm code generation disallowed by embedder')
    expect(error.message).toMatch(/forbidden here[\s\S]*in Node or in the page/)
  })

  test('any other refusal stays what it is', async () => {
    expect((await refusedBy('expected magic word')).name).toBe('CompileError')
  })

  test('no SIMD', async () => {
    const device = await freshDevice()
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
    await expect(device.compile(step.entries)).rejects.toThrow(/no SIMD here[\s\S]*Safari 16\.4/)
    await expect(startStandalone({} as StandaloneProgram)).rejects.toThrow('no SIMD')
  })

  test('no memory', async () => {
    const device = await freshDevice()
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function refuse() {
      throw new RangeError('WebAssembly.Memory(): could not allocate memory')
    })
    await expect(device.compile(step.entries)).rejects.toThrow(/cannot be had here[\s\S]*smaller batch size/)
  })
})

describe('Node started with less', () => {
  let folder: string
  beforeAll(() => {
    ensureBuilt()
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'fovea-surroundings-')))
    const library = pathToFileURL(join(root, 'packages/fovea/dist/index.js')).href
    writeFileSync(
      join(folder, 'program.mjs'),
      `import { dense, sequential } from ${JSON.stringify(library)}
const model = sequential([dense({ units: 2, activation: 'softmax', inputShape: [4] })])
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
await model.fit(new Float32Array(8), [0, 1], { verbose: 0 })
console.log(model.info.threads)
await model.save('model.safetensors')`,
    )
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const run = (...flags: string[]) =>
    spawnSync(process.execPath, [...flags, 'program.mjs'], { cwd: folder, encoding: 'utf8' })

  test('without WebAssembly: the switch is named', () => {
    expect(run('--jitless').stderr).toMatch(/UserError: There is no WebAssembly here[\s\S]*--jitless/)
  })

  test('without the permission to start threads and to write: one thread, and the option that is missing', () => {
    const isSettled = process.allowedNodeEnvironmentFlags.has('--permission')
    const { stdout, stderr } = run(isSettled ? '--permission' : '--experimental-permission', '--allow-fs-read=*')
    expect(stdout).toBe('1\n')
    expect(stderr).toMatch(/goes on with one thread[\s\S]*start Node with --allow-worker/)
    expect(stderr).toMatch(/UserError[\s\S]*start Node with --allow-fs-write=/)
  })
})
