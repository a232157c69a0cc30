/** What a browser may lack, simulated: no navigator, no Worker, workers that are refused at once or without a word. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

class SilentWorker extends EventTarget {
  postMessage(): void {}
  terminate(): void {}
}

/** What is refused once is refused for good, so each test has a module of its own. */
async function freshHost() {
  vi.resetModules()
  return (await import('./host.ts')).browserHost()
}

const revoked: string[] = []
beforeEach(() => {
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:1')
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation(address => void revoked.push(address))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  revoked.length = 0
})

describe('browserHost', () => {
  it('needs no navigator, and one that hides the cores has one', async () => {
    vi.stubGlobal('navigator', undefined)
    expect((await freshHost()).cores).toBe(1)
    vi.stubGlobal('navigator', {})
    expect((await freshHost()).cores).toBe(1)
  })

  it('shares no memory in a page that is not isolated', async () => {
    expect((await freshHost()).sharedMemory).toBe(false)
    vi.stubGlobal('crossOriginIsolated', true)
    expect((await freshHost()).sharedMemory).toBe(true)
    vi.stubGlobal('SharedArrayBuffer', undefined)
    expect((await freshHost()).sharedMemory).toBe(false)
  })

  it('names the directive where there is no Worker, or none from a blob', async () => {
    vi.stubGlobal('Worker', undefined)
    const without = await freshHost()
    await expect(without.startWorker('')).rejects.toThrow(/No compute thread[\s\S]*worker-src blob:/)
    const refuse = vi.fn(() => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    })
    vi.stubGlobal('Worker', refuse)
    const host = await freshHost()
    for (let time = 0; time < 2; time++)
      await expect(host.startWorker('')).rejects.toThrow(/operation is insecure[\s\S]*blob:/)
    expect(refuse).toHaveBeenCalledTimes(1)
    expect(revoked).toEqual(['blob:1'])
  })

  it.each([
    { name: 'without a word before its first message', message: '', heard: false, isRefusal: true },
    { name: 'with a message', message: 'x is not defined', heard: false, isRefusal: false },
    { name: 'without a word after its first message', message: '', heard: true, isRefusal: false },
  ])('a worker that ends $name', async ({ message, heard, isRefusal }) => {
    const workers: SilentWorker[] = []
    vi.stubGlobal(
      'Worker',
      class extends SilentWorker {
        constructor() {
          super()
          workers.push(this)
        }
      },
    )
    const host = await freshHost()
    const errors: Error[] = []
    const worker = await host.startWorker('')
    worker.onError(error => errors.push(error))
    if (heard) workers[0]!.dispatchEvent(new Event('message'))
    workers[0]!.dispatchEvent(Object.assign(new Event('error'), { message }))
    expect(errors.map(({ name }) => name)).toEqual([isRefusal ? 'UserError' : 'Error'])
    if (isRefusal) await expect(host.startWorker('')).rejects.toThrow('worker-src blob:')
    else expect(await host.startWorker('')).toBeDefined()
  })
})
