import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { datasetFromFolder } from './dataset-from-folder.ts'
import { encodeJpeg, encodePng } from './encode.ts'
import type { FolderOptions } from './own-dataset.ts'
import { writePng } from './pictures.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'fovea-own-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** Stripes of a width and direction of their own, in colours of their own. */
function drawing(seed: number, scale = 1) {
  const side = 24 * scale
  const data = Uint8Array.from({ length: side * side * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side)].map(place => Math.floor(place! / scale))
    const wave = Math.sin((x! * Math.cos(seed) + y! * Math.sin(seed * 1.7)) * (0.3 + (seed % 5) * 0.25) + seed)
    return 128 + 100 * wave * Math.cos(seed * 3 + (at % 3))
  })
  return { width: side, height: side, channels: 3 as const, data }
}
const put = (name: string, seed: number, scale?: number) => writePng(path.join(root, name), drawing(seed, scale))
const opened = (options: FolderOptions = {}) =>
  datasetFromFolder(root, { size: 16, cache: path.join(root, '.cache'), ...options })

async function classes(count: number): Promise<void> {
  for (let seed = 0; seed < count; seed++) await put(`${seed % 2 === 0 ? 'even' : 'odd'}/${seed}.png`, seed)
}

describe('a folder', () => {
  it('becomes parts by class, called as the files, the same for the same seed', async () => {
    await classes(40)
    const { classNames, shape, preprocess, train, validation, test, skipped, copies } = await opened()
    expect([classNames, shape, preprocess]).toEqual([
      ['even', 'odd'],
      [16, 16, 3],
      { shape: [16, 16, 3], channels: 'rgb', resize: 'stretch' },
    ])
    expect([train.count, validation!.count, test!.count]).toEqual([28, 6, 6])
    for (const part of [train, validation!, test!])
      for (const [row, name] of part.names!.entries())
        expect(name.startsWith(classNames[part.labels[row]!]!)).toBe(true)
    const all = [train, validation!, test!].flatMap(part => part.names!)
    expect(new Set(all).size).toBe(40)
    expect([skipped, copies]).toEqual([[], []])
    // Classes are mixed, so that the first few are of all.
    expect(new Set(train.labels.slice(0, 10)).size).toBe(2)
    expect((await opened()).train.names).toEqual(train.names)
    expect((await opened({ seed: 2 })).train.names).not.toEqual(train.names)
  })

  it('keeps copies on one side: resized, saved again, mirrored, the same', async () => {
    await classes(20)
    for (let seed = 0; seed < 20; seed += 2) {
      await put(`even/${seed}-large.png`, seed, 3)
      writeFileSync(path.join(root, 'even', `${seed}-again.jpg`), await encodeJpeg(drawing(seed)))
      writeFileSync(path.join(root, 'even', `${seed}-same.png`), await encodePng(drawing(seed)))
    }
    const { train, validation, test, copies } = await opened({ validation: 0.3, test: 0.3 })
    expect(copies).toHaveLength(30)
    expect(copies.every(({ differ }) => !differ)).toBe(true)
    const parts = new Map([train, validation!, test!].flatMap(part => part.names!.map(name => [name, part] as const)))
    for (const { file, of } of copies) expect(parts.get(file)).toBe(parts.get(of))
  })

  it('tells of the same picture under two labels', async () => {
    await classes(10)
    await put('odd/also.png', 0)
    expect((await opened()).copies).toEqual([{ file: 'odd/also.png', of: 'even/0.png', kind: 'same', differ: true }])
  })

  it('keeps the parts it has, and draws the others of what is to train on', async () => {
    for (let seed = 0; seed < 20; seed++) await put(`train/${seed % 2 ? 'a' : 'b'}/${seed}.png`, seed)
    for (let seed = 20; seed < 24; seed++) await put(`test/${seed % 2 ? 'a' : 'b'}/${seed}.png`, seed)
    const { train, validation, test } = await opened({ validation: 0.2 })
    expect([train.count, validation!.count, test!.count]).toEqual([16, 4, 4])
    expect(test!.names!.every(name => name.startsWith('test/'))).toBe(true)
    expect((await opened({ validation: 0 })).validation).toBeUndefined()
  })
})

it.each<[FolderOptions, RegExp]>([
  [{ size: 0 }, /size[\s\S]*from 1 to/],
  [{ validation: 1 }, /validation[\s\S]*below 1/],
  [{ resize: 'none' as never }, /resize/],
  [{ sizes: 3 } as never, /"sizes"/],
])('options that cannot be are refused: %j', async (options, says) => {
  await expect(datasetFromFolder(root, options)).rejects.toThrow(says)
})
