/** What lies under a name that promises a text or a picture, and is something else: told by its own name, with a fix that fits. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { callFovea } from './fovea-call.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-foreign-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, Buffer.from(content, 'latin1'))
  return path
}

const zip = (member: string): string => `PK\x03\x04\x14\0\0\0\0\0${member}\0\xff`
const files: readonly (readonly [kind: string, content: string, name: RegExp, fix: RegExp])[] = [
  ['a web page', '<!doctype html><html>', /a web page/, /fetch the file itself/],
  ['a web page after a comment', '<!-- hello -->\n<html>', /a web page/, /fetch the file itself/],
  ['an LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', /a pointer of Git LFS/, /git lfs pull/],
  ['gzip', '\x1f\x8b\x08\0\xff', /a gzip archive/, /Unpack it/],
]
const foreign: typeof files = [
  ...files,
  ['a Keras file', zip('model.weights.h5'), /a Keras file/, /wherever a MODEL/],
  ['HDF5', '\x89HDF\r\n\x1a\n\0', /an HDF5 file/, /wherever a MODEL/],
  ['PyTorch', zip('archive/data.pkl'), /a PyTorch file/, /setWeights|loadTorchWeights/],
  ['a workbook', zip('xl/workbook.xml'), /a workbook/, /CSV/],
]

describe.each(foreign)('%s', (_, content, name, fix) => {
  it.each([
    ['train', 'recipe.json'],
    ['train', 'model.keras'],
    ['summary', 'model.json'],
    ['diagnose', 'history.csv'],
    ['diagnose', 'history.jsonl'],
  ])('%s %s', async (verb, path) => {
    const { code, stderr } = await callFovea([verb, file(path, content)])
    expect(code).toBe(1)
    expect(stderr).toMatch(name)
    // Weights are carried over, but of a history nothing is.
    const isModel = /setWeights|MODEL/.test(fix.source)
    expect(stderr).toMatch(isModel && verb === 'diagnose' ? /a run directory, or the history/ : fix)
  })
})

describe('JSON of other kinds', () => {
  const kinds = [
    [{ class_name: 'Sequential', config: {} }, /the configuration of a Keras model/, /setWeights|loadTorchWeights/],
    [{ message: 'Not Found' }, /an error message of a server/, /Name a model file/],
  ] as const

  it.each(kinds)('%j', async (json, name, fix) => {
    const path = file('a.json', JSON.stringify(json))
    for (const verb of ['train', 'summary']) {
      const { code, stderr } = await callFovea([verb, path])
      expect(code).toBe(1)
      expect(stderr).toMatch(/a\.json is not a configuration that is read here/)
      expect(stderr).toMatch(name)
      expect(stderr).toMatch(fix)
    }
    const { stderr } = await callFovea(['diagnose', path])
    expect(stderr).toMatch(/a\.json holds no history/)
    expect(stderr).toMatch(name)
  })

  it('a model of TensorFlow.js is one where a model is named, and nowhere else', async () => {
    const path = file('a.json', JSON.stringify({ modelTopology: {}, weightsManifest: [] }))
    const trained = await callFovea(['train', path])
    expect(trained.stderr).toMatch(/not a configuration[\s\S]*a model of TensorFlow\.js[\s\S]*wherever a MODEL/)
    const { code, stderr } = await callFovea(['summary', path])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/a\.json is damaged/)])
  })

  it('a recipe is no history', async () => {
    const { stderr } = await callFovea(['diagnose', file('a.json', '{"name": "a", "dataset": "mnist", "model": "a"}')])
    expect(stderr).toMatch(/received: a recipe of Fovea/)
  })
})

it.each(files)('filter on %s named .jpg', async (_, content, name, fix) => {
  const { code, stderr } = await callFovea(['filter', file('a.jpg', content), '--kernel', 'blur'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/cannot be read as a picture/)
  expect(stderr).toMatch(name)
  expect(stderr).toMatch(fix)
  expect(stderr).not.toMatch(/Save it as PNG/)
})

it('a name that is too long is told wherever a file or folder is named', async () => {
  const name = 'a'.repeat(300)
  const calls = [
    ['summary', name],
    ['train', `${name}.json`],
    ['diagnose', name],
    ['predict', name, 'a.png'],
    ['filter', `${name}.png`, '--kernel', 'blur'],
    ['data', 'mnist', '--offline', '--data-dir', join(folder, name)],
  ]
  for (const words of calls) {
    const { code, stderr } = await callFovea(words)
    expect([code, words[0]]).toEqual([1, words[0]])
    expect(stderr, words[0]).toMatch(/received: the name is too long for this system\n {2}fix: choose a shorter name/)
  }
})

describe('diagnose of one record a line', () => {
  const losses = [2, 1.5, 1.2, 1.1]
  const lines = (records: readonly unknown[]): string => records.map(record => `${JSON.stringify(record)}\n`).join('')

  it('reads the run.jsonl of a run by itself', async () => {
    const story = lines([
      { type: 'run', recipe: {} },
      ...losses.map((loss, at) => ({ type: 'epoch-end', epoch: at + 1, logs: { loss } })),
    ])
    const { code, stdout, stderr } = await callFovea(['diagnose', file('run.jsonl', story)])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/loss/)
    expect(stdout).toMatch(/Next: fovea recipes/)
  })

  it('reads the lines of another logger', async () => {
    const story = lines(losses.map((loss, at) => ({ epoch: at + 1, loss })))
    const { code, stdout } = await callFovea(['diagnose', file('log.jsonl', story)])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Read: epoch as the epoch, loss as training loss/)
  })
})
