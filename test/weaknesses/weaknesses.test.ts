/** What other readers were broken by, tried here as files of ours; and the table in docs/security.md says just that. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../source-files.testing.ts'
import { ofArchives } from './archives.testing.ts'
import { ofKeras } from './keras.testing.ts'
import { ofOnnx } from './onnx.testing.ts'
import { inFolder } from './weakness.testing.ts'

const all = [...ofKeras, ...ofOnnx, ...ofArchives]

describe('published weaknesses', () => {
  test.each(all)('$of: $names: $was', async ({ try: attempt, says }) => {
    expect(await inFolder(attempt)).toMatch(says)
  })
})

test('the table of the documentation has all of them, and nothing else', () => {
  const page = readFileSync(join(root, 'docs/security.md'), 'utf8')
  const rows = all.map(({ of, names, was, here }) => `| ${of} | ${names} | ${was} | ${here} |`)
  const [, table = ''] = page.split('| reader | name | what it was | here |\n|---|---|---|---|\n')
  expect(table.split('\n\n')[0]!.trim().split('\n')).toEqual(rows)
})
