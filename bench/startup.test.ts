import { expect, test } from 'vitest'
import { startupText } from './startup.ts'

test('the table shows medians, the least and the size of the code', () => {
  const text = startupText({
    date: '2026-11-21T12:00:00.000Z',
    commit: 'abc',
    machine: { cpu: 'a processor', cores: 2, memoryBytes: 8e9 },
    versions: {},
    startups: [
      { recipe: 'mnist-cnn', threads: 2, compileMs: 71.6, leastCompileMs: 64.2, firstStepMs: 21.4, codeBytes: 61_440 },
    ],
  })
  expect(text).toMatch(/recipe +threads +compile +least +first step +code/)
  expect(text).toMatch(/mnist-cnn +2 +72 ms +64 ms +21 ms +60\.0 KB/)
})
