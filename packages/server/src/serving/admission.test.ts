import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { boundedAdmission } from './admission.ts'
import type { Refusal } from './contract.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const patient = new AbortController().signal

/** Work that ends when it is told to. */
function work() {
  let end = (): void => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  return { begun: vi.fn(), run: () => ended, end }
}

function started(admission: ReturnType<typeof boundedAdmission>, pictures = 1, signal = patient) {
  const task = work()
  const done = admission.admit(pictures, signal, async () => {
    task.begun()
    await task.run()
    return 'done'
  })
  done.catch(() => {})
  return { ...task, done }
}

test('the first begins at once; those who come meanwhile are computed together afterwards, as many as a batch takes', async () => {
  const batches: number[] = []
  const admission = boundedAdmission({ batch: 4, groups: 1, onBatch: size => batches.push(size) })
  const first = started(admission)
  await turn()
  const others = [2, 1, 1, 1].map(pictures => started(admission, pictures))
  await turn()
  expect([first.begun.mock.calls.length, ...others.map(each => each.begun.mock.calls.length)]).toEqual([1, 0, 0, 0, 0])
  expect(admission.waiting).toBe(5)
  first.end()
  await turn()
  expect(others.map(each => each.begun.mock.calls.length)).toEqual([1, 1, 1, 0])
  for (const each of others) each.end()
  expect(await Promise.all(others.map(each => each.done))).toEqual(['done', 'done', 'done', 'done'])
  expect([batches, admission.waiting, admission.open]).toEqual([[1, 4, 1], 0, 0])
})

test('two groups at a time: pictures of one are decoded while the other is computed', async () => {
  const batches: number[] = []
  const admission = boundedAdmission({ batch: 4, onBatch: size => batches.push(size) })
  const first = started(admission)
  await turn()
  const second = started(admission)
  await turn()
  const others = [1, 1].map(pictures => started(admission, pictures))
  await turn()
  expect([first, second, ...others].map(each => each.begun.mock.calls.length)).toEqual([1, 1, 0, 0])
  second.end()
  await turn()
  expect(batches).toEqual([1, 1, 2])
  for (const each of [first, ...others]) each.end()
  await Promise.all([first, second, ...others].map(each => each.done))
})

test('one that is larger than a batch is computed alone', async () => {
  const admission = boundedAdmission({ batch: 4, groups: 1 })
  const large = started(admission, 100)
  const small = started(admission)
  await turn()
  expect([large.begun.mock.calls.length, small.begun.mock.calls.length]).toEqual([1, 0])
  large.end()
  small.end()
  await Promise.all([large.done, small.done])
})

test('with a delay, the first one waits for company', async () => {
  const admission = boundedAdmission({ batch: 2, delay: 50 })
  const first = started(admission)
  await turn()
  expect(first.begun).not.toHaveBeenCalled()
  vi.advanceTimersByTime(50)
  await turn()
  expect(first.begun).toHaveBeenCalled()
  first.end()
  await first.done
  // A whole batch need not wait.
  const [a, b] = [started(admission), started(admission)]
  await turn()
  expect([a.begun.mock.calls.length, b.begun.mock.calls.length]).toEqual([1, 1])
  a.end()
  b.end()
  await Promise.all([a.done, b.done])
})

test('what would wait beyond the bound is refused, and told when to come again', async () => {
  const admission = boundedAdmission({ batch: 1, groups: 1, queue: 2 })
  const all = Array.from({ length: 3 }, () => started(admission))
  await turn()
  const refused = (await admission.admit(1, patient, async () => 1).catch(error => error)) as Refusal
  expect([refused.status, refused.message]).toEqual([429, 'Too many wait already: 2 pictures, and 2 may.'])
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  for (const each of all) each.end()
  expect(await Promise.all(all.map(({ done }) => done))).toEqual(['done', 'done', 'done'])
})

test('who has gone is not computed, and leaves its place', async () => {
  const admission = boundedAdmission({ batch: 1, groups: 1 })
  const first = started(admission)
  await turn()
  const gone = new AbortController()
  const second = started(admission, 5, gone.signal)
  gone.abort()
  await expect(admission.admit(1, gone.signal, async () => 1)).rejects.toMatchObject({ status: 499 })
  await expect(second.done).rejects.toMatchObject({ status: 499 })
  expect(admission.waiting).toBe(0)
  first.end()
  await first.done
  expect(second.begun).not.toHaveBeenCalled()
})

test('closing: nobody comes in any more, and all who are in are answered', async () => {
  const admission = boundedAdmission({ batch: 1, groups: 1 })
  const [first, second] = [started(admission), started(admission)]
  await turn()
  const closed = vi.fn()
  const closing = admission.close().then(closed)
  await expect(admission.admit(1, patient, async () => 1)).rejects.toMatchObject({ status: 503 })
  first.end()
  await first.done
  await turn()
  expect(closed).not.toHaveBeenCalled()
  second.end()
  await closing
  expect(await second.done).toBe('done')
})

test('past the deadline: 504, whether it waits or is computed', async () => {
  const admission = boundedAdmission({ batch: 1, groups: 1, timeout: 0.05 })
  const [first, second] = [started(admission), started(admission)]
  await turn()
  vi.advanceTimersByTime(60)
  await expect(first.done).rejects.toMatchObject({ status: 504 })
  await expect(second.done).rejects.toMatchObject({ status: 504 })
  // What nobody waits for any more is still computed: until it ends, nobody takes its place.
  const next = started(admission)
  await turn()
  expect(next.begun).not.toHaveBeenCalled()
  first.end()
  next.end()
  expect(await next.done).toBe('done')
  expect(second.begun).not.toHaveBeenCalled()
})
