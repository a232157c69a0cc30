/** `fovea find-lr`: the loss over the rate, as text, as a document, as files. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FindLrDocument } from '../../packages/cli/src/command/documents.ts'
import { callFovea } from './fovea-call.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

let folder: string
const at = (name: string): string => join(folder, name)
const quick = ['--steps', '40', '--limit', '64', '--threads', '1']

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-rate-'))
  writeTinyRecipe(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('fovea find-lr', () => {
  test('says the rate, why, and how to train with it', async () => {
    const { code, stdout } = await callFovea(['find-lr', at('tiny.json'), ...quick, '--seed', '3'])
    expect(code).toBe(0)
    const suggested = /Suggested: ([\d.e-]+), a fifth of the rate at the lowest loss \(the recipe has 0\.001\)/.exec(
      stdout,
    )
    expect(suggested).not.toBeNull()
    expect(stdout).toContain('smoothed loss over the learning rate')
    expect(stdout).toContain(`Next: fovea train ${at('tiny.json')} --learning-rate ${suggested![1]} --seed 3`)
  })

  test.each(['svg', 'png', 'html'])('draws it as %s', async ending => {
    const file = at(`rate.${ending}`)
    const words = ['find-lr', at('tiny.json'), ...quick, '--rates', '1e-5..100', '--json', '--out', file]
    const { code, stdout } = await callFovea(words)
    expect(code).toBe(0)
    const document = JSON.parse(stdout) as FindLrDocument
    expect(document).toMatchObject({ recipe: 'tiny', optimizer: 'Adam', batchSize: 16, seed: 1, ownRate: 0.001, file })
    expect(document.points[0]!.rate).toBe(1e-5)
    expect(document.suggestion).toBe(Number((document.lowest.rate / 5).toPrecision(2)))
    const bytes = readFileSync(file)
    if (ending === 'png') expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    else expect(bytes.toString()).toContain(`suggested: ${document.suggestion}`)
    if (ending === 'html') expect(bytes.toString()).not.toMatch(/(src|href)="https?:|<script/)
  })

  test('is the same on the recipe of a run, and leaves nothing behind', async () => {
    const run = ['train', at('tiny.json'), '--limit', '32', '--epochs', '1', '--threads', '1', '--quiet']
    expect((await callFovea([...run, '--out', at('run')])).code).toBe(0)
    const [one, two] = await Promise.all(
      [at('tiny.json'), at('run')].map(word => callFovea(['find-lr', word, ...quick, '--json'])),
    )
    expect(JSON.parse(two!.stdout)).toEqual(JSON.parse(one!.stdout))
  })

  test('refuses what cannot be before anything is trained', async () => {
    for (const [words, told] of [
      [['--out', at('rate.pdf')], /is no drawing/],
      [['--rates', '1..0.1'], /the second one higher/],
      [['--rates', '0.1'], /two rates/],
      [['--epochs', '3'], /no option --epochs/],
    ] as const) {
      const { code, stderr } = await callFovea(['find-lr', at('tiny.json'), ...words])
      expect(code).toBe(2)
      expect(stderr).toMatch(told)
    }
    expect(existsSync(at('rate.pdf'))).toBe(false)
  })
})
