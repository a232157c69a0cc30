import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { isRunning, ownProcess, processName } from './running.ts'

it('this process runs, by its name and by its number', () => {
  expect(ownProcess()).toMatch(new RegExp(`^${processName}$`))
  expect([ownProcess(), String(process.pid)].map(isRunning)).toEqual([true, true])
})

it.skipIf(!existsSync('/proc/self/stat'))(
  'a number that another process has now tells nothing of the former one',
  () => {
    expect(isRunning(`${process.pid}-12`)).toBe(false)
  },
)

it('one that has ended does not run, and neither does what is no process', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise(resolve => child.on('close', resolve))
  expect([`${child.pid}-0`, String(child.pid), 'undefined', ''].map(isRunning)).toEqual([false, false, false, false])
})
