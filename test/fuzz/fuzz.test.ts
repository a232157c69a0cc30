/** What the fuzzer found stays mended, and the fuzzer itself does what it says: cases come again, good files are read, files get small. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import { afterAll, describe, expect, test } from 'vitest'
import { root } from '../source-files.testing.ts'
import { caseOf, fuzzFormats, seedsOf } from './formats.ts'
import { smaller } from './smaller.ts'

const box = mkdtempSync(join(tmpdir(), 'fovea-kept-'))
afterAll(() => rmSync(box, { recursive: true, force: true }))

const told = async (read: () => unknown): Promise<boolean> => {
  try {
    await read()
    return false
  } catch (error) {
    if (error instanceof UserError) return true
    throw error
  }
}

const kept = readdirSync(join(root, 'test/fuzz/kept')).filter(name => name.endsWith('.bin'))

describe.runIf(kept.length > 0)('files that were found', () => {
  // FORMAT.what-it-did.bin
  test.each(kept)('%s', { timeout: 20_000 }, async name => {
    const format = fuzzFormats.find(each => each.name === name.split('.')[0])!
    await told(() => format.read(new Uint8Array(readFileSync(join(root, 'test/fuzz/kept', name))), box))
  })
})

describe.each(fuzzFormats)('$name', format => {
  test('reads its good files, and tells or reads changed ones, the same every time', { timeout: 60_000 }, async () => {
    const seeds = await seedsOf(format)
    for (const bytes of seeds) expect(await told(() => format.read(bytes, box))).toBe(false)
    let changed = 0
    for (let at = 0; at < 12; at++) {
      const bytes = await caseOf([format], 5, at)
      expect(Buffer.compare(bytes, await caseOf([format], 5, at))).toBe(0)
      if (!seeds.some(seed => Buffer.compare(seed, bytes) === 0)) changed++
      await told(() => format.read(bytes, box))
    }
    expect(changed).toBeGreaterThan(6)
  })
})

test('a file gets as small as its fault', async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at % 251)
  const isFaulty = async (part: Uint8Array): Promise<boolean> => part.includes(77) && part.includes(200)
  expect([...(await smaller(bytes, isFaulty, 1000))].sort((a, b) => a - b)).toEqual([77, 200])
})
