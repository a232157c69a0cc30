import { expect, test } from 'vitest'
import { createGraph } from '../../graph/builder.ts'
import { planProgram } from '../../plan/plan.ts'
import { wasm128 } from '../../plan/target.ts'
import { Runner } from './runner.ts'

/** An entry that squares a matrix of weights (prepared) and multiplies rows of so many numbers by it; and who was asked to run what. */
async function runnerOf(width: number, aloneSeconds: number) {
  const g = createGraph(4)
  const x = g.input('x', [4, width], { batched: true })
  const weights = g.state('weights', [width, width])
  const outputs = [{ name: 'y', node: g.matmul(x, g.softmax(weights)) }]
  const plan = await planProgram(
    { run: { batch: 4, inputs: [x], states: [weights], updates: [], outputs, prepared: true } },
    { target: wasm128, slots: 2, start: 0 },
  )
  const asked: string[] = []
  const threads = {
    load: async () => {},
    moveTo: async () => {},
    run: async ({ entry }: { readonly entry: string }, alone?: boolean) =>
      void asked.push(`${entry}${alone ? ' alone' : ''}`),
    dispose: async () => {},
  }
  const runner = new Runner(plan, threads, 2, aloneSeconds)
  const entry = plan.entries.find(({ name }) => name === 'run')!
  const run = async (rows: readonly number[], short: boolean): Promise<string[]> => {
    asked.length = 0
    await runner.run(entry, rows, short)
    return [...asked]
  }
  return { runner, run }
}

test('what depends on states alone is done again only when one may have changed', async () => {
  const { runner, run } = await runnerOf(8, 0)
  expect(await run([4], false)).toEqual(['run preparation', 'run'])
  expect(await run([4, 4], false)).toEqual(['run'])
  runner.statesChanged()
  expect(await run([4], false)).toEqual(['run preparation', 'run'])
})

test('a short step is done by the caller: not one of several, not a long one, not where that is forbidden', async () => {
  const small = await runnerOf(8, 0.001)
  expect(await small.run([4], true)).toEqual(['run preparation alone', 'run alone'])
  expect(await small.run([4], false)).toEqual(['run'])
  expect(await (await runnerOf(8, 0)).run([4], true)).toEqual(['run preparation', 'run'])
  // 4 · 4096² multiplications take more than a millisecond on any machine.
  expect((await (await runnerOf(4096, 0.001)).run([4], true)).at(-1)).toBe('run')
  // Half the time of two threads is more than it takes to wake them.
  expect((await (await runnerOf(2048, 1)).run([4], true)).at(-1)).toBe('run')
})
