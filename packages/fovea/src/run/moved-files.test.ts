import { describe, expect, it } from 'vitest'
import { type LabelLine, labelsAfter } from './label-log.ts'
import { type Move, movesBack, movesToLabels } from './moved-files.ts'
import type { RunPictures } from './run-pictures.ts'

const date = '2026-11-30T12:00:00.000Z'
const files = ['a/1.png', 'a/sub/2.png', 'b/1.png', 'train/a/3.png', 'train/b/4.png']
const pictures: RunPictures = {
  folder: '/own',
  classNames: ['a', 'b'],
  parts: { train: { files, labels: [0, 0, 1, 0, 1] } },
}
const relabel = (file: string, to: string): LabelLine => ({ type: 'relabel', files: [file], from: [''], to, date })
const aside = (file: string): LabelLine => ({ type: 'set-aside', files: [file], date })
const moved = (moves: readonly Move[]): LabelLine[] => moves.map(({ file, to }) => ({ type: 'move', file, to, date }))

/** A disk of names. */
function disk(names: readonly string[]) {
  const there = new Set(names)
  return {
    there,
    exists: async (name: string) => there.has(name),
    move({ from, to }: Move) {
      expect(there.has(to), `${to} is free`).toBe(false)
      expect(there.delete(from), `${from} is there`).toBe(true)
      there.add(to)
    },
  }
}

const planOf = (log: readonly LabelLine[], exists: (name: string) => Promise<boolean>, own = pictures) =>
  movesToLabels(labelsAfter(log, own), log, own.classNames, exists)

describe('planned moves', () => {
  it('bring pictures into the folder of their class, below the same part, and set aside', async () => {
    const { exists } = disk(files)
    const log = [relabel('a/sub/2.png', 'b'), relabel('train/a/3.png', 'b'), aside('b/1.png')]
    expect(await planOf(log, exists)).toEqual({
      moves: [
        { file: 'a/sub/2.png', from: 'a/sub/2.png', to: 'b/sub/2.png' },
        { file: 'b/1.png', from: 'b/1.png', to: '.set-aside/b/1.png' },
        { file: 'train/a/3.png', from: 'train/a/3.png', to: 'train/b/3.png' },
      ],
      stuck: [],
    })
    expect((await planOf([], exists)).moves).toEqual([])
  })

  it('never take a place that is taken, on disk or by another move', async () => {
    const { exists } = disk([...files, 'b/1 (2).png'])
    const { moves } = await planOf([relabel('a/1.png', 'b')], exists)
    expect(moves.map(({ to }) => to)).toEqual(['b/1 (3).png'])
    const swapped = await planOf([relabel('a/1.png', 'b'), relabel('b/1.png', 'a')], disk(files).exists)
    expect(swapped.moves.map(({ to }) => to)).toEqual(['b/1 (2).png', 'a/1 (2).png'])
  })

  it('are done once, follow an undo, and are taken back', async () => {
    const { there, exists, move } = disk(files)
    let log: LabelLine[] = [relabel('a/1.png', 'b'), aside('a/sub/2.png')]
    const apply = async (plan: Promise<{ readonly moves: readonly Move[] }>) => {
      const { moves } = await plan
      for (const each of moves) move(each)
      log = [...log, ...moved(moves)]
      return moves.length
    }
    expect(await apply(planOf(log, exists))).toBe(2)
    expect(await apply(planOf(log, exists))).toBe(0)
    expect([...there]).toContain('b/1 (2).png')
    log.push({ type: 'undo', date })
    expect(await apply(planOf(log, exists))).toBe(1)
    expect([...there]).toContain('a/sub/2.png')
    expect(await apply(movesBack(log, exists))).toBe(1)
    expect([...there].sort()).toEqual([...files].sort())
    // The labels stay mended; only the files are back.
    expect(await apply(planOf(log, exists))).toBe(1)
  })

  it('find a file whose move was written down and not done', async () => {
    const { exists } = disk(files)
    const log = [relabel('a/1.png', 'b'), ...moved([{ file: 'a/1.png', from: 'a/1.png', to: 'b/1 (2).png' }])]
    expect((await planOf(log, exists)).moves).toEqual([{ file: 'a/1.png', from: 'a/1.png', to: 'b/1 (2).png' }])
    expect((await movesBack(log, exists)).moves).toEqual([])
  })

  it('say what cannot be moved', async () => {
    const { exists } = disk(files.slice(1))
    expect((await planOf([relabel('a/1.png', 'b')], exists)).stuck).toEqual([
      { file: 'a/1.png', reason: 'it is not there any more' },
    ])
    const listed: RunPictures = {
      ...pictures,
      parts: { train: { files: ['photos/1.png', '../a/2.png'], labels: [0, 0] } },
    }
    const log = [relabel('photos/1.png', 'b'), aside('../a/2.png')]
    const plan = await planOf(log, async () => true, listed)
    expect(plan.moves).toEqual([])
    expect(plan.stuck.map(({ file }) => file)).toEqual(['photos/1.png', '../a/2.png'])
  })

  it('spell the folder of a class as it is on disk', async () => {
    const decomposed = 'é'.normalize('NFD')
    const own: RunPictures = {
      folder: '/own',
      classNames: ['a', 'é'],
      parts: { train: { files: ['a/1.png', `${decomposed}/2.png`], labels: [0, 1] } },
    }
    const { moves } = await planOf([relabel('a/1.png', 'é')], disk(own.parts.train!.files).exists, own)
    expect(moves.map(({ to }) => to)).toEqual([`${decomposed}/1.png`])
  })
})
