/** The worker of a page is one file in some bundles: whatever its device imports by `import()` is imported plainly too. */
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './source-files.testing.ts'

const folder = 'packages/fovea/src'

test('nothing that the worker may load is imported by import() alone', () => {
  const plain = new Set([`${folder}/program-worker.ts`])
  const loaded = new Set<string>()
  const reached = new Set(plain)
  for (const path of reached) {
    const code = readFileSync(join(root, path), 'utf8').replace(/^(?:import|export) type .*$/gm, '')
    for (const [, call, name] of code.matchAll(/(?:from|import) ?(\(?)'(\.[^']+\.ts)'/g)) {
      const target = posix.join(posix.dirname(path), name!)
      ;(call === '(' ? loaded : plain).add(target)
      reached.add(target)
    }
  }
  expect(loaded.size).toBeGreaterThan(10)
  expect([...loaded].filter(path => !plain.has(path))).toEqual([])
})
