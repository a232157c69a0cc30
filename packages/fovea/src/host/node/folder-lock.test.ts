import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { nodeFiles } from './files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const lock = () => nodeFiles.lock!(folder)
const locks = () => readdirSync(folder).filter(name => name.endsWith('.lock'))

function put(holder: Record<string, unknown>): void {
  writeFileSync(
    join(folder, '.fovea-1-0000abcd.lock'),
    JSON.stringify({ since: '2026-01-01T00:00:00.000Z', ...holder }),
  )
}

it('a folder is held by one, until it gives it back', async () => {
  const unlock = await lock()
  await expect(lock()).rejects.toThrow(
    new RegExp(`is in use[\\s\\S]*process ${process.pid} on ${hostname()}, since \\d{4}-\\d\\d-\\d\\dT`),
  )
  expect(locks()).toHaveLength(1)
  await unlock()
  expect(locks()).toEqual([])
  await (await lock())()
})

it('of several at once one has it at most, and then another one can', async () => {
  for (let round = 0; round < 3; round++) {
    const all = await Promise.allSettled(Array.from({ length: 4 }, lock))
    const won = all.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
    expect(won.length).toBeLessThanOrEqual(1)
    expect(locks()).toHaveLength(won.length)
    for (const unlock of won) await unlock()
  }
})

it('a dead process holds nothing, and neither does one whose number another one has now', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise(resolve => child.on('close', resolve))
  put({ process: `${child.pid}-0`, host: hostname() })
  writeFileSync(join(folder, `.${child.pid}-0-3.part`), 'half of a file')
  writeFileSync(join(folder, '.5-note'), "somebody's own")
  const unlock = await lock()
  expect(locks()).toHaveLength(1)
  await unlock()
  expect(readdirSync(folder)).toEqual(['.5-note'])
  if (!existsSync('/proc/self/stat')) return
  put({ process: `${process.ppid}-12`, host: hostname() })
  writeFileSync(join(folder, `.${process.ppid}-12-3.part`), 'half of a file')
  await (await lock())()
  expect(readdirSync(folder)).toEqual(['.5-note'])
  writeFileSync(join(folder, '.fovea-1-0000abcd.lock'), 'no lock')
  await (await lock())()
})

it('of another machine nothing is known: its lock holds, and it is said which file it is', async () => {
  put({ process: '1-0', host: 'elsewhere.example' })
  await expect(lock()).rejects.toThrow(
    /process 1 on elsewhere\.example[\s\S]*move \.fovea-1-0000abcd\.lock out of the folder/,
  )
})
