import { expect, it } from 'vitest'
import { inTurn, limited } from './in-turn.ts'

/** Work that is done when told, whose calls are counted. */
function work() {
  const ends: (() => void)[] = []
  const state = { now: 0, most: 0 }
  const run = async (thing: number): Promise<number> => {
    state.most = Math.max(state.most, ++state.now)
    await new Promise<void>(resolve => ends.push(resolve))
    state.now--
    return 10 * thing
  }
  const endAll = async (): Promise<void> => {
    while (state.now > 0) {
      // The last begun ends first.
      ends.pop()?.()
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { run, endAll, state }
}

it('gives results in the order of the things, whichever is done first, and begins so many at once', async () => {
  const { run, endAll, state } = work()
  const results: number[] = []
  const taking = (async () => {
    for await (const result of inTurn([1, 2, 3, 4, 5], 3, run)) results.push(result)
  })()
  await new Promise(resolve => setImmediate(resolve))
  expect(state).toEqual({ now: 3, most: 3 })
  await endAll()
  await taking
  expect(results).toEqual([10, 20, 30, 40, 50])
  expect(state.most).toBe(3)
})

it('throws what the work throws when its turn comes', async () => {
  const results: number[] = []
  const taking = async () => {
    const failing = async (thing: number) => {
      if (thing === 2) throw new Error('no')
      await new Promise(resolve => setImmediate(resolve))
      return thing
    }
    for await (const result of inTurn([1, 2, 3], 9, failing)) results.push(result)
  }
  await expect(taking()).rejects.toThrow('no')
  expect(results).toEqual([1])
})

it('leaves nothing under way when the caller has had enough', async () => {
  let done = 0
  const slow = async () => {
    await new Promise(resolve => setImmediate(resolve))
    return ++done
  }
  for await (const _ of inTurn([1, 2, 3, 4, 5, 6], 4, slow)) break
  expect(done).toBe(4)
})

it('limits what works at once, and gives the place on when work fails', async () => {
  const { run, endAll, state } = work()
  const enter = limited(2)
  await expect(enter(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  const all = Promise.all([1, 2, 3, 4].map(thing => enter(() => run(thing))))
  await new Promise(resolve => setImmediate(resolve))
  expect(state.now).toBe(2)
  await endAll()
  expect(await all).toEqual([10, 20, 30, 40])
  expect(state.most).toBe(2)
})
