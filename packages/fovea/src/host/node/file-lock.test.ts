import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isGone, ownMark, withFileLock } from './file-lock.ts'

let folder: string
const at = (name: string): string => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-lock-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('what is done under a lock is done one after the other', async () => {
  writeFileSync(at('count'), '0')
  const add = () =>
    withFileLock(at('count.lock'), async () => {
      const count = Number(readFileSync(at('count'), 'utf8'))
      await new Promise(resolve => setTimeout(resolve, 1))
      writeFileSync(at('count'), String(count + 1))
    })
  await Promise.all(Array.from({ length: 30 }, add))
  expect(readFileSync(at('count'), 'utf8')).toBe('30')
  expect(readdirSync(folder)).toEqual(['count'])
})

test('the lock is given back where the work fails', async () => {
  await expect(withFileLock(at('lock'), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await withFileLock(at('lock'), async () => 'yes')).toBe('yes')
})

test('a lock of a process that has ended is taken over at once', async () => {
  writeFileSync(at('nothing.mjs'), '')
  const child = fork(at('nothing.mjs'))
  await new Promise(resolve => child.on('exit', resolve))
  const mark = `${hostname()} ${child.pid} a-b`
  expect(isGone(mark)).toBe(true)
  expect(isGone(ownMark())).toBe(false)
  expect(isGone(`another-machine ${child.pid} a-b`)).toBe(false)
  symlinkSync(mark, at('left.lock'))
  expect(await withFileLock(at('left.lock'), async () => 'mine')).toBe('mine')
})

test('where no lock can be made, it is told', async () => {
  await expect(withFileLock(at('no/such/lock'), async () => 1)).rejects.toThrow(/cannot be made/)
})
