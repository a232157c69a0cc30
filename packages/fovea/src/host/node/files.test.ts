import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { memoryFiles } from '../../store/memory-files.ts'
import { openedFile } from '../../store/opened-file.ts'
import { claimFolder, moveFile, nodeFiles } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (data: Uint8Array): string => new TextDecoder().decode(data)

describe.each([
  ['on disk', nodeFiles, folder],
  ['in memory', memoryFiles(), 'root'],
])('files %s', (_, files, root) => {
  it('are written, read, added to, listed and removed', async () => {
    const path = files.join(root, 'a', 'b', 'one.txt')
    expect(await files.exists(path)).toBe(false)
    await files.write(path, bytes('first'))
    await files.write(path, bytes('new'))
    await files.append(path, ' more')
    await files.append(files.join(root, 'a', 'b', 'two.txt'), 'two')
    expect(text(await files.read(path))).toBe('new more')
    expect(await files.list(files.join(root, 'a', 'b'))).toEqual(['one.txt', 'two.txt'])
    expect(await files.list(files.join(root, 'a'))).toEqual(['b'])
    await files.remove(path)
    await files.remove(path)
    expect(await files.exists(path)).toBe(false)
    expect(await files.list(files.join(root, 'nowhere'))).toEqual([])
  })

  it('say which one is not there', async () => {
    const path = files.join(root, 'none.txt')
    await expect(files.read(path)).rejects.toThrow(UserError)
    await expect(files.read(path)).rejects.toThrow(/none\.txt cannot be read/)
  })
})

describe('files on disk', () => {
  it('are replaced whole: a write that fails leaves neither a part nor a change', async () => {
    const path = join(folder, 'kept')
    mkdirSync(path)
    await expect(nodeFiles.write(path, bytes('x'))).rejects.toThrow(/cannot be written[\s\S]*a folder/)
    expect(readdirSync(folder).filter(name => name.includes('part'))).toEqual([])
  })

  it('keep the former one, also where both names are still of one file', async () => {
    const at = (name: string): string => join(folder, 'former', name)
    await nodeFiles.write(at('last'), bytes('one'))
    linkSync(at('last'), at('before'))
    await nodeFiles.write(at('last'), bytes('two'), at('before'))
    expect(readdirSync(join(folder, 'former'))).toEqual(['before', 'last'])
    expect([readFileSync(at('before'), 'utf8'), readFileSync(at('last'), 'utf8')]).toEqual(['one', 'two'])
  })

  it('are read as bytes of their own', async () => {
    const path = join(folder, 'data')
    await nodeFiles.write(path, Uint8Array.of(1, 2, 3).subarray(1))
    expect([...readFileSync(path)]).toEqual([2, 3])
    const read = await nodeFiles.read(path)
    expect([...read]).toEqual([2, 3])
    expect(Buffer.isBuffer(read)).toBe(false)
  })
})

it('a folder is claimed by one of several', async () => {
  const target = join(folder, 'runs', 'first')
  const won = await Promise.all(Array.from({ length: 4 }, () => claimFolder(target)))
  expect(won.filter(Boolean)).toHaveLength(1)
  expect(await claimFolder(target)).toBe(false)
  await nodeFiles.write(join(folder, 'plain'), bytes('x'))
  await expect(claimFolder(join(folder, 'plain', 'inside'))).rejects.toThrow(UserError)
})

it.skipIf(!existsSync('/proc/self'))('a place that takes no folders is an error, and soon', async () => {
  await expect(nodeFiles.write('/proc/none/deep/x', bytes('x'))).rejects.toThrow(/cannot be written/)
})

describe('a file that is moved', () => {
  const at = (...names: string[]): string => join(folder, 'moved', ...names)

  it('goes to a free place, into folders that are made', async () => {
    mkdirSync(at(), { recursive: true })
    writeFileSync(at('one.txt'), 'one')
    await moveFile(at('one.txt'), at('b', 'c', 'two.txt'))
    expect([existsSync(at('one.txt')), readFileSync(at('b', 'c', 'two.txt'), 'utf8')]).toEqual([false, 'one'])
  })

  it('replaces nothing, a link that leads nowhere neither', async () => {
    writeFileSync(at('from.txt'), 'from')
    writeFileSync(at('to.txt'), 'to')
    symlinkSync('nowhere', at('link'))
    for (const place of ['to.txt', 'link', 'b']) {
      await expect(moveFile(at('from.txt'), at(place)), place).rejects.toThrow(UserError)
      expect(readFileSync(at('from.txt'), 'utf8')).toBe('from')
    }
    expect(readFileSync(at('to.txt'), 'utf8')).toBe('to')
    await expect(moveFile(at('link'), at('elsewhere', 'link'))).rejects.toThrow(/symbolic link/)
    await expect(moveFile(at('none.txt'), at('new.txt'))).rejects.toThrow(/none\.txt cannot be moved/)
  })
})

describe('a file that a model names beside itself', () => {
  const root = join(folder, 'linked')
  mkdirSync(join(root, 'model'), { recursive: true })
  writeFileSync(join(root, 'secret'), 'outside')
  writeFileSync(join(root, 'model', 'model.json'), '{}')
  writeFileSync(join(root, 'model', 'shard.bin'), 'inside')

  it('is read in its folder, and not where a link leads out of it', async () => {
    symlinkSync(join(root, 'model', 'shard.bin'), join(root, 'model', 'inner.bin'))
    symlinkSync(join(root, 'secret'), join(root, 'model', 'outer.bin'))
    symlinkSync(root, join(root, 'model', 'folder'))
    const { beside } = await openedFile(nodeFiles, join(root, 'model', 'model.json'))
    expect(text((await beside('shard.bin'))!)).toBe('inside')
    expect(text((await beside('inner.bin'))!)).toBe('inside')
    expect(await beside('none.bin')).toBeUndefined()
    for (const name of ['outer.bin', 'folder/secret', '../secret'])
      await expect(beside(name)).rejects.toThrow(/outside of its folder/)
  })
})
