/** Only regular files are read, of a size that a file of their kind can have; everything else is named, at once, before it is opened. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPicture } from '@fovea/pictures/internal/pictures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import type { FileKind } from '../../base/host.ts'
import { nodeFiles } from './files.ts'
import { readRegular, readStart } from './regular-file.ts'
import { readArchive, readUnpacked } from './unpack.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-regular-'))
const server = createServer()
const at = (name: string): string => join(folder, name)
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeAll(async () => {
  execFileSync('mkfifo', [at('pipe')])
  mkdirSync(at('folder'))
  symlinkSync('circle', at('circle'))
  symlinkSync('pipe', at('link-to-pipe'))
  await new Promise<void>(resolve => server.listen(at('socket'), resolve))
})

const odd: [string, RegExp][] = [
  ['pipe', /pipe cannot be read[\s\S]*a pipe/],
  ['link-to-pipe', /link-to-pipe cannot be read[\s\S]*a pipe/],
  ['folder', /folder cannot be read[\s\S]*a folder/],
  ['socket', /socket cannot be read[\s\S]*a socket/],
  ['circle', /circle cannot be looked at[\s\S]*circle/],
  ['none', /none cannot be read[\s\S]*no such file/],
  ['none/inside', /inside cannot be read[\s\S]*no such file/],
]
const kinds = {
  picture: 512 * 1024 ** 2,
  text: 64 * 1024 ** 2,
  events: 1024 ** 3,
  data: 4 * 1024 ** 3,
  model: 4 * 1024 ** 3,
} satisfies Record<FileKind, number>

const readers: [string, (path: string) => Promise<unknown>][] = [
  ...Object.keys(kinds).flatMap((kind): [string, (path: string) => Promise<unknown>][] => [
    [`a ${kind}`, path => readRegular(path, kind as FileKind)],
    [`the beginning of a ${kind}`, path => readStart(path, kind as FileKind, 64)],
  ]),
  ['files', path => nodeFiles.read(path)],
  ['pictures', readPicture],
  ['packed files', path => readUnpacked(path, 100)],
  [
    'archives',
    path =>
      readArchive(
        path,
        () => undefined,
        () => {},
      ),
  ],
]

describe.each(readers)('read as %s', (_, read) => {
  it.each(odd)('%s is refused', async (name, message) => {
    await expect(read(at(name))).rejects.toThrow(UserError)
    await expect(read(at(name))).rejects.toThrow(message)
  })

  it.skipIf(!existsSync('/dev/zero'))('a device is refused', async () => {
    await expect(read('/dev/zero')).rejects.toThrow(/\/dev\/zero cannot be read[\s\S]*a device/)
  })

  it('standard input is refused by the name other programs give it', async () => {
    await expect(read('-')).rejects.toThrow(/Standard input is not read/)
  })
})

describe.each(Object.entries(kinds))('a %s', (kind, most) => {
  it('is refused by its size before memory is taken', async () => {
    writeFileSync(at('large'), '')
    // Sparse: it takes no room on the disk.
    truncateSync(at('large'), most + 1)
    const before = process.memoryUsage().rss
    await expect(readRegular(at('large'), kind as FileKind)).rejects.toThrow(/large is too large[\s\S]*at most \d/)
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 ** 2)
  })

  it('is read through a link', async () => {
    writeFileSync(at('small'), 'words')
    if (!existsSync(at('link'))) symlinkSync('small', at('link'))
    expect(new TextDecoder().decode(await readRegular(at('link'), kind as FileKind))).toBe('words')
  })
})

describe.each([
  ['written', (path: string) => nodeFiles.write(path, new Uint8Array(1))],
  ['added to', (path: string) => nodeFiles.append(path, 'x')],
])('what is no regular file is not %s', (_, write) => {
  // A device stands for all of them: as root, a file moved into its place would break the whole system.
  it.each(['pipe', 'socket', 'folder', 'link-to-pipe'])('%s', async name => {
    await expect(write(at(name))).rejects.toThrow(/cannot be written[\s\S]*a regular file/)
  })

  it('a link leads to its file', async () => {
    writeFileSync(at('target'), '')
    if (!existsSync(at('leads'))) symlinkSync('target', at('leads'))
    await write(at('leads'))
    expect(readFileSync(at('target'))).toHaveLength(1)
  })
})

it('a name of the greatest length is written', async () => {
  const path = at('n'.repeat(255))
  await nodeFiles.write(path, new Uint8Array(3))
  expect(await nodeFiles.read(path)).toHaveLength(3)
  await expect(nodeFiles.write(at('n'.repeat(256)), new Uint8Array(3))).rejects.toThrow(/the name is too long/)
})
