/** `fovea filter`: pictures, numbers typed by hand, and the arithmetic. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { ErrorDocument, FilterResult } from '../../packages/cli/src/command/documents.ts'
import { kernelNames } from '../../packages/fovea/src/explain/kernels.ts'
import { readPicture, writePng } from '../../packages/pictures/src/pictures.ts'
import { callFovea } from './fovea-call.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fovea-filter-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const rows = join(folder, 'rows.txt')
writeFileSync(rows, '3 3 2 1 0\n0 0 1 3 1\n3 1 2 2 3\n2 0 0 2 2\n2 0 0 0 1\n')
const field = join(folder, 'field.txt')
writeFileSync(field, '93,139,101\n26,252,196\n135,240,48\n')
const pooled = join(folder, 'pooled.txt')
writeFileSync(pooled, '1 1 2 4 / 5 6 7 8 / 3 2 1 0 / 1 2 3 4')
const photo = join(folder, 'photo.png')

async function filtered(...words: string[]) {
  const { code, stdout } = await callFovea(['filter', ...words, '--json'])
  return { code, document: JSON.parse(stdout) as FilterResult & { results: FilterResult[] } & ErrorDocument }
}

describe('numbers', () => {
  test('a typed kernel, as the tutorials do it by hand', async () => {
    const { code, document } = await filtered(
      rows,
      '--kernel',
      '0 1 2 / 2 2 0 / 0 1 2',
      '--stride',
      '1',
      '--padding',
      'valid',
    )
    expect(code).toBe(0)
    expect(document).toMatchObject({
      shape: [3, 3],
      values: [
        [12, 12, 17],
        [10, 17, 19],
        [9, 6, 14],
      ],
      files: [],
    })
  })

  test('Sobel, with its terms', async () => {
    const { document } = await filtered(field, '--filter', 'sobel-x', '--at', '0,0')
    expect(document.values).toEqual([[261]])
    expect(document.terms!.products).toEqual([
      [-93, 0, 101],
      [-52, 0, 392],
      [-135, 0, 48],
    ])
    const { stdout } = await callFovea(['filter', field, '--filter', 'sobel-x', '--at', '0,0'])
    expect(stdout).toMatch(/26·\(-2\) \+ 252·0 \+ 196·2 {2}= {2}\(-52\) \+ 0 \+ 392[\s\S]*sum 261/)
  })

  test('pooling', async () => {
    expect((await filtered(pooled, '--pool', 'max', '--pool-size', '2')).document).toMatchObject({
      shape: [2, 2],
      values: [
        [6, 8],
        [3, 4],
      ],
    })
    expect((await filtered(pooled, '--pool', 'average')).document.values).toEqual([
      [3.25, 5.25],
      [2, 2],
    ])
    const both = await filtered(pooled, '--kernel', '1 1 / 1 1', '--pool', 'max', '--pool-size', '3')
    expect(both.document.values).toEqual([[21]])
  })
})

describe('pictures', () => {
  test('every filter by default; channels apart in grey and in colour', async () => {
    const data = Uint8Array.from({ length: 12 * 10 * 3 }, (_, index) => (index * 37) % 256)
    await writePng(photo, { width: 12, height: 10, channels: 3, data })
    const { document } = await filtered(photo)
    expect(document.results.map(({ name }) => name)).toEqual(kernelNames)
    for (const { shape, files } of document.results) {
      expect(shape).toEqual([10, 12])
      expect(existsSync(files[0]!)).toBe(true)
    }
    const { document: apart } = await filtered(photo, '--channel', 'each', '--out', join(folder, 'channels'))
    expect(apart.results.map(({ name }) => name)).toEqual(['red', 'green', 'blue'])
    const green = await readPicture(join(folder, 'channels', 'green-colour.png'))
    expect([...green.data.subarray(0, 6)]).toEqual([0, data[1], 0, 0, data[4], 0])
    expect((await filtered(photo, '--channel', 'red', '--filter', 'box-blur', '--stride', '2')).document.shape).toEqual(
      [5, 6],
    )
  })

  test.each([
    [['--filter', 'sobl-x'], /no filter/],
    [['--kernel', '1 2 / 3'], /not of one length/],
    [['--padding', 'some'], /--padding/],
    [['--at', '9,9', '--filter', 'edge'], /no such output/],
    [['--at', '0,0', '--pool', 'max'], /writes out a convolution/],
  ])('%j: says what is wrong', async (words, message) => {
    const { code, document } = await filtered(rows, ...words)
    expect(code).toBeGreaterThan(0)
    expect(document.error[0]!.what).toMatch(message)
  })

  test('no such picture', async () => {
    expect((await filtered(join(folder, 'none.png'))).code).toBe(1)
    expect((await filtered(join(folder, 'none.txt'))).code).toBe(1)
  })
})
