/** What must not happen quietly: a thread that fails, runs at the same time or after the end, thread counts that make no sense. */
import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../packages/fovea/src/base/errors.ts'
import type { Host } from '../../packages/fovea/src/base/host.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { networks } from './networks.testing.ts'
import { buildStep, compile, differences, everything, feedFrom, host } from './runs.testing.ts'

const step = buildStep(networks.odd(), { batch: 6 })

/** A host whose workers run a changed program, and which counts them. */
function hostWith(change: (source: string) => string) {
  const counts = { started: 0, ended: 0 }
  const changed: Host = {
    ...host,
    startWorker(source) {
      counts.started++
      const worker = host.startWorker(change(source))
      return {
        ...worker,
        terminate: async () => {
          await worker.terminate()
          counts.ended++
        },
      }
    },
  }
  return { host: changed, counts }
}

/** Thread 1 reads its feed far outside of the memory from step 3 of a run on. */
const trapping = (source: string) =>
  source.replace(
    'feed + index * feedStride',
    '(state.thread === 1 && index === 3 ? -65536 : feed + index * feedStride)',
  )
const leaving = (source: string) =>
  source.replace('const step =', 'if (state.thread === 0 && rows.length > 3) process.exit(CODE)\n  const step =')
const stuckAtStart = (source: string) =>
  source.replace('abort = () =>', "if (thread === 1) throw new Error('no start')\n  abort = () =>")

describe('a thread that fails', () => {
  it.each([
    ['traps', trapping, /memory access out of bounds/],
    ['ends its worker', (source: string) => leaving(source).replace('CODE', '3'), /ended by itself/],
    ['ends its worker in good order', (source: string) => leaving(source).replace('CODE', '0'), /ended by itself/],
  ] as const)(
    '%s: the run is rejected, the program says that it is broken, dispose works',
    async (_, change, reason) => {
      expect(change('const step = feed + index * feedStride')).not.toBe('const step = feed + index * feedStride')
      const { host: odd, counts } = hostWith(change)
      const program = await wasmDevice(odd).compile(step.entries, { threads: 3 })
      await program.writeStates(step.states)
      expect(await program.run('train', 3, feedFrom(step, 0))).toHaveLength(3)
      await expect(program.run('train', 8, feedFrom(step, 0))).rejects.toThrow(reason)
      await expect(program.run('train', 1, feedFrom(step, 0))).rejects.toThrow('broken')
      await expect(program.readStates()).rejects.toThrow('broken')
      await expect(program.writeStates(step.states)).rejects.toThrow('broken')
      await program.dispose()
      expect(counts).toEqual({ started: 3, ended: 3 })
    },
  )

  it('fails at its start: compile is rejected and no worker is left', async () => {
    const { host: odd, counts } = hostWith(stuckAtStart)
    await expect(wasmDevice(odd).compile(step.entries, { threads: 2 })).rejects.toThrow('no start')
    expect(counts).toEqual({ started: 2, ended: 2 })
  })

  it('a thread that the system does not give: compile is rejected, and no worker is left', async () => {
    const { host: odd, counts } = hostWith(source => source)
    const scarce: Host = {
      ...odd,
      startWorker(source) {
        if (counts.started === 2) throw new UserError('A compute thread cannot be started')
        return odd.startWorker(source)
      },
    }
    await expect(wasmDevice(scarce).compile(step.entries, { threads: 3 })).rejects.toThrow(UserError)
    await expect.poll(() => counts).toEqual({ started: 2, ended: 2 })
  })

  it.each([1, 2])('a trap with %i threads breaks the program', async threads => {
    const program = await compile(step, { threads })
    Object.assign(program.plan, { resultStart: 2 ** 32 - 65536 })
    await expect(program.run('train', 1, feedFrom(step, 0))).rejects.toThrow('memory access out of bounds')
    await expect(program.run('predict', 1, feedFrom(step, 0))).rejects.toThrow('broken')
    await program.dispose()
  })

  it('an error while feeding is handed on and breaks nothing', async () => {
    const program = await compile(step, { threads: 2 })
    const failing = () => {
      throw new Error('no more pictures')
    }
    await expect(program.run('train', 1, failing)).rejects.toThrow('no more pictures')
    for (const n of [0, -1, 1.5, 7, Number.NaN])
      await expect(program.run('train', 1, () => n)).rejects.toThrow('1 to 6')
    const received = await everything(program, step, 2)
    const fresh = await compile(step, { threads: 2 })
    expect(differences(received, await everything(fresh, step, 2))).toEqual([])
    await Promise.all([program.dispose(), fresh.dispose()])
  })
})

describe('the life of a program', () => {
  it.each([1, 2])('with %i threads: two runs at once are refused, the first one ends well', async threads => {
    const program = await compile(step, { threads })
    const first = program.run('train', 3, feedFrom(step, 0))
    await expect(program.run('train', 1, feedFrom(step, 0))).rejects.toThrow('busy')
    expect(await first).toHaveLength(3)
    expect(await program.run('train', 1, feedFrom(step, 3))).toHaveLength(1)
    await program.dispose()
  })

  it.each([1, 2])('with %i threads: dispose twice, then nothing works any more', async threads => {
    const { host: counting, counts } = hostWith(source => source)
    const program = await wasmDevice(counting).compile(step.entries, { threads })
    await program.dispose()
    await program.dispose()
    expect(counts.started).toBe(threads === 1 ? 0 : threads)
    for (const use of [
      () => program.run('train', 1, feedFrom(step, 0)),
      () => program.readStates(),
      () => program.writeStates(step.states),
    ])
      await expect(use()).rejects.toThrow('disposed of')
  })

  it('dispose ends a run that is under way', async () => {
    const program = await compile(step, { threads: 2 })
    const run = program.run('train', 30, feedFrom(step, 0))
    const outcome = expect(run).rejects.toThrow('disposed of')
    await program.dispose()
    await outcome
  })

  it('names of entries and states, and lengths, are checked', async () => {
    const program = await compile(step, { threads: 1 })
    await expect(program.run('trian', 1, feedFrom(step, 0))).rejects.toThrow('train')
    await expect(program.readStates(['conv2d/kernal'])).rejects.toThrow('conv2d/kernel')
    await expect(program.writeStates({ 'conv2d/kernel': [1, 2] })).rejects.toThrow('2 values')
    await program.dispose()
  })

  it('no bytes are added over 1000 runs, and no listeners', async () => {
    const program = await compile(step, { threads: 2 })
    const run = () => program.run('train', 1, feedFrom(step, 0))
    const listeners = () => getEventListeners(process, 'exit').length + getEventListeners(process, 'message').length
    for (let index = 0; index < 50; index++) await run()
    const before = { listeners: listeners(), bytes: program.bytes.byteLength, ...process.memoryUsage() }
    for (let index = 0; index < 1000; index++) await run()
    const after = { listeners: listeners(), bytes: program.bytes.byteLength, ...process.memoryUsage() }
    expect([after.listeners, after.bytes]).toEqual([before.listeners, before.bytes])
    // The host's arrays of one run are a few hundred bytes; 1000 kept ones would be seen.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1 << 20)
    await program.dispose()
  })
})

describe('the number of threads', () => {
  it.each([0, -1, 1.5, Number.NaN])('%d is refused', async threads => {
    await expect(compile(step, { threads })).rejects.toThrow('an integer from 1')
  })

  it('more than one where memory cannot be shared is refused; not asked for, it is one', async () => {
    const device = wasmDevice({ ...host, sharedMemory: false })
    await expect(device.compile(step.entries, { threads: 2 })).rejects.toThrow('cross-origin isolated')
    const program = await device.compile(step.entries)
    expect(program.info.threads).toBe(1)
    await program.dispose()
  })

  it('more threads than cores, slices and units give the same bits', async () => {
    const one = await compile(step, { threads: 1 })
    const expected = await everything(one, step, 2)
    await one.dispose()
    const many = await compile(step, { threads: 16 })
    expect(many.info.threads).toBe(16)
    expect(differences(await everything(many, step, 2), expected)).toEqual([])
    await many.dispose()
  })
})

describe('memory that will not fit', () => {
  const left = (bytes: number) => wasmDevice({ ...host, memoryLeft: () => bytes })

  it('is said before it is taken, with the numbers and what to change', async () => {
    const program = await compile(step, { threads: 1 })
    const { statesEnd } = program.plan
    const needed = program.info.memoryBytes
    await program.dispose()
    await expect(left(statesEnd + (needed - statesEnd) / 2).compile(step.entries, { threads: 1 })).rejects.toThrow(
      /memory that this machine has left\.\n {2}expected: at most \d.*\n {2}received: \d.* for a step of 6 rows[\s\S]*a batch size of about 3,/,
    )
    await expect(left(100).compile(step.entries, { threads: 2 })).rejects.toThrow(/use a smaller model/)
    await (await left(2 ** 30).compile(step.entries, { threads: 1 })).dispose()
  })
})
