import { describe, expect, it } from 'vitest'
import type { LabelLine } from './label-log.ts'
import { type ListedPicture, nextRound } from './next-round.ts'
import type { RunPictures } from './run-pictures.ts'

const date = '2026-11-30T12:00:00.000Z'
const pictures: RunPictures = {
  folder: '/own',
  classNames: ['a', 'b'],
  parts: {
    train: { files: ['b/1.png', 'a/sub/2.png', 'b/4.png'], labels: [1, 0, 1] },
    validation: { files: ['a/3.png'], labels: [0] },
    test: { files: ['a/1.png'], labels: [0] },
  },
}
const files = Object.values(pictures.parts).flatMap(part => part.files)
const listing = (names: readonly string[]): ListedPicture[] =>
  names.map(file => ({ file, className: file.split('/')[0]! }))
const relabel = (file: string, to: string): LabelLine => ({ type: 'relabel', files: [file], from: [''], to, date })
const aside = (file: string): LabelLine => ({ type: 'set-aside', files: [file], date })
const move = (file: string, to: string): LabelLine => ({ type: 'move', file, to, date })
const round = (log: readonly LabelLine[], there = files, run = pictures) =>
  nextRound(run, log, listing(there.filter(name => !name.startsWith('.'))), name => there.includes(name))

describe('the next round', () => {
  it('is the run again where nothing changed', () => {
    expect(round([])).toEqual({
      pictures,
      relabelled: 0,
      newlySetAside: 0,
      added: [],
      unknownClasses: [],
      missing: [],
      setAside: [],
    })
  })

  it('takes over mended labels in the same parts, and leaves out what was set aside', () => {
    const next = round([relabel('a/1.png', 'b'), relabel('b/1.png', 'a'), aside('a/sub/2.png')])
    expect(next.pictures.parts).toEqual({
      train: { files: ['b/1.png', 'b/4.png'], labels: [0, 1] },
      validation: { files: ['a/3.png'], labels: [0] },
      test: { files: ['a/1.png'], labels: [1] },
    })
    expect(next).toMatchObject({ relabelled: 2, newlySetAside: 1, added: [], missing: [] })
    expect(next.setAside).toEqual([{ file: 'a/sub/2.png', className: 'a', part: 'train' }])
  })

  it('knows files that were moved, and adds what is new to its part', () => {
    const log = [
      relabel('a/1.png', 'b'),
      aside('a/sub/2.png'),
      move('a/1.png', 'b/1 (2).png'),
      move('a/sub/2.png', '.set-aside/a/sub/2.png'),
    ]
    const there = ['b/1.png', 'b/1 (2).png', 'a/3.png', '.set-aside/a/sub/2.png', 'a/new.png', 'a/1.png', 'c/5.png']
    const next = round(log, there)
    expect(next.pictures.parts).toEqual({
      train: { files: ['b/1.png', 'a/new.png', 'a/1.png'], labels: [1, 0, 0] },
      validation: { files: ['a/3.png'], labels: [0] },
      test: { files: ['b/1 (2).png'], labels: [1] },
    })
    expect(next).toMatchObject({ added: ['a/new.png', 'a/1.png'], unknownClasses: ['c'], missing: ['b/4.png'] })
    expect(next.setAside).toEqual([{ file: '.set-aside/a/sub/2.png', className: 'a', part: 'train' }])
  })

  it('finds a file whose move was written down and not done', () => {
    const next = round([relabel('a/1.png', 'b'), move('a/1.png', 'b/1 (2).png')])
    expect(next.pictures.parts.test).toEqual({ files: ['a/1.png'], labels: [1] })
    expect([next.added, next.missing]).toEqual([[], []])
  })

  it('puts new files where their owner wants them', () => {
    const listed: ListedPicture[] = [...listing(files), { file: 'test/a/9.png', className: 'a', part: 'test' }]
    const next = nextRound(pictures, [], listed, name => files.includes(name))
    expect(next.pictures.parts.test?.files).toEqual(['a/1.png', 'test/a/9.png'])
  })

  it('keeps what was set aside out of later rounds, until it is used again in its part', () => {
    const first = round([aside('a/1.png'), relabel('b/1.png', 'a')])
    const inherited: LabelLine = { type: 'inherit', setAside: first.setAside, date }
    const second = round([inherited], files, first.pictures)
    expect(second.pictures).toEqual(first.pictures)
    expect(second).toMatchObject({ newlySetAside: 0, relabelled: 0, added: [], setAside: first.setAside })
    const third = round([inherited, { type: 'restore', files: ['a/1.png'], date }], files, first.pictures)
    expect(third.pictures.parts.test).toEqual({ files: ['a/1.png'], labels: [0] })
    expect(third.setAside).toEqual([])
  })

  it('keeps pictures in both parts where a run was validated on its test pictures', () => {
    const twice = { ...pictures, parts: { ...pictures.parts, validation: pictures.parts.test! } }
    const next = round([relabel('a/1.png', 'b')], files, twice)
    expect(next.pictures.parts.validation).toEqual({ files: ['a/1.png'], labels: [1] })
    expect(next.pictures.parts.test).toEqual({ files: ['a/1.png'], labels: [1] })
  })
})
