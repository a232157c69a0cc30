/** A reading that does wrong is seen: it throws, waits, takes memory, or leaves its folder. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seen, watch } from './watched.ts'

const box = mkdtempSync(join(tmpdir(), 'fovea-watched-'))
const outside = mkdtempSync(join(tmpdir(), 'fovea-outside-'))
beforeAll(() => {
  writeFileSync(join(outside, 'secret'), 'x')
  watch()
})
afterAll(() => {
  for (const folder of [box, outside]) rmSync(folder, { recursive: true, force: true })
})

const wait = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

test('what is right is no fault', async () => {
  expect(await seen(box, () => 1)).toEqual({ outcome: 'read', fault: undefined })
  const told = () => {
    throw new UserError({ what: 'No.' })
  }
  expect(await seen(box, told)).toEqual({ outcome: 'told', fault: undefined })
  const inside = async () => {
    writeFileSync(join(box, 'a'), 'x')
    return readFile(join(box, 'a'))
  }
  expect(await seen(box, inside)).toEqual({ outcome: 'read', fault: undefined })
})

test.each<[string, () => unknown, RegExp]>([
  ['an error that is no sentence', () => (undefined as unknown as string).length, /it is thrown: TypeError/],
  ['more than two seconds', () => wait(2200), /it takes 2\.\d s/],
  ['memory', () => new Uint8Array(400 * 2 ** 20).fill(1), /it takes \d+ MB/],
  ['a file outside that is read', () => readFileSync(join(outside, 'secret')), /leaves its folder: readFileSync/],
  ['a file outside that is awaited', () => readFile(join(outside, 'secret')), /leaves its folder: readFile/],
  ['a file outside that is written', () => appendFileSync(join(outside, 'new'), 'x'), /leaves its folder: appendFile/],
  ['the network', () => connect(9, '127.0.0.1').on('error', () => {}), /a connection to/],
])('seen: %s', async (_, read, says) => {
  expect((await seen(box, read)).fault).toMatch(says)
})
