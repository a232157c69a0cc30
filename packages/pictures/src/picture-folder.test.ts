/** Folders of pictures as they really look. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { naturalOrder } from 'fovea/internal/data/folder-names'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { pictureFolder } from './picture-folder.ts'
import { pngBytes } from './png-bytes.testing.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fovea-folder-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const png = pngBytes({ width: 2, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4) })
const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')
function put(place: string, content: Uint8Array | string = png): void {
  const file = path.join(folder, place)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
}
/** With slashes, without the folder. */
const inside = (place: string): string => path.relative(folder, place).replaceAll(path.sep, '/')

async function listed() {
  const { classes, skipped } = await pictureFolder(folder)
  return {
    classes: classes.map(({ name, files }) => [name, ...files.map(inside)]),
    skipped: Object.fromEntries(skipped.map(entry => [inside(entry.path), entry.reason])),
  }
}

it('takes subfolders as classes and files as their pictures, in natural order', async () => {
  for (const name of ['class 10', 'class 9', 'Äpfel', 'b'])
    for (const number of [2, 10, 1]) put(`${name}/${number}.png`)
  const { classes, skipped } = await listed()
  expect(classes.map(([name]) => name)).toEqual(['b', 'class 9', 'class 10', 'Äpfel'])
  expect(classes[0]).toEqual(['b', 'b/1.png', 'b/2.png', 'b/10.png'])
  expect(skipped).toEqual({})
})

it('passes over what systems, editors and websites leave behind, and says why', async () => {
  for (const name of ['cats', 'dogs']) put(`${name}/1.jpg`)
  put('.DS_Store', 'x')
  put('.ipynb_checkpoints/1.png')
  put('__MACOSX/cats/._1.jpg', 'x')
  put('readme.txt', 'x')
  put('loose.png')
  put('cats/Thumbs.db', 'x')
  put('cats/desktop.ini', 'x')
  put('cats/.DS_Store', 'x')
  put('cats/labels.csv', 'a,b')
  put('cats/3.heic', heic)
  put('cats/4.jxl', Uint8Array.of(0xff, 0x0a, 0, 0))
  put('dogs/@eaDir/1.jpg', 'x')
  put('empty/notes.txt', 'x')
  mkdirSync(path.join(folder, 'none'))
  expect(await listed()).toEqual({
    classes: [
      ['cats', 'cats/1.jpg'],
      ['dogs', 'dogs/1.jpg'],
    ],
    skipped: {
      '.DS_Store': 'a hidden file',
      '.ipynb_checkpoints': 'a hidden folder',
      __MACOSX: 'left behind by macOS',
      'readme.txt': 'it lies beside the folders of the classes',
      'loose.png': 'it lies beside the folders of the classes',
      'cats/Thumbs.db': 'left behind by Windows',
      'cats/desktop.ini': 'left behind by Windows',
      'cats/.DS_Store': 'a hidden file',
      'cats/labels.csv': 'not a picture that is read',
      'cats/3.heic': 'a HEIC picture, which is not read: save it as JPEG',
      'cats/4.jxl': 'a JPEG XL picture, which is not read: save it as JPEG',
      'dogs/@eaDir': 'left behind by a network drive',
      'empty/notes.txt': 'not a picture that is read',
      empty: 'a folder without pictures',
      none: 'a folder without pictures',
    },
  })
})

it('takes pictures in folders of a class, and those whose names do not say what they are', async () => {
  put('cats/summer/2 (1).JPEG')
  put('cats/a picture')
  expect((await listed()).classes).toEqual([['cats', 'cats/a picture', 'cats/summer/2 (1).JPEG']])
})

it.skipIf(process.platform === 'win32')('follows links to pictures, not to folders: no circle ends it', async () => {
  put('cats/1.png')
  symlinkSync(path.join(folder, 'cats/1.png'), path.join(folder, 'cats/2.png'))
  symlinkSync(folder, path.join(folder, 'cats/circle'))
  symlinkSync(path.join(folder, 'gone'), path.join(folder, 'cats/3.png'))
  expect(await listed()).toEqual({
    classes: [['cats', 'cats/1.png', 'cats/2.png']],
    skipped: { 'cats/circle': 'a link to a folder', 'cats/3.png': 'neither a file nor a folder' },
  })
})

describe('without a class', () => {
  test.each<[string, () => void, RegExp]>([
    ['an empty folder', () => {}, /an empty folder/],
    ['pictures without folders', () => put('1.png'), /pictures without folders[\s\S]*make a folder for each class/],
    ['other things', () => put('a/b.txt', 'x'), /other files and folders/],
    ['nothing there', () => rmSync(folder, { recursive: true }), /no such file or folder/],
  ])('%s', async (_, make, says) => {
    make()
    await expect(pictureFolder(folder)).rejects.toThrow(says)
    mkdirSync(folder, { recursive: true })
  })
})

it('orders names as people read them', () => {
  const names = ['10', '9', '2', 'a10', 'a9b', 'a9', 'A', '010', 'a']
  expect(names.toSorted(naturalOrder)).toEqual(['2', '9', '010', '10', 'A', 'a', 'a9', 'a9b', 'a10'])
})
