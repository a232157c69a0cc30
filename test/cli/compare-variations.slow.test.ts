/** `compare` with `--without` and `--with`: each change is one more run, with the same numbers, in a run directory of its own. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CompareDocument } from '../../packages/cli/src/command/documents.ts'
import type { TrainReport } from '../../packages/fovea/src/run/report.ts'
import { readRunLines } from '../../packages/fovea/src/run/run-file.ts'
import { callFovea } from './fovea-call.testing.ts'
import { ensureBuilt, fovea, temporaryFolder } from './fovea-process.testing.ts'
import { writeTinyRecipe } from './tiny-recipe.testing.ts'

beforeAll(ensureBuilt, 120_000)

const short = ['--limit', '96', '--threads', '1']

describe('compare with one thing changed', () => {
  test('trains the recipe as it is and once for each change', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd)
    const changes = ['--without', 'dropout', '--without=rescaling', '--with', 'activation=tanh', '--with', 'grey']
    const call = await fovea(['compare', 'tiny.json', ...changes, ...short, '--seed', '3', '--json'], { cwd })
    expect(call.code).toBe(0)
    expect(call.stderr).toContain('── tiny-without-dropout: A tiny network, without dropout')
    const { runs } = JSON.parse(call.stdout) as CompareDocument
    const names = [
      'tiny',
      'tiny-without-dropout',
      'tiny-without-rescaling',
      'tiny-with-tanh',
      'tiny-with-grey-pictures',
    ]
    expect(runs.map(run => run.recipe)).toEqual(names)
    expect(runs.map(run => run.runDir)).toEqual(names.map(name => join('runs', `${name}-3-1`)))
    expect(new Set(runs.map(run => run.test.loss)).size).toBe(names.length)
    for (const { runDir } of runs) {
      const [begun] = readRunLines(readFileSync(join(cwd, runDir, 'run.jsonl'), 'utf8'))
      expect(begun).toMatchObject({ type: 'run', limit: 96, recipe: { seed: 3, epochs: 2, batchSize: 16 } })
    }
  })

  test('beside a finished run: trained with its numbers, and gone on with by its directory', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd)
    const numbers = ['--limit', '64', '--seed', '7', '--epochs', '1', '--threads', '1', '--json', '--quiet']
    await callFovea(['train', 'tiny.json', ...numbers, '--out', 'run'], { cwd })
    const call = await callFovea(['compare', 'run', '--without', 'dropout', '--threads', '1', '--json'], { cwd })
    const { runs } = JSON.parse(call.stdout) as CompareDocument
    expect(runs.map(({ recipe, trained, epochs }) => ({ recipe, trained, epochs }))).toEqual([
      { recipe: 'tiny', trained: false, epochs: 1 },
      { recipe: 'tiny-without-dropout', trained: true, epochs: 1 },
    ])
    const runDir = join('runs', 'tiny-without-dropout-7-1')
    expect(readFileSync(join(cwd, runDir, 'run.jsonl'), 'utf8')).toMatch(/"type":"run".*"limit":64/)
    const words = ['train', runDir, '--resume', runDir, '--epochs', '2', '--threads', '1', '--json']
    const longer = JSON.parse((await callFovea(words, { cwd })).stdout) as TrainReport
    expect(longer).toMatchObject({ recipe: 'tiny-without-dropout', seed: 7, epochs: 2 })
    expect(readdirSync(join(cwd, 'runs'))).toEqual(['tiny-without-dropout-7-1'])
  })

  test('--out is the place of the page', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd)
    const call = await callFovea(
      ['compare', 'tiny.json', '--without', 'dropout', ...short, '--out', 'both.html', '--json'],
      {
        cwd,
      },
    )
    const { report, runs } = JSON.parse(call.stdout) as CompareDocument
    expect(report).toBe('both.html')
    expect(readFileSync(join(cwd, 'both.html'), 'utf8')).toContain('<!doctype html>')
    expect(runs.map(({ runDir }) => runDir)).toEqual(
      ['tiny', 'tiny-without-dropout'].map(name => join('runs', `${name}-1-1`)),
    )
  })

  test('--seeds: each is trained once a seed, and mean and spread are told', async () => {
    const cwd = temporaryFolder()
    writeTinyRecipe(cwd)
    const words = ['compare', 'tiny.json', '--without', 'dropout', '--seeds', '5,6', ...short, '--epochs', '1']
    const call = await callFovea([...words, '--json'], { cwd })
    expect(call.code).toBe(0)
    const { runs, groups, verdict, report } = JSON.parse(call.stdout) as CompareDocument
    const names = ['tiny', 'tiny-without-dropout']
    expect(runs.map(run => run.runDir)).toEqual(
      names.flatMap(name => [5, 6].map(seed => join('runs', `${name}-${seed}-1`))),
    )
    expect(groups.map(({ name, seeds, testPictures }) => ({ name, seeds, testPictures }))).toEqual(
      names.map(name => ({ name, seeds: [5, 6], testPictures: 2000 })),
    )
    for (const [index, { accuracy }] of groups.entries()) {
      const own = runs.slice(2 * index, 2 * index + 2).map(run => run.test.accuracy)
      expect(accuracy.mean).toBeCloseTo((own[0]! + own[1]!) / 2, 12)
      expect([accuracy.lowest, accuracy.highest]).toEqual(own.toSorted((a, b) => a - b))
    }
    expect(verdict === null || verdict.margin! > 0).toBe(true)
    expect(report).not.toBeNull()
    const human = await callFovea(['compare', ...runs.map(run => run.runDir)], { cwd })
    expect(human.stdout).toMatch(/tiny: [\d.]+ % on average of 2 seeds/)
  })

  test.each([
    ['a seed and seeds', ['shapes-cnn', '--seed', '1', '--seeds', '1,2'], /--seed and --seeds exclude each other/],
    ['seeds twice the same', ['shapes-cnn', '--seeds', '1,1'], /different whole numbers/],
    ['seeds that are none', ['shapes-cnn', '--seeds', '1,x'], /different whole numbers/],
    ['an unknown part', ['shapes-cnn', '--without', 'dropuot'], /Did you mean 'dropout'/],
    ['a part that is not there', ['shapes-cnn', '--without', 'dropout'], /shapes-cnn has no dropout/],
    ['an unknown change', ['shapes-cnn', '--with', 'gery'], /Did you mean 'grey'/],
    ['one recipe of two that lacks it', ['lenet5', 'mnist-cnn', '--without=dropout'], /mnist-cnn has no dropout/],
  ])('%s: exit 2 before anything is trained', async (_, words, message) => {
    const { code, stdout, stderr } = await callFovea(['compare', ...words])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })
})
