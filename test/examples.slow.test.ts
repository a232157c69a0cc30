/** Every example and every solution runs as a user runs it, small and without the internet, reaches its target and leaves its page. */
import { readFileSync, rmSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { callNode, ensureBuilt } from './cli/fovea-process.testing.ts'
import { examples, pageOf, solutions } from './examples.testing.ts'

beforeAll(ensureBuilt)

test.each([...examples(), ...solutions()])('$path', async example => {
  rmSync(pageOf(example), { force: true })
  const { code, stdout, stderr } = await callNode([example.path])
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^target: .+: reached$/)
  expect(code).toBe(0)

  const page = readFileSync(pageOf(example), 'utf8')
  expect(page).toMatch(/<p class="why">.{100,}/)
  expect(page).toContain('Target reached')
  // Something to look at, no number missing, and nothing that comes from elsewhere.
  expect(page).toMatch(/<figure>|<img /)
  expect(page).not.toMatch(/NaN|undefined|Infinity/)
  expect(page).not.toMatch(/(src|href)="(?!data:)/)
})
