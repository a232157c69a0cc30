/** A folder of pictures from the field, with what a Mac, Windows and Jupyter leave in it: read, and trained on as the example does. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pictureFolder } from '../../packages/pictures/src/picture-folder.ts'
import { ensureBuilt } from '../cli/fovea-process.testing.ts'
import { root } from '../source-files.testing.ts'
import { missing } from './case-files.testing.ts'

const maker = 'field/own-pictures/make.mjs'
const reason = missing(maker)

describe.skipIf(reason !== undefined)(`a folder from the field${reason === undefined ? '' : ` (${reason})`}`, () => {
  const place = mkdtempSync(join(tmpdir(), 'fovea-field-'))
  const folder = join(place, 'pictures')
  const run = (...words: string[]) => spawnSync(process.execPath, words, { cwd: place, encoding: 'utf8' })

  beforeAll(() => {
    ensureBuilt()
    symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'), 'junction')
    copyFileSync(join(process.env['FOVEA_CASES']!, maker), join(place, 'make.mjs'))
    const { status, stderr } = run('make.mjs', '--mess')
    expect(status, stderr).toBe(0)
  }, 120_000)
  afterAll(() => rmSync(place, { recursive: true }))

  test('has the two classes that one sees in it', async () => {
    const { classes, skipped } = await pictureFolder(folder)
    expect(classes.map(({ name, files }) => [name, files.length])).toEqual([
      ['cats', 12],
      ['dogs', 12],
    ])
    expect(skipped.map(({ path }) => path.slice(folder.length + 1).replaceAll('\\', '/')).sort()).toEqual([
      '.DS_Store',
      '.ipynb_checkpoints',
      'cats/Thumbs.db',
    ])
  })

  test('is trained on by the example', () => {
    const { stdout, stderr } = run(join(root, 'examples/28-own-pictures.js'), folder)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/Passed over: .*Thumbs\.db, left behind by Windows/)
    expect(stdout).toMatch(/cats, dogs: 19 train, 5 test/)
    expect(stdout).toMatch(/test accuracy/)
  })
})
