/** A training whose files the system refuses to take, one after the other: what is told, what is kept, and that the run can be gone on with. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { nodeFiles } from '../../src/host/node/files.ts'
import { refusalOf } from '../../src/host/node/system-errors.ts'
import { runFiles } from '../../src/train/run-folder.ts'
import { callFovea } from './fovea-call.testing.ts'
import { temporaryFolder } from './fovea-process.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

afterEach(() => vi.restoreAllMocks())

/** From the write of this number on, a file of this name is refused with this code. */
function refuse(name: string, code: string, from = 1): void {
  for (const way of ['write', 'append'] as const) {
    const work = nodeFiles[way].bind(nodeFiles) as (path: string, content: Uint8Array) => Promise<void>
    let count = 0
    vi.spyOn(nodeFiles, way as 'write').mockImplementation(async (path, content) => {
      if (!path.endsWith(name) || ++count < from) return work(path, content as Uint8Array)
      const error = Object.assign(new Error(`${code}: refused, ${way}`), { code, syscall: way })
      throw refusalOf(error, `${path} cannot be written`)
    })
  }
}

function setUp() {
  const folder = temporaryFolder()
  writeTinyRecipe(folder)
  const run = join(folder, 'run')
  const words = ['train', join(folder, 'tiny.json'), '--limit', '32', '--threads', '1', '--quiet', '--out', run]
  return { folder, run, train: () => callFovea(words), has: (name: string) => existsSync(join(run, name)) }
}

describe.each(['ENOSPC', 'EFBIG'])('%s', code => {
  test.each([runFiles.events, runFiles.samples, runFiles.best])(
    '%s: nothing is trained yet, and no folder is left',
    async name => {
      const { run, train } = setUp()
      refuse(name, code)
      const { code: exit, stderr } = await train()
      expect(exit).toBe(1)
      expect(stderr).toContain(`${join(run, name)} cannot be written`)
      expect(stderr).not.toMatch(/^ {4}at |keeps the weights/m)
    },
  )
})

test.each([
  [runFiles.best, 2],
  [runFiles.checkpoint, 2],
  [runFiles.predictions, 1],
  [runFiles.result, 1],
])('%s, write %i: the weights before are kept, and the run can be gone on with', async (name, from) => {
  const { run, train, has } = setUp()
  refuse(name, 'ENOSPC', from)
  const { code, stderr } = await train()
  expect(code).toBe(1)
  expect(stderr).toMatch(/the disk is full/)
  expect(stderr).toContain(`${run} keeps the weights`)
  expect(stderr).toContain(`train --resume ${run}`)
  expect(has(runFiles.best) && has(runFiles.checkpoint)).toBe(true)
  vi.restoreAllMocks()
  const resumed = await callFovea(['train', '--resume', run, '--threads', '1', '--json'])
  expect(resumed.code).toBe(0)

  const whole = setUp()
  expect((await whole.train()).code).toBe(0)
  const weights = (folder: string) => JSON.parse(readFileSync(join(folder, runFiles.result), 'utf8')).weightsSha256
  expect(weights(run)).toBe(weights(whole.run))
})

test('the report: the run is finished, and it is said how to draw it later', async () => {
  const { run, train, has } = setUp()
  refuse(runFiles.report, 'ENOSPC')
  const { code, stdout } = await train()
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /Test accuracy[\s\S]*No report: \S+report\.html cannot be written\n {2}received: the disk is full/,
  )
  expect(stdout).toContain(`The weights are kept in ${run}; draw the page later: report ${run}`)
  expect(has(runFiles.result)).toBe(true)
  vi.restoreAllMocks()
  expect((await callFovea(['report', run])).code).toBe(0)
})
