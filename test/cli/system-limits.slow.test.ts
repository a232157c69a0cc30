/** Limits of the system that a process meets (quotas, full disks, rights, addresses, open files): sentences, and nothing that was saved is lost. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bin, ensureBuilt } from './fovea-process.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

let folder: string
const at = (name: string): string => join(folder, name)

beforeAll(() => {
  ensureBuilt()
  // Others than its owner may look into it.
  folder = mkdtempSync(join(tmpdir(), 'fovea-limits-'))
  spawnSync('chmod', ['755', folder])
  writeTinyRecipe(folder)
  expect(shell(`${train} --out plain`).code).toBe(0)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const train = 'fovea train tiny.json --limit 32 --epochs 1 --threads 1 --quiet'
const hasBash = spawnSync('bash', ['-c', 'true']).status === 0
const maySwitchUser = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0

/** A line for bash, in which `fovea` is the built program. */
function shell(line: string, env: Record<string, string> = {}) {
  const script = `shopt -s expand_aliases\nalias fovea='"${process.execPath}" "${bin}"'\n${line}`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, FOVEA_OFFLINE: '1', ...env },
  })
  return { code: status, stdout, stderr }
}

function expectRefused(call: ReturnType<typeof shell>, ...messages: RegExp[]): void {
  expect(call.stderr).not.toMatch(/^ {4}at |^node:|Fatal/m)
  for (const message of messages) expect(call.stderr).toMatch(message)
  expect(call.code).toBe(1)
}

/** Blocks of 1024 bytes, bash's unit, that hold this file of the plain run and nothing larger. */
const blocks = (file: string): number => Math.ceil(statSync(join(at('plain'), file)).size / 1024)

describe.skipIf(!hasBash)('a limit on the size of files', () => {
  test('that the first weights go beyond', () => {
    const call = shell(`ulimit -f 1; ${train} --out none`)
    expectRefused(call, /none\/\S+ cannot be written\n {2}received: the file would be larger[\s\S]*ulimit -f/)
    expect(existsSync(at('none'))).toBe(false)
  })

  test('that only the test goes beyond: weights are kept, and the command that is named goes on', () => {
    const limit = Math.max(blocks('last.ckpt'), blocks('best.safetensors'), blocks('samples.safetensors'))
    expect(blocks('test-predictions.safetensors')).toBeGreaterThan(limit)
    const call = shell(`ulimit -f ${limit}; ${train} --out kept`)
    expectRefused(call, /test-predictions\S+ cannot be written/, /kept keeps the weights/, /train --resume kept/)
    expect(readFileSync(join(at('kept'), 'best.safetensors'))).toEqual(
      readFileSync(join(at('plain'), 'best.safetensors')),
    )
    // It tells seconds, with as many digits as they have.
    const sizes = ['kept', 'plain'].map(run => statSync(join(at(run), 'last.ckpt')).size)
    expect(Math.abs(sizes[0]! - sizes[1]!)).toBeLessThan(200)
    expect(readdirSync(at('kept')).filter(name => name.endsWith('.part'))).toEqual([])
    expect(shell('fovea train --resume kept --threads 1 --quiet').code).toBe(0)
    const accuracy = (run: string): number =>
      JSON.parse(readFileSync(join(at(run), 'result.json'), 'utf8')).test.accuracy
    expect(accuracy('kept')).toBe(accuracy('plain'))
  })
})

describe.skipIf(!hasBash || process.platform !== 'linux')('a limit', () => {
  // The engine itself needs 1 GB of addresses to start, and reserves 8 for a memory.
  test.each([1.2, 3, 8])('on addresses, %f GB', gigabytes => {
    const call = shell(`ulimit -v ${gigabytes * 1e6}; ${train} --threads 8 --out addresses`)
    expectRefused(call, /ulimit -v/)
    expect(existsSync(at('addresses'))).toBe(false)
  })

  test.each([20, 24])('on open files, %i', count => {
    const call = shell(`ulimit -n ${count}; fovea summary mnist-cnn`)
    if (call.code !== 0) expectRefused(call, /too many files open[\s\S]*ulimit -n/)
  })

  test('on names', () => {
    expectRefused(shell(`${train} --out ${'n'.repeat(300)}`), /the name is too long[\s\S]*shorter/)
  })

  test('on where one is: a folder that is gone', () => {
    const call = shell('mkdir gone; cd gone; rmdir ../gone; fovea report a; echo $?; fovea recipes')
    expect(call.stderr).toMatch(/The current folder is gone[\s\S]*cd/)
    expect(call.stderr).not.toMatch(/^ {4}at /m)
    expect(call.stdout).toMatch(/^1\n[\s\S]*mnist-cnn/)
  })

  test('on what a terminal takes', () => {
    expectRefused(shell('fovea recipes > /dev/full'), /^Standard output cannot be written: ENOSPC, the disk is full\n$/)
    expect(shell('fovea recipes >&-').code).toBe(0)
    expect(shell('fovea recipes | head -1')).toMatchObject({ code: 0, stderr: '' })
  })
})

describe.skipIf(!maySwitchUser)('what another user may not', () => {
  const nobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups'
  const as = (line: string): string => line.replace('fovea', `${nobody} "${process.execPath}" "${bin}"`)

  test.each([
    ['fovea evaluate plain', /plain\/best\.safetensors cannot be looked at/],
    ['fovea report plain', /plain\/run\.jsonl cannot be looked at/],
    ['fovea diagnose plain', /plain\/run\.jsonl cannot be looked at/],
    ['fovea compare plain', /plain\/result\.json cannot be looked at/],
  ])('an unreadable run: %s', (line, message) => {
    shell('chmod 700 plain')
    try {
      expectRefused(shell(as(line)), message, /permission denied/)
    } finally {
      shell('chmod 755 plain')
    }
  })

  test.each([
    [`${train} --out mine`, /mine\S* cannot be (written|made)/],
    [train, /runs\/tiny-1-1 cannot be made/],
    ['fovea report plain', /plain\/report\.html cannot be written/],
    ['fovea report plain --out /tmp/fovea-nobody.html --png plain/figures', /plain\/figures\/\S+ cannot be written/],
  ])('a place that takes nothing: %s', (line, message) => {
    try {
      expectRefused(shell(as(line)), message, /permission denied/)
    } finally {
      rmSync('/tmp/fovea-nobody.html', { force: true })
    }
  })

  test('a home without a cache names the variable for another one', () => {
    expectRefused(
      shell(as('fovea data mnist'), { FOVEA_OFFLINE: '0' }),
      /cache\S* cannot be made/,
      /FOVEA_CACHE/,
      /--data-dir/,
    )
  })
})
