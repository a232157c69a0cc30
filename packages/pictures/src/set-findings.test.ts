import { expect, test } from 'vitest'
import { type ExaminedPicture, type ExaminedSet, setFindings } from './set-findings.ts'

const picture = (file: string, label: number, change: Partial<ExaminedPicture> = {}): ExaminedPicture => ({
  file,
  label,
  width: 200,
  height: 150,
  isGrey: false,
  ...change,
})

/** Twelve pictures of each of two classes, with others after them. */
function made(more: readonly ExaminedPicture[] = [], change: Partial<ExaminedSet> = {}): ExaminedSet {
  const plain = Array.from({ length: 24 }, (_, at) =>
    picture(`${at < 12 ? 'cats' : 'dogs'}/${at % 12}.jpg`, at < 12 ? 0 : 1),
  )
  const pictures = [...plain, ...more]
  return {
    classNames: ['cats', 'dogs'],
    pictures,
    duplicates: { groups: Int32Array.from(pictures.keys()), pairs: [] },
    unread: [],
    preprocess: { shape: [64, 64, 3], resize: 'cover' },
    ...change,
  }
}

/** With the pictures of these places as copies of each other. */
function withCopies(set: ExaminedSet, ...copies: readonly (readonly number[])[]): ExaminedSet {
  const groups = Int32Array.from(set.duplicates.groups)
  for (const [first, ...others] of copies) for (const other of others) groups[other] = groups[first!]!
  const pairs = copies.flatMap(([first, ...others]) =>
    others.map((second, at) => ({ first: first!, second, kind: at === 0 ? ('same' as const) : ('alike' as const) })),
  )
  return { ...set, duplicates: { groups, pairs } }
}

const said = (set: ExaminedSet): string[] => setFindings(set).map(({ what }) => what)

test('a good set has no findings', () => {
  expect(setFindings(made())).toEqual([])
})

test('one class is an error', () => {
  const set = { ...made(), classNames: ['cats'], pictures: made().pictures.filter(({ label }) => label === 0) }
  expect(setFindings(set)).toEqual([
    {
      kind: 'one-class',
      isError: true,
      what: 'There is only one class, cats.',
      advice: 'A classifier tells classes apart: add a folder with pictures of something else.',
    },
  ])
})

test('small classes are told with their numbers, and large differences', () => {
  const set = made([picture('birds/1.jpg', 2), picture('birds/2.jpg', 2)], { classNames: ['cats', 'dogs', 'birds'] })
  expect(said(set)).toEqual(['A class has fewer than 10 pictures: birds 2.', 'cats has 12 pictures, birds 2.'])
})

test('copies are counted, and told with an example', () => {
  expect(said(withCopies(made(), [2, 5], [13, 14, 15]))).toEqual([
    '3 pictures are copies of another, 2 to the byte: cats/2.jpg and cats/5.jpg.',
  ])
  expect(said(withCopies(made(), [2, 5]))).toEqual([
    '1 picture is a copy of another, to the byte: cats/2.jpg and cats/5.jpg.',
  ])
})

test('a picture under two labels is told before that it is a copy', () => {
  expect(said(withCopies(made(), [2, 5, 13]))).toEqual([
    '1 picture has two labels: cats/2.jpg and dogs/1.jpg.',
    '2 pictures are copies of another, 1 to the byte: cats/2.jpg and cats/5.jpg.',
  ])
})

test('copies in several given parts are leaks, those without a part are none', () => {
  const more = [
    picture('train/cats/a.jpg', 0, { part: 'train' }),
    picture('test/cats/b.jpg', 0, { part: 'test' }),
    picture('test/cats/c.jpg', 0, { part: 'test' }),
  ]
  expect(said(withCopies(made(more), [24, 25], [3, 26]))[0]).toBe(
    '1 picture is in more than one part: train/cats/a.jpg and test/cats/b.jpg.',
  )
  expect(said(withCopies(made(more), [25, 26], [3, 24])).some(what => what.includes('part'))).toBe(false)
})

test('files that cannot be read are told, three of them by name', () => {
  const unread = ['a', 'b', 'c', 'd'].map(name => ({ path: `cats/${name}.jpg`, reason: 'it is truncated' }))
  expect(said(made([], { unread }))).toEqual([
    '4 files cannot be read: cats/a.jpg (it is truncated), cats/b.jpg (it is truncated), cats/c.jpg (it is truncated) and 1 more.',
  ])
})

test('grey pictures of one class beside coloured ones of another', () => {
  const { pictures } = made()
  const grey = pictures.map(each => ({ ...each, isGrey: each.label === 1 }))
  expect(said({ ...made(), pictures: grey })).toEqual(['Pictures of dogs are mostly grey, those of cats in colour.'])
  expect(said({ ...made(), pictures: pictures.map(each => ({ ...each, isGrey: true })) })).toEqual([])
})

test('sizes that show little', () => {
  const more = [
    picture('cats/strip.png', 0, { width: 400, height: 90 }),
    picture('cats/dot.png', 0, { width: 9, height: 8 }),
  ]
  expect(said(made(more))).toEqual([
    '1 picture is 4 times as long as wide or more: cats/strip.png (400×90).',
    "1 picture is smaller than the model's 64×64: cats/dot.png (9×8).",
  ])
  const whole = made(more, { preprocess: { shape: [8, 8, 3], resize: 'stretch' } })
  expect(said(whole)).toEqual([])
})

test('long names are shortened', () => {
  const name = `cats/${'x'.repeat(250)}.jpg`
  expect(said(withCopies(made([picture(name, 0)]), [2, 24]))[0]!.length).toBeLessThan(140)
})
