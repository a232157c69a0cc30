/** Programs behind messages (of a page's worker, here of a channel): the bits, errors and ends of programs that are called. */
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { InternalError, PictureError, UserError } from '../../packages/fovea/src/base/errors.ts'
import type { WorkerHandle } from '../../packages/fovea/src/base/host.ts'
import type { Device } from '../../packages/fovea/src/runtime/device.ts'
import { receivedError, sentError, type WorkerCall } from '../../packages/fovea/src/runtime/remote/messages.ts'
import { programServer } from '../../packages/fovea/src/runtime/remote/program-server.ts'
import { remoteDevice } from '../../packages/fovea/src/runtime/remote/remote-device.ts'
import { programsInUse } from '../../packages/fovea/src/runtime/wasm/programs-in-use.ts'
import { wasmDevice } from '../../packages/fovea/src/runtime/wasm-device.ts'
import { networks } from './networks.testing.ts'
import { buildStep, feedFrom, host } from './runs.testing.ts'

const step = buildStep(networks.odd(), { batch: 6 })
const single = { threads: 1 } as const

/** A device on the other side of a channel, whose messages are cloned and transferred as a worker's are. */
function behindMessages(): { readonly device: Device; readonly ended: () => boolean } {
  let hasEnded = false
  const start = async (): Promise<WorkerHandle> => {
    const { port1, port2 } = new MessageChannel()
    const take = programServer(wasmDevice(host), (answer, transfer) =>
      port2.postMessage(answer, transfer as ArrayBuffer[]),
    )
    port2.on('message', (call: WorkerCall) => take(call))
    return {
      post: (message, transfer) => port1.postMessage(message, (transfer ?? []) as ArrayBuffer[]),
      onMessage: listener => void port1.on('message', listener),
      onError: () => {},
      hold: () => {},
      async terminate() {
        hasEnded = true
        port1.close()
      },
    }
  }
  return { device: remoteDevice(start), ended: () => hasEnded }
}

async function started(device: Device) {
  const program = await device.compile(step.entries, single)
  await program.writeStates(step.states)
  return program
}

describe('a program behind messages', () => {
  it('gives the bits of one that is called, over many groups of steps', async () => {
    const [here, there] = await Promise.all([started(wasmDevice(host)), started(behindMessages().device)])
    const steps = 150
    const expected = await here.run('train', steps, feedFrom(step, 0))
    expect(await there.run('train', steps, feedFrom(step, 0))).toEqual(expected)
    expect(await there.readStates()).toEqual(await here.readStates())
    expect(there.info).toMatchObject({ device: 'wasm', threads: 1, memoryBytes: here.info.memoryBytes })
    await Promise.all([here.dispose(), there.dispose()])
  })

  it('does the steps before one that cannot be filled', async () => {
    const [here, there] = await Promise.all([started(wasmDevice(host)), started(behindMessages().device)])
    const feed = feedFrom(step, 0)
    const failing: typeof feed = (index, slots) => {
      if (index === 100) throw new UserError('no picture')
      return feed(index, slots)
    }
    await here.run('train', 100, feed)
    await expect(there.run('train', 150, failing)).rejects.toThrow('no picture')
    await expect(there.run('train', 1, () => 7)).rejects.toThrow('a step has 7 rows')
    expect(await there.readStates()).toEqual(await here.readStates())
    await Promise.all([here.dispose(), there.dispose()])
  })

  it('refuses what the device refuses, and ends its worker', async () => {
    const { device, ended } = behindMessages()
    await expect(device.compile(step.entries, { threads: 1000 })).rejects.toThrow(UserError)
    expect(ended()).toBe(true)
  })

  it('is busy during a run, and gone after its end', async () => {
    const { device, ended } = behindMessages()
    const before = programsInUse()
    const program = await started(device)
    const run = program.run('train', 3, feedFrom(step, 0))
    await expect(program.run('train', 1, feedFrom(step, 0))).rejects.toThrow('busy with another run')
    await run
    await expect(program.run('nothing', 1, feedFrom(step, 0))).rejects.toThrow('no entry nothing; there are')
    await expect(program.writeStates({ nothing: [1] })).rejects.toThrow('no state nothing')
    await program.dispose()
    expect(ended()).toBe(true)
    // The one on the other side goes with its worker.
    expect(programsInUse()).toBe(before + 1)
    await expect(program.run('train', 1, feedFrom(step, 0))).rejects.toThrow('disposed of')
    await expect(program.readStates()).rejects.toThrow('disposed of')
  })
})

it('an error is of the same kind on the other side, with its parts', () => {
  const there = (error: Error) => receivedError(structuredClone(sentError(error)))
  const problem = { what: 'It is wrong.', expected: 'right', received: 'wrong', fix: 'mend it' }
  expect(there(new UserError(problem))).toMatchObject({ name: 'UserError', problems: [problem] })
  expect(there(new PictureError(problem))).toBeInstanceOf(PictureError)
  const broken = new InternalError('plan', 'it broke')
  expect(there(broken)).toBeInstanceOf(InternalError)
  expect(there(broken).message).toBe(broken.message)
  expect(there(new RangeError('far')).message).toBe('far')
})
