import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listPictures } from './picture-set.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'fovea-set-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** Nothing is decoded: the endings are believed. */
function put(...files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    writeFileSync(path.join(root, file), '')
  }
}
const labelled = async (place = root) => {
  const { classNames, files, unknown, skipped } = await listPictures(place)
  return {
    files: files.map(({ file, label, part }) => [file, classNames[label], ...(part ? [part] : [])].join(' ')),
    unknown,
    skipped: skipped.map(({ path: place, reason }) => `${path.relative(root, place)}: ${reason}`),
  }
}

describe('folders', () => {
  it('are classes, with the pictures in and below them, in natural order', async () => {
    put('dog/10.jpg', 'dog/9.jpg', 'cat 🐈/a b.png', 'cat 🐈/more/c.webp', `bird/${'x'.repeat(240)}.gif`)
    expect((await labelled()).files).toEqual([
      `bird/${'x'.repeat(240)}.gif bird`,
      'cat 🐈/a b.png cat 🐈',
      'cat 🐈/more/c.webp cat 🐈',
      'dog/9.jpg dog',
      'dog/10.jpg dog',
    ])
  })

  it('are parts where they are called so and hold the classes', async () => {
    put('train/a/1.png', 'train/b/2.png', 'val/a/3.png', 'Test/b/4.png', 'unknown/5.png', 'test-notes.txt')
    expect(await labelled()).toEqual({
      files: ['Test/b/4.png b test', 'train/a/1.png a train', 'train/b/2.png b train', 'val/a/3.png a validation'],
      unknown: ['unknown/5.png'],
      skipped: [],
    })
  })

  it('are classes where a class is only called like a part', async () => {
    put('train/1.png', 'plane/2.png', 'car/3.png')
    expect((await labelled()).files).toEqual(['car/3.png car', 'plane/2.png plane', 'train/1.png train'])
    put('train/old/4.png')
    expect((await labelled()).files).toContain('train/old/4.png train')
  })

  it('of a class that is not trained on are passed over, and so is what nobody meant', async () => {
    put('train/a/1.png', 'train/b/2.png', 'test/c/3.png', 'train/a/.DS_Store', 'train/empty/notes.txt')
    const { files, skipped } = await labelled()
    expect(files).toEqual(['train/a/1.png a train', 'train/b/2.png b train'])
    expect(skipped).toEqual([
      expect.stringContaining('.DS_Store: a hidden file'),
      expect.stringContaining('notes.txt: not a picture'),
      'train/empty: a folder without pictures',
      'test/c/3.png: there are no pictures of c to train on',
    ])
  })

  it('are not followed out of the set, nor in a circle', async () => {
    put('a/1.png', 'b/2.png')
    symlinkSync(root, path.join(root, 'a', 'circle'))
    symlinkSync(tmpdir(), path.join(root, 'out'))
    const { files, skipped } = await labelled()
    expect(files).toEqual(['a/1.png a', 'b/2.png b'])
    expect(skipped).toEqual([expect.stringMatching(/circle: a link/), expect.stringMatching(/out: a link/)])
  })

  it('called unknown hold what is none of the classes', async () => {
    put('a/1.png', 'b/2.png', 'Unknown/3.png')
    expect(await labelled()).toMatchObject({ files: ['a/1.png a', 'b/2.png b'], unknown: ['Unknown/3.png'] })
  })

  it('without pictures are refused', async () => {
    put('a/notes.txt')
    await expect(listPictures(root)).rejects.toThrow(/holds no folder with pictures/)
    put('1.png')
    await expect(listPictures(root)).rejects.toThrow(/pictures without folders/)
    await expect(listPictures(path.join(root, 'nowhere'))).rejects.toThrow(/no such file/)
  })
})

describe('a table', () => {
  const table = (text: string): string => {
    writeFileSync(path.join(root, 'labels.csv'), text)
    return path.join(root, 'labels.csv')
  }
  beforeEach(() => put('in/1.png', 'in/2 x.png', '3.png'))

  it.each([
    ['with names', 'label,note,path\ncat,x,in/1.png\ndog,,in\\2 x.png\ncat,,"3.png"\n'],
    ['without names', 'in/1.png,cat\nin/2 x.png,dog\n3.png,cat\n'],
    ['of another separator', 'image_path;class\nin/1.png;cat\nin/2 x.png;dog\n./3.png; cat \n'],
  ])('%s gives files from its own folder', async (_, text) => {
    expect((await labelled(table(text))).files).toEqual(['in/1.png cat', 'in/2 x.png dog', '3.png cat'])
  })

  it('may say the parts, and tells of files that are not there', async () => {
    const text = 'file,label,split\nin/1.png,cat,train\n3.png,cat,Validation\ngone.png,cat,train\nin/2 x.png,,test\n'
    expect(await labelled(table(text))).toEqual({
      files: ['in/1.png cat train', '3.png cat validation'],
      unknown: [],
      skipped: ['gone.png: there is no such file', 'in/2 x.png: the table gives it no label'],
    })
  })

  it.each([
    ['a,b,c\n1,2,3\n', /does not say which column/],
    ['file,label\nnowhere.png,cat\n', /names no picture that is there/],
    ['', /does not say which column[\s\S]*an empty file/],
  ])('%j is refused', async (text, says) => {
    await expect(listPictures(table(text))).rejects.toThrow(says)
  })
})
