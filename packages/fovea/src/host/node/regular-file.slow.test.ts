/** A file of more bytes than one read of the system gives (2 GiB of memory are needed). */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readRegular } from './regular-file.ts'

it('files beyond the 2 GiB of one read are read whole', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-long-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'long')
  const size = 2 * 1024 ** 3 + 4096
  // Sparse: it takes no room on the disk.
  writeFileSync(path, '')
  truncateSync(path, size)
  writeFileSync(path, 'begin', { flag: 'r+' })
  const bytes = await readRegular(path, 'model')
  expect(bytes.length).toBe(size)
  expect(new TextDecoder().decode(bytes.subarray(0, 5))).toBe('begin')
})
