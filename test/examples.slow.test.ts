/** Every example runs as a user runs it, on its small inputs and without the internet, and reaches its target. */
import { beforeAll, expect, test } from 'vitest'
import { callNode, ensureBuilt } from './cli/fovea-process.testing.ts'
import { examples } from './examples.testing.ts'

beforeAll(ensureBuilt)

test.each(examples())('$path', async ({ path }) => {
  const { code, stdout, stderr } = await callNode([path])
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^target: .+: reached$/)
  expect(code).toBe(0)
})
