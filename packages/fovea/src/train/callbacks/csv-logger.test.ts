/** Going on in CSV files as other programs leave them: every new line has a value in each column that this training has. */
import { describe, expect, it } from 'vitest'
import { csvCell, readCsv } from '../../base/csv.ts'
import { textOf } from '../../base/text-file.ts'
import { memoryFiles } from '../../store/memory-files.ts'
import type { Logs } from '../events.ts'
import type { Training } from './callback.ts'
import { csvLogger } from './csv-logger.ts'

const epochs: readonly Logs[] = [
  { loss: 0.5, accuracy: 0.75, val_loss: 0.625, val_accuracy: 0.5 },
  { loss: 0.25, accuracy: 0.875, val_loss: 0.5, val_accuracy: 0.625 },
]

/** Adds two epochs, the third and fourth, to the file; gives what is in it, and what was said. */
async function goneOn(bytes: Uint8Array, { separator = ',', monitors = Object.keys(epochs[0]!) } = {}) {
  const files = memoryFiles()
  await files.write('log.csv', bytes)
  const said: string[] = []
  const training = { files, monitors, say: async (text: string) => void said.push(text) } as unknown as Training
  const logger = csvLogger('log.csv', { append: true, separator })
  await logger.onTrainBegin?.(training)
  for (const [index, logs] of epochs.entries()) {
    const epoch = { epoch: 3 + index, epochs: 4, logs, learningRate: 0.001, seconds: 1, msPerStep: 1 }
    await logger.onEvent?.({ type: 'epoch-end', ...epoch }, training)
  }
  const written = await files.read('log.csv')
  return { text: textOf(written, 'log.csv'), said }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const marks = {
  'UTF-8': utf8,
  'UTF-8 with a mark': (text: string) => utf8(`\uFEFF${text}`),
  'UTF-16': (text: string) => new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le')),
}

const orders = [
  ['epoch', 'accuracy', 'loss', 'val_accuracy', 'val_loss'],
  ['epoch', 'loss', 'val_loss', 'learning_rate', 'accuracy', 'val_accuracy'],
  ['val_loss', 'loss', 'epoch'],
  ['', 'loss', 'accuracy'],
  ['Epoch', 'Loss', 'lr'],
]

describe('csvLogger goes on', () => {
  it('whatever ends a line, the last one, separates cells, quotes names, marks the encoding and orders the columns', async () => {
    for (const [mark, encode] of Object.entries(marks))
      for (const end of ['\n', '\r\n', '\r'])
        for (const separator of [',', ';', '\t'])
          for (const quote of [(name: string) => csvCell(name, separator), (name: string) => `"${name}"`])
            for (const last of [end, ''])
              for (const names of orders) {
                const old = names.map((_, column) => `${column}`)
                const before = [names.map(quote), old, old].map(row => row.join(separator)).join(end) + last
                const { text, said } = await goneOn(encode(before))
                const where = JSON.stringify({ mark, end, separator, last, names })
                expect(text.startsWith(before), where).toBe(true)
                expect(
                  said.filter(line => line.includes('NA')),
                  where,
                ).toEqual([])
                const { rows } = readCsv(text, 'log.csv')
                const added = rows
                  .slice(2)
                  .map(row => Object.fromEntries(names.map((name, index) => [name, row.cells[index]])))
                for (const [index, logs] of epochs.entries()) {
                  const values: Record<string, number> = {
                    ...logs,
                    epoch: index + 2,
                    '': index + 2,
                    learning_rate: 0.001,
                    lr: 0.001,
                  }
                  const expected = names.map(name => [name, String(values[name.toLowerCase()])])
                  expect(added[index], where).toEqual(Object.fromEntries(expected))
                }
                expect(new Set(text.match(/\r\n|\n|\r/g)), where).toEqual(new Set([end]))
              }
  })

  it('a last line that a crash cut off gives way', async () => {
    const { text } = await goneOn(utf8('epoch,loss,accuracy\n0,1,0.5\n1,0.'))
    expect(text).toBe('epoch,loss,accuracy\n0,1,0.5\n2,0.5,0.75\n3,0.25,0.875\n')
  })

  it('an empty file, or nothing but a mark, is begun', async () => {
    for (const old of ['', '\uFEFF', '\r\n']) {
      const { text } = await goneOn(utf8(old))
      expect(text).toMatch(/^epoch,accuracy,learning_rate,loss,val_accuracy,val_loss\n2,0\.75,/)
    }
  })

  it('says once which columns do not meet', async () => {
    const { text, said } = await goneOn(utf8('epoch,loss,f1\n0,1,0.5\n'))
    expect(text).toContain('\n2,0.5,NA\n')
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/has no f1, and NA is written.*no column for accuracy, val_loss, val_accuracy/)
  })

  it.each([
    [
      'columns of another tool',
      'epoch,train_loss,valid_loss\n0,1,1\n',
      /none of its columns.*expected: epoch, loss.*received: epoch, train_loss/s,
    ],
    ['no columns at all', 'some notes about the run\n', /none of its columns/],
    ['rows of other lengths', 'epoch,loss\n0,1\n1,2,3\n2,1\n', /line 3: the row has too many cells/],
  ])('%s: says so before an epoch is trained', async (_, text, message) => {
    await expect(goneOn(utf8(text))).rejects.toThrow(message)
    await expect(goneOn(utf8(text), { monitors: [] })).rejects.toThrow(message)
  })

  it('a file that is no text is told as one', async () => {
    await expect(goneOn(Uint8Array.of(0x89, 0x50, 0x4e, 0x47))).rejects.toThrow(/log.csv is not a text file/)
  })
})
