/** docs/recipes.md is what the run files in docs/runs give. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('the table of what the recipes reach is up to date', () => {
  const root = join(import.meta.dirname, '..')
  const { status, stdout } = spawnSync(process.execPath, ['scripts/recipes.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stdout).toBe('')
  expect(status).toBe(0)
})
