/** What users do that nobody planned for: options first, broken recipes and folders, closed pipes, runs that cannot go on. */
import { spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HelpDocument, SummaryDocument, VersionDocument } from '../../packages/cli/src/command/documents.ts'
import { verbs } from '../../packages/cli/src/verbs/verbs.ts'
import type { RecipeConfig } from '../../packages/fovea/src/recipes/recipe.ts'
import { encodeModelFile } from '../../packages/fovea/src/store/model-encoder.ts'
import { decodeModelFile } from '../../packages/fovea/src/store/model-file.ts'
import { writePng } from '../../packages/pictures/src/pictures.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { callFovea } from './fovea-call.testing.ts'
import { bin, ensureBuilt, temporaryFolder } from './fovea-process.testing.ts'
import { tinyRecipe, writeTinyRecipe } from './tiny-recipe.testing.ts'

const short = ['--limit', '32', '--epochs', '1', '--threads', '1', '--quiet']

describe('words', () => {
  test('options that every verb has may stand before it', async () => {
    const { code, stdout } = await callFovea(['--json', 'help'])
    expect(code).toBe(0)
    expect((JSON.parse(stdout) as HelpDocument).verbs).toHaveLength(verbs.length)
    expect((await callFovea(['--json'])).stdout).toBe(stdout)
  })

  test('help and version are documents too', async () => {
    const help = JSON.parse((await callFovea(['data', '--help', '--json'])).stdout) as HelpDocument
    expect(help.verbs.map(verb => verb.name)).toEqual(['data'])
    const { version } = JSON.parse((await callFovea(['--version', '--json'])).stdout) as VersionDocument
    expect(version).toMatch(/^\d+\.\d+/)
  })

  test('help for a mistyped verb is wrong usage', async () => {
    expect(await callFovea(['help', 'trian'])).toMatchObject({ code: 2, stderr: expect.stringContaining("'train'") })
  })

  test.each(['shapes-cnn', 'googlenet'])('what summary suggests for %s works', async name => {
    const { stdout } = await callFovea(['summary', name])
    const next = stdout.trimEnd().split('\n').at(-1)!.replace('Next: fovea ', '').split(' ')
    const asked = next[0] === 'train' ? ['recipes', next[1]!] : next
    expect((await callFovea(asked)).code).toBe(0)
  })
})

describe('outputs', () => {
  beforeAll(ensureBuilt, 120_000)

  /** The exit code and what stands on standard error with standard output in these hands. */
  function callInto(stdout: number | 'pipe', close: boolean): Promise<{ code: number | null; stderr: string }> {
    const child = spawn(process.execPath, [bin, 'summary', 'googlenet'], { stdio: ['ignore', stdout, 'pipe'] })
    let stderr = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    if (close) child.stdout!.destroy()
    return new Promise(resolve => child.on('close', code => resolve({ code, stderr })))
  }

  test('a reader that leaves is no error', async () => {
    expect(await callInto('pipe', true)).toEqual({ code: 0, stderr: '' })
  })

  test.skipIf(!existsSync('/dev/full'))('a full disk is told in one line', async () => {
    const { code, stderr } = await callInto(openSync('/dev/full', 'w'), false)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Standard output cannot be written: ENOSPC.*\n$/)
  })
})

describe('recipes that cannot be trained', () => {
  const cases: [string, Partial<RecipeConfig>, string[], RegExp][] = [
    ['a name that leads elsewhere', { name: '../elsewhere' }, [], /"name" of the recipe cannot be used/],
    ['no accuracy', { metrics: [] }, [], /'accuracy' among them/],
    [
      'a monitor there is not',
      { callbacks: [{ type: 'EarlyStopping', config: { monitor: 'val_auc' } }] },
      [],
      /val_auc/,
    ],
    ['another shape', { dataset: 'shapes', model: 'mnist-cnn' }, [], /does not take the pictures/],
  ]
  test.each(cases)('%s: exit 1, and no run directory is left', async (_, changes, words, message) => {
    const folder = temporaryFolder()
    writeTinyRecipe(folder, changes)
    const out = join(folder, 'run')
    const call = await callFovea(['train', join(folder, 'tiny.json'), '--out', out, ...short, ...words])
    expect(call).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) })
    expect(existsSync(out)).toBe(false)
  })

  test('a file that is not JSON is named once', async () => {
    const path = join(temporaryFolder(), 'cut.json')
    writeFileSync(path, '{"name":')
    const { code, stderr } = await callFovea(['train', path])
    expect(code).toBe(1)
    expect(stderr.split('cut.json')).toHaveLength(2)
  })

  test.each(['best', 'last'] as const)(
    'a loss that is not a number ends training with the reason (test: %s)',
    async kind => {
      const folder = temporaryFolder()
      writeTinyRecipe(folder, { test: kind, epochs: 50 })
      const words = ['train', join(folder, 'tiny.json'), '--out', join(folder, 'run'), '--learning-rate', '1e38']
      const call = await callFovea([...words, '--limit', '64', '--threads', '1', '--json'])
      expect(call.code).toBe(1)
      expect(JSON.parse(call.stdout)).toMatchObject({
        error: [{ what: expect.stringMatching(/broke down: .* batch \d+ is/) }],
      })
      expect(call.stderr).toContain('Invalid loss, terminating training')
      expect(call.stderr).not.toContain('Epoch 3/50')
    },
  )

  test('a recipe file is summarised like its model', async () => {
    const path = join(temporaryFolder(), 'my.json')
    writeFileSync(path, (await callFovea(['recipes', 'mnist-cnn', '--json'])).stdout)
    const { stdout, stderr } = await callFovea(['summary', path, '--json'])
    expect((JSON.parse(stdout) as SummaryDocument).params.total).toBe(220_234)
    expect(stderr).toContain(`Next: fovea train ${path}`)
  })
})

describe('run directories', () => {
  let folder: string
  let train: string[]

  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fovea-test-'))
    writeTinyRecipe(folder)
    train = ['train', join(folder, 'tiny.json'), ...short]
    expect((await callFovea([...train, '--out', join(folder, 'a run')])).code).toBe(0)
  }, 60_000)

  test('a file, or a folder inside one, cannot hold a run', async () => {
    const file = join(folder, 'tiny.json')
    for (const out of [file, join(file, 'run')]) {
      const call = await callFovea([...train, '--out', out])
      expect(call).toMatchObject({ code: 1, stderr: expect.stringMatching(/tiny\.json.*(is a file|cannot be)/) })
    }
  })

  test('what cannot be resumed says why', async () => {
    const run = join(folder, 'a run')
    const other = join(folder, 'other.json')
    writeFileSync(other, JSON.stringify(tinyRecipe({ name: 'other' })))
    const cases: [string[], number, RegExp][] = [
      [[...train, '--resume', join(folder, 'nothing')], 1, /holds no run to go on with/],
      [['train', '--resume', run, '--epochs', '0'], 2, /epochs/],
      [[...train, '--resume', run, '--out', 'x'], 2, /exclude each other/],
      [['train', other, '--resume', run], 2, /another recipe[\s\S]*tiny[\s\S]*other/],
      [['train', join(folder, 'tiny.json'), '--resume', run, '--limit', '4'], 2, /--limit 32/],
      [[...train, '--resume', run, '--seed', '4', '--batch-size', '8'], 2, /--batch-size 16[\s\S]*--seed 1/],
    ]
    for (const [words, code, message] of cases) {
      expect(await callFovea(words)).toMatchObject({ code, stderr: expect.stringMatching(message) })
    }
  })

  test('a finished run is not trained again: numbers for it are refused', async () => {
    const run = join(folder, 'a run')
    for (const words of [[run], [run, '--without', 'dropout']]) {
      const call = await callFovea(['compare', ...words, '--epochs', '3'])
      expect(call).toMatchObject({ code: 2, stderr: expect.stringMatching(/--epochs changes nothing here/) })
    }
  })

  test('a model that gives NaN sees nothing', async () => {
    const path = join(folder, 'a run', 'best.safetensors')
    const file = decodeModelFile(new Uint8Array(readFileSync(path)), path)
    const broken = join(folder, 'broken.safetensors')
    const weights = file.weights.map(weight => ({ ...weight, data: weight.data.map(() => Number.NaN) }))
    writeFileSync(broken, encodeModelFile({ ...file, weights }))
    const picture = join(folder, 'grey.png')
    writeFileSync(picture, pngBytes({ width: 32, height: 32, channels: 3, data: new Uint8Array(32 * 32 * 3) }))
    for (const [verb, ...options] of [['predict', '--threads', '1'], ['explain']] as const) {
      const call = await callFovea([verb, broken, picture, ...options])
      expect(call).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/no probabilities for .*grey\.png, but NaN/),
      })
    }
  })

  test('a resumed run has the numbers it was begun with; its seconds are added up', async () => {
    const run = join(folder, 'begun')
    const words = ['train', join(folder, 'tiny.json')]
    const begun = await callFovea([...words, ...short, '--seed', '7', '--batch-size', '8', '--out', run, '--json'])
    rmSync(join(run, 'result.json'))
    const compared = await callFovea(['compare', run])
    expect(compared).toMatchObject({ code: 1, stderr: expect.stringMatching(/no finished run[\s\S]*train --resume/) })
    const more = await callFovea(['train', '--resume', run, '--epochs', '2', '--threads', '1', '--json'])
    expect(more.code).toBe(0)
    const [before, after] = [begun, more].map(({ stdout }) => JSON.parse(stdout))
    expect(after).toMatchObject({ seed: 7, epochs: 2 })
    expect(after.seconds).toBeGreaterThan(before.history[0].seconds)
    expect(readFileSync(join(run, 'run.jsonl'), 'utf8').match(/"limit":32/g)).toHaveLength(2)
  })

  test('a run interrupted in its first epoch can be used by its checkpoint', async () => {
    const early = join(folder, 'early')
    mkdirSync(early)
    copyFileSync(join(folder, 'a run', 'last.ckpt'), join(early, 'last.ckpt'))
    expect((await callFovea(['summary', early])).code).toBe(0)
    expect((await callFovea(['evaluate', early, '--limit', '8', '--threads', '1'])).code).toBe(0)
  })

  test('other classes under the same numbers are not evaluated', async () => {
    const path = join(folder, 'a run', 'best.safetensors')
    const file = decodeModelFile(new Uint8Array(readFileSync(path)), path)
    const other = join(folder, 'letters.safetensors')
    writeFileSync(other, encodeModelFile({ ...file, classNames: [...'abcdefghij'] }))
    const call = await callFovea(['evaluate', other, '--dataset', 'shapes', '--threads', '1'])
    expect(call).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/other classes[\s\S]*a, b, c[\s\S]*disc, ring/),
    })
  })

  test('names of classes that do not fit the model are refused, and what a terminal would obey is written out', async () => {
    const path = join(folder, 'a run', 'best.safetensors')
    const file = decodeModelFile(new Uint8Array(readFileSync(path)), path)
    const other = join(folder, 'names.safetensors')
    const picture = join(folder, 'grey.png')
    await writePng(picture, { width: 32, height: 32, channels: 3, data: new Uint8Array(3072).fill(120) })
    const predicted = (classNames: readonly string[], ...more: string[]) => {
      writeFileSync(other, encodeModelFile({ ...file, classNames }))
      return callFovea(['predict', other, picture, ...more])
    }
    for (const names of [[], ['a'], [...'abc'], [...'abcdefghi'], [...'abcdefghijk']]) {
      const { code, stdout, stderr } = await predicted(names)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/does not name the classes of its model[\s\S]*10 names[\s\S]*set classNames/)
    }
    const odd = [...'abcdefghij'].map(letter => `${letter}\u001b[31m\u0007\r\u202e\u009b2J`)
    const { code, stdout } = await predicted(odd)
    expect(code).toBe(0)
    expect(stdout).toMatch(/[a-j]\\u001b\[31m\\u0007\\u000d\\u202e\\u009b2J/)
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
    // Programs get the names as they are.
    expect(odd).toContain(JSON.parse((await predicted(odd, '--json')).stdout).predictions[0].className)
  })

  test('every picture that cannot be read is named, and paths with blanks are quoted', async () => {
    const run = join(folder, 'a run')
    const call = await callFovea(['predict', run, join(folder, 'nix.png'), join(folder, 'tiny.json')])
    expect(call.code).toBe(1)
    expect(call.stderr).toMatch(/nix\.png[\s\S]*tiny\.json/)
    const { stdout } = await callFovea(['evaluate', run, '--limit', '8', '--threads', '1'])
    expect(stdout).toContain(`Next: fovea predict "${run}" your-picture.png`)
  })

  test('a run mistyped gets the nearest', async () => {
    const { code, stderr } = await callFovea(['evaluate', join(folder, 'a rum')])
    expect(code).toBe(2)
    expect(stderr).toContain(`Did you mean '${join(folder, 'a run')}'?`)
    expect(readdirSync(folder)).toContain('a run')
  })
})

test('metrics that are shares are told in percent, errors as numbers', async () => {
  const folder = temporaryFolder()
  writeTinyRecipe(folder, { metrics: ['accuracy', 'meanSquaredError', 'topKCategoricalAccuracy'] })
  const run = join(folder, 'run')
  expect((await callFovea(['train', join(folder, 'tiny.json'), ...short, '--out', run])).code).toBe(0)
  const { stdout } = await callFovea(['evaluate', run, '--limit', '50', '--threads', '1'])
  expect(stdout).toMatch(/ accuracy [\d.]+ %, /)
  expect(stdout).toMatch(/Accuracy [\d.]+ %/i)
  expect(stdout).toMatch(/mean_?squared_?error 0\.\d+[, ](?!%)/i)
}, 60_000)

test('two runs of one recipe are compared by their directories', async () => {
  const folder = temporaryFolder()
  writeTinyRecipe(folder)
  const runs = ['one', 'two'].map(name => join(folder, name))
  for (const [index, run] of runs.entries()) {
    const words = ['train', join(folder, 'tiny.json'), ...short, '--seed', String(index + 1), '--out', run]
    expect((await callFovea(words)).code).toBe(0)
  }
  const shifted = await callFovea([
    'shift-test',
    ...runs,
    '--pixels',
    '1',
    '--degrees',
    '0',
    '--limit',
    '8',
    '--threads',
    '1',
  ])
  expect(shifted.stdout.split('\n')[0]).toMatch(/one\S* +\S*two/)
  const { code, stdout } = await callFovea(['compare', ...runs, '--threads', '1'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/(one|two) is [\d.]+ points better than \S*(one|two), with as many parameters/)
}, 60_000)
