/** A disk that is really full, where the system lets us mount a small one in memory: what is kept, what is said, and that nothing is lost. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeCheckpoint } from '../../packages/fovea/src/store/checkpoint.ts'
import { decodeModelFile } from '../../packages/fovea/src/store/model-file.ts'
import { ensureBuilt, fovea } from './fovea-process.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-full-'))
const disk = join(folder, 'disk')
const filler = join(disk, 'filler')
mkdirSync(disk)
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]).status === 0

afterAll(() => {
  if (isMounted) spawnSync('umount', ['--lazy', disk])
  rmSync(folder, { recursive: true, force: true })
})

const words = (run: string) => ['train', join(folder, 'tiny.json'), '--limit', '320', '--threads', '1', '--out', run]
const weightsOf = (run: string): string => JSON.parse(readFileSync(join(run, 'result.json'), 'utf8')).weightsSha256

/** Takes whatever room there is, again and again, from the first checkpoint on until `isOver` says so. */
async function fillUp(run: string, isOver: () => boolean): Promise<void> {
  while (!existsSync(join(run, 'last.ckpt'))) await later(5)
  for (const block = new Uint8Array(4096); !isOver(); await later(2)) {
    try {
      for (;;) appendFileSync(filler, block)
    } catch (error) {
      expect((error as { code?: string }).code).toBe('ENOSPC')
    }
  }
}

describe.skipIf(!isMounted)('a disk that fills up in the middle of a training', () => {
  beforeAll(async () => {
    ensureBuilt()
    writeTinyRecipe(folder, { epochs: 60 })
    expect((await fovea(words(join(folder, 'straight')))).code).toBe(0)
  }, 120_000)

  test('ends it with a sentence; what was saved is sound, and going on gives the same weights', async () => {
    const run = join(disk, 'ended')
    let isOver = false
    const training = fovea(words(run)).finally(() => {
      isOver = true
    })
    await fillUp(run, () => isOver)
    const { code, stderr } = await training
    expect(code).toBe(1)
    expect(stderr).toMatch(/cannot be written\n {2}received: the disk is full/)
    expect(stderr).toContain(`train --resume ${run}`)
    expect(stderr).not.toMatch(/^ {4}at /m)
    const read = (name: string) => new Uint8Array(readFileSync(join(run, name)))
    expect(decodeCheckpoint(read('last.ckpt'), 'last.ckpt').progress.history.length).toBeGreaterThan(0)
    expect(decodeModelFile(read('best.safetensors'), 'best.safetensors').weights.length).toBeGreaterThan(0)
    expect(readdirSync(run).filter(name => /\.(part|lock)$/.test(name))).toEqual([])

    // Still full: nothing is done, and nothing gets worse.
    const refused = await fovea(['train', '--resume', run])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/the disk is full/)
    rmSync(filler)
    expect((await fovea(['train', '--resume', run, '--threads', '2'])).code).toBe(0)
    expect(weightsOf(run)).toBe(weightsOf(join(folder, 'straight')))
  })

  test('with --keep-training it says so and goes on; with room again it saves, and comes to the same weights', async () => {
    const run = join(disk, 'kept')
    let said = ''
    const training = fovea([...words(run), '--keep-training'], {
      onOutput: written => {
        said = written
      },
    })
    await fillUp(run, () => /the disk is full/.test(said))
    rmSync(filler)
    const { code } = await training
    expect(code, said).toBe(0)
    expect(weightsOf(run)).toBe(weightsOf(join(folder, 'straight')))
  })
})
