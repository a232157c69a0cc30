import { describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { nodeHost } from './host.ts'

const echo = `const { parentPort } = require('node:worker_threads')
parentPort.on('message', message => {
  if (message === 'fail') throw new Error('asked to fail')
  const shared = new Int32Array(message)
  Atomics.add(shared, 0, 42)
  parentPort.postMessage('done')
})`

describe('nodeHost', () => {
  it('says what the machine offers', async () => {
    const host = nodeHost()
    expect(host.cores).toBeGreaterThanOrEqual(1)
    expect(host.sharedMemory).toBe(true)
    const before = host.now()
    await host.yieldToEvents()
    expect(host.now()).toBeGreaterThanOrEqual(before)
  })

  it('starts a worker from source that shares memory', async () => {
    const worker = nodeHost().startWorker(echo)
    const shared = new Int32Array(new SharedArrayBuffer(4))
    worker.hold(true)
    const answer = new Promise(resolve => worker.onMessage(resolve))
    worker.post(shared.buffer)
    expect(await answer).toBe('done')
    expect(shared[0]).toBe(42)
    await worker.terminate()
  })

  it("hands a worker's error on, but not its being stopped", async () => {
    const worker = nodeHost().startWorker(echo)
    worker.hold(true)
    const errors: string[] = []
    const failed = new Promise<void>(resolve =>
      worker.onError(error => {
        errors.push(error.message)
        resolve()
      }),
    )
    worker.post('fail')
    await failed
    expect(errors[0]).toBe('asked to fail')
    const stopped = nodeHost().startWorker(echo)
    stopped.onError(error => errors.push(`stopped: ${error.message}`))
    await stopped.terminate()
    expect(errors.filter(message => message.startsWith('stopped'))).toEqual([])
  })

  it.each([
    [
      'out of memory',
      "throw Object.assign(new Error('memory limit'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })",
      /the memory ran out/,
    ],
    ['from outside', 'process.exit(137)', /ended by itself with code 137[\s\S]*memory/],
  ])('a worker that ends %s is told of in a sentence', async (_, source, message) => {
    const worker = nodeHost().startWorker(source)
    worker.hold(true)
    const error = await new Promise<Error>(resolve => worker.onError(resolve))
    expect(error).toBeInstanceOf(UserError)
    expect(error.message).toMatch(message)
  })
})
