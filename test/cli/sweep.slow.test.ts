/** `fovea sweep`: trials, the best of which go on; interrupted, gone on with, joined. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SweepDocument } from '../../packages/cli/src/sweep/document.ts'
import { callFovea } from './fovea-call.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

let folder: string
const at = (name: string): string => join(folder, name)
const vary = ['--vary', 'learningRate=1e-4..1', '--vary', 'dropout=0,0.3']
const quick = ['--limit', '64', '--threads', '1']
const call = (name: string, ...more: string[]) =>
  callFovea(['sweep', at('tiny.json'), ...vary, ...quick, '--trials', '4', '--json', '--out', at(name), ...more])

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-sweep-'))
  writeTinyRecipe(folder, { epochs: 3 })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('fovea sweep', () => {
  test('trains all trials, the best further, and the winner in full; the test set is measured once', async () => {
    const { code, stdout } = await call('one')
    expect(code).toBe(0)
    const document = JSON.parse(stdout) as SweepDocument
    expect(document).toMatchObject({ recipe: 'tiny', planned: 4, rungs: 2, reduction: 3 })
    expect(document.trials.map(({ epochs }) => epochs)).toEqual([3, 1, 1, 1])
    const [best, ...others] = document.trials
    expect(best!.accuracy).not.toBeNull()
    expect(best!.curve.map(({ epoch }) => epoch)).toEqual([1, 2, 3])
    const accuracies = others.map(({ accuracy }) => accuracy!)
    expect(accuracies).toEqual(accuracies.toSorted((a, b) => b - a))
    expect(document.winner).toMatchObject({ trial: best!.trial, runDir: at('one/winner'), epochs: 3 })
    expect(document.winner!.testAccuracy).toBeGreaterThan(0)
    // Nothing of the test set is in what was trained to choose.
    for (const trial of readdirSync(at('one/trials')))
      expect(readFileSync(at(`one/trials/${trial}/run.jsonl`), 'utf8')).toContain('no test part')
    // Of trials that are out, no weights are left.
    for (const { trial } of others)
      expect(readdirSync(at(`one/trials/${String(trial).padStart(3, '0')}`))).toEqual(['run.jsonl'])
    // The winner's training is the trial's, once more.
    const report = JSON.parse(readFileSync(at('one/winner/result.json'), 'utf8'))
    expect(report.history.map((each: { valAccuracy: number }) => each.valAccuracy)).toEqual(
      best!.curve.map(({ valAccuracy }) => valAccuracy),
    )
    const page = readFileSync(at('one/sweep.html'), 'utf8')
    for (const text of ['What mattered', 'Learning curves', 'All trials', 'measured this once'])
      expect(page).toContain(text)
    expect(page).not.toMatch(/(src|href)="https?:|<script/)
  })

  test('joined when all is done, it says the same and trains nothing', async () => {
    const journal = readFileSync(at('one/journal.jsonl'), 'utf8')
    const [again, resumed] = [
      await call('one'),
      await callFovea(['sweep', '--resume', at('one'), '--json', '--threads', '1']),
    ]
    expect(JSON.parse(resumed.stdout)).toEqual(JSON.parse(again.stdout))
    expect(readFileSync(at('one/journal.jsonl'), 'utf8')).toBe(journal)
  })

  test('interrupted again and again, and then joined by two at once, it ends with the same table', async () => {
    for (let times = 0; times < 4; times++) {
      let lines = 0
      const words = ['sweep', at('tiny.json'), ...vary, ...quick, '--trials', '4', '--out', at('two')]
      const { code, stdout } = await callFovea(words, {
        onOutput: (text, interrupt) => {
          lines += text.split('\n').filter(line => line.startsWith('  trial ')).length
          if (lines >= 1) interrupt()
        },
      })
      expect(code).toBe(130)
      expect(stdout).toContain(`Next: fovea sweep --resume ${at('two')}`)
    }
    const both = await Promise.all([call('two'), call('two')])
    const table = (text: string) => ({ ...JSON.parse(text), sweep: '', report: '', winner: null })
    const first = await call('one')
    for (const { code, stdout } of both) {
      expect(code).toBe(0)
      expect(table(stdout)).toEqual(table(first.stdout))
      expect(JSON.parse(stdout).winner.weightsSha256).toBe(JSON.parse(first.stdout).winner.weightsSha256)
    }
  })

  test('says what cannot be, before anything is trained', async () => {
    const cases: [string[], number, RegExp][] = [
      [['sweep', at('tiny.json')], 2, /needs --vary/],
      [['sweep'], 2, /needs a RECIPE/],
      [['sweep', at('tiny.json'), '--vary', 'droput=0,0.1'], 2, /Did you mean 'dropout'/],
      [['sweep', at('tiny.json'), '--vary', 'dropout=0,1.5'], 2, /rate/],
      [['sweep', at('tiny.json'), '--vary', 'epochs=0..3'], 2, /epochs/],
      [['sweep', at('tiny.json'), '--vary', 'activation=relu,tahn'], 2, /tanh/],
      [['sweep', at('tiny.json'), '--vary', 'dropout=0,0.1', '--vary', 'dropout=0.2,0.3'], 2, /varied twice/],
      [['sweep', at('tiny.json'), '--vary', 'epochs=1,2', '--epochs', '3'], 2, /exclude/],
      [['sweep', at('tiny.json'), ...vary, '--trials', '3', '--minutes', '1'], 2, /exclude/],
      [['sweep', '--resume', at('nothing')], 1, /no sweep to go on with/],
      [['sweep', at('tiny.json'), '--resume', at('one')], 2, /takes no RECIPE/],
    ]
    for (const [words, expected, told] of cases) {
      const { code, stderr } = await callFovea([...words, '--threads', '1'])
      expect(stderr, words.join(' ')).toMatch(told)
      expect(code, words.join(' ')).toBe(expected)
    }
    const other = await call('one', '--seed', '5')
    expect(other.code).toBe(1)
    expect(other.stderr).toMatch(/holds another sweep[\s\S]*--resume/)
    writeFileSync(at('tiny.txt'), '')
    const taken = await callFovea(['sweep', at('tiny.json'), ...vary, ...quick, '--out', folder])
    expect(taken.stderr).toMatch(/something else than a sweep/)
    expect(existsSync(at('journal.jsonl'))).toBe(false)
  })

  test('a recipe that validates on the test set holds pictures of its own out', async () => {
    writeTinyRecipe(folder, { name: 'on-test', validation: { kind: 'test' }, selectedOnTestSet: true, epochs: 1 })
    const words = ['sweep', at('tiny.json'), '--vary', 'dropout=0,0.3', ...quick, '--out', at('held')]
    expect((await callFovea([...words, '--no-winner'])).code).toBe(0)
    const [plan] = readFileSync(at('held/journal.jsonl'), 'utf8').split('\n')
    expect(JSON.parse(plan!)).toMatchObject({
      recipe: { validation: { kind: 'stratified', count: 1200 }, selectedOnTestSet: false },
      trials: 2,
    })
    expect(existsSync(at('held/winner'))).toBe(false)
  })
})
