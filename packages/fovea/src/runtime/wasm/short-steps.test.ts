import { expect, test } from 'vitest'
import { shortSteps } from './short-steps.ts'

/** Of 400 runs of one step, those that the caller's thread did. `takes`: milliseconds. */
async function aloneOf400(expected: boolean, takes: (alone: boolean) => number): Promise<number[]> {
  let time = 0
  const found: number[] = []
  let run = 0
  const short = shortSteps(
    () => time,
    async (_, alone) => {
      time += takes(alone)
      if (alone) found.push(run)
    },
  )
  for (; run < 400; run++)
    await short({ entry: 'predict', rows: [1], feed: 0, feedStride: 0, result: 0, resultStride: 0 }, expected)
  return found
}

test('what is expected holds until both ways were tried', async () => {
  expect((await aloneOf400(true, alone => (alone ? 1 : 2))).filter(run => run < 127)).toHaveLength(123)
  expect((await aloneOf400(false, alone => (alone ? 2 : 1))).filter(run => run < 127)).toHaveLength(4)
})

test('then the quicker way is taken, and the other one tried again now and then', async () => {
  for (const expected of [true, false]) {
    const later = async (takes: (alone: boolean) => number) =>
      (await aloneOf400(expected, takes)).filter(run => run >= 128).length
    expect(await later(alone => (alone ? 1 : 2))).toBe(272 - 8)
    expect(await later(alone => (alone ? 2 : 1))).toBe(8)
  }
})
