/** Text files as other programs save them (marks, UTF-16, line ends) are read alike wherever a verb takes one; other bytes are told. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  CompareDocument,
  DiagnoseDocument,
  FilterDocument,
  SummaryDocument,
} from '../../packages/cli/src/command/documents.ts'
import { callFovea } from './fovea-call.testing.ts'
import { tinyRecipe, writeTinyRecipe } from './tiny-recipe.testing.ts'

const savings: Record<string, (text: string) => Uint8Array> = {
  'UTF-8': text => Buffer.from(text),
  'UTF-8 with a mark': text => Buffer.from(`\uFEFF${text}`),
  'UTF-16 LE, as PowerShell’s > writes it': text => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16 BE': text => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  'CR LF': text => Buffer.from(text.replaceAll('\n', '\r\n')),
  'CR alone': text => Buffer.from(text.replaceAll('\n', '\r')),
  'a last line without an end': text => Buffer.from(text.trimEnd()),
}
const cases = Object.entries(savings)

const folder = mkdtempSync(join(tmpdir(), 'fovea-text-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const run = join(folder, 'run')
const files = ['run.jsonl', 'result.json'].map(name => join(run, name))
let texts: string[]

beforeAll(async () => {
  writeTinyRecipe(folder)
  const words = ['--limit', '32', '--epochs', '3', '--threads', '1', '--quiet', '--out', run]
  expect((await callFovea(['train', join(folder, 'tiny.json'), ...words])).code).toBe(0)
  texts = files.map(file => readFileSync(file, 'utf8'))
}, 120_000)

async function documentOf<Document>(...words: string[]): Promise<Document> {
  const { code, stdout, stderr } = await callFovea([...words, '--json'])
  expect({ code, stderr }, stdout).toMatchObject({ code: 0 })
  return JSON.parse(stdout) as Document
}

describe.each(cases)('%s', (_, saved) => {
  const write = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, saved(text))
    return path
  }

  test('a recipe', async () => {
    const path = write('saved.json', `${JSON.stringify(tinyRecipe({ title: 'Größe' }), null, 2)}\n`)
    expect((await documentOf<SummaryDocument>('summary', path)).name).toBe('tiny')
  })

  test('the story and the result of a run', async () => {
    for (const [index, file] of files.entries()) writeFileSync(file, saved(texts[index]!))
    const { findings } = await documentOf<DiagnoseDocument>('diagnose', run)
    expect(findings.length).toBeGreaterThan(0)
    const { runs } = await documentOf<CompareDocument>('compare', run, '--threads', '1')
    expect(runs).toMatchObject([{ recipe: 'tiny', epochs: 3 }])
  })

  test('a history', async () => {
    const path = write('history.csv', 'epoch,loss,val_loss\n0,1,1\n1,0.5,1.5\n2,0.25,2\n3,0.125,2.5\n')
    const { findings, columns } = await documentOf<DiagnoseDocument>('diagnose', path)
    expect(findings).toMatchObject([{ kind: 'overfitting', epoch: 0 }])
    expect(columns).toEqual({
      read: [
        { column: 'epoch', role: 'epoch' },
        { column: 'loss', role: 'loss' },
        { column: 'val_loss', role: 'valLoss' },
      ],
      passedOver: [],
      empty: [],
    })
  })

  test('numbers for a kernel', async () => {
    const path = write('rows.txt', '1 2 3\n4 5 6\n7 8 9\n')
    expect(await documentOf<FilterDocument>('filter', path, '--kernel', '1')).toMatchObject({ shape: [3, 3] })
  })
})

test.each(['summary', 'train', 'diagnose', 'filter'])(
  '%s: bytes that are no text are told as such, none is printed',
  async verb => {
    const path = join(folder, verb === 'filter' ? 'odd.txt' : verb === 'diagnose' ? 'odd.csv' : 'odd.json')
    for (const bytes of [Buffer.from('größe', 'latin1'), Buffer.from('text', 'utf16le'), Buffer.of(0xff, 0xfe, 0)]) {
      writeFileSync(path, bytes)
      const { code, stderr } = await callFovea([verb, path])
      expect(code).toBe(1)
      expect(stderr).toMatch(/is not a text file\.[\s\S]*expected: text in UTF-8/)
      expect(stderr).not.toMatch(/[^\x20-\x7e\n…]/)
    }
  },
)

test('a history of 200,000 lines is read and drawn', async () => {
  const path = join(folder, 'long.csv')
  const lines = Array.from({ length: 200_000 }, (_, epoch) => `${epoch},${1 + 1 / (epoch + 1)},${2 - 1 / (epoch + 1)}`)
  writeFileSync(path, `epoch,loss,val_loss\n${lines.join('\n')}\n`)
  const { code, stdout } = await callFovea(['diagnose', path])
  expect(code).toBe(0)
  expect(stdout.length).toBeLessThan(5000)
})
