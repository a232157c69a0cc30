import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { keyOf, uniform } from '../base/random.ts'
import { changeOf, changesInForce, type LabelLine, labelLines, labelsAfter } from './label-log.ts'
import { readRunLines, runLine } from './run-file.ts'
import type { RunPictures } from './run-pictures.ts'

const date = '2026-11-30T12:00:00.000Z'
const pictures: RunPictures = {
  folder: '/own',
  classNames: ['a', 'b', 'c'],
  parts: {
    train: { files: ['a/1.png', 'a/2.png', 'b/3 🙂.png'], labels: [0, 0, 1] },
    test: { files: ['c/4.png', 'b/5.png'], labels: [2, 1] },
  },
}
const beginning = labelsAfter([], pictures)
const told = (log: readonly LabelLine[]) =>
  labelsAfter(log, pictures).map(({ file, className, setAside }) => `${file} ${setAside ? '-' : className}`)

describe('the log of labels', () => {
  it('leaves pictures as they were trained without a line', () => {
    expect(beginning.map(({ file, part, className }) => [file, part, className])).toEqual([
      ['a/1.png', 'train', 'a'],
      ['a/2.png', 'train', 'a'],
      ['b/3 🙂.png', 'train', 'b'],
      ['c/4.png', 'test', 'c'],
      ['b/5.png', 'test', 'b'],
    ])
    expect(beginning.every(({ changed, setAside }) => !changed && !setAside)).toBe(true)
  })

  it('relabels, sets aside, restores and takes back', () => {
    const log: LabelLine[] = [
      { type: 'relabel', files: ['a/1.png', 'c/4.png'], from: ['a', 'c'], to: 'b', date },
      { type: 'set-aside', files: ['a/1.png', 'a/2.png'], date },
      { type: 'restore', files: ['a/1.png'], date },
    ]
    expect(told(log)).toEqual(['a/1.png b', 'a/2.png -', 'b/3 🙂.png b', 'c/4.png b', 'b/5.png b'])
    expect(told([...log, { type: 'undo', date }])[0]).toBe('a/1.png -')
    expect(told([...log, { type: 'undo', date }, { type: 'undo', date }])[1]).toBe('a/2.png a')
  })

  it('uses what was set aside again when it gets a class', () => {
    const log: LabelLine[] = [
      { type: 'set-aside', files: ['a/1.png'], date },
      { type: 'relabel', files: ['a/1.png'], from: ['a'], to: 'c', date },
    ]
    expect(told(log)[0]).toBe('a/1.png c')
  })

  it('passes over files that the run does not have', () => {
    expect(told([{ type: 'set-aside', files: ['nowhere.png'], date }])).toEqual(told([]))
  })

  it('knows what the run before set aside, and cannot undo it', () => {
    const log: LabelLine[] = [
      { type: 'inherit', setAside: [{ file: 'a/9.png', className: 'a', part: 'test' }], date },
      { type: 'undo', date },
    ]
    expect(told(log).at(-1)).toBe('a/9.png -')
    const restored = labelsAfter([...log, { type: 'restore', files: ['a/9.png'], date }], pictures).at(-1)
    expect(restored).toEqual({
      file: 'a/9.png',
      part: 'test',
      className: 'a',
      setAside: false,
      changed: true,
      trainedAs: 'a',
      trainedAside: true,
    })
  })

  it('is at the beginning again when everything is undone, and undoing is undoing the last', () => {
    for (let seed = 1; seed <= 200; seed++) {
      let drawn = 0
      const next = (): number => uniform(keyOf(seed), drawn++)
      const log: LabelLine[] = []
      const states: string[][] = [told([])]
      for (let step = 0; step < 30; step++) {
        const chosen = labelsAfter(log, pictures).filter(() => next() < 0.4)
        const type = (['relabel', 'set-aside', 'restore', 'undo'] as const)[Math.floor(next() * 4)]!
        const to = pictures.classNames[Math.floor(next() * 3)]!
        if (type === 'undo') {
          log.push({ type, date })
          if (states.length > 1) states.pop()
        } else {
          const change = changeOf(type, chosen, to, date)
          if (!change) continue
          log.push(change)
          states.push(told(log))
        }
        expect(told(log), `seed ${seed}, step ${step}`).toEqual(states.at(-1))
      }
      while (changesInForce(log).length > 0) log.push({ type: 'undo', date })
      expect(labelsAfter(log, pictures), `seed ${seed}`).toEqual(beginning)
    }
  })

  it('is no line where nothing would change', () => {
    expect(changeOf('relabel', beginning.slice(0, 2), 'a', date)).toBeUndefined()
    expect(changeOf('restore', beginning, undefined, date)).toBeUndefined()
    expect(changeOf('relabel', beginning, 'a', date)).toEqual({
      type: 'relabel',
      files: ['b/3 🙂.png', 'c/4.png', 'b/5.png'],
      from: ['b', 'c', 'b'],
      to: 'a',
      date,
    })
  })
})

describe('the file of the log', () => {
  const log: LabelLine[] = [
    { type: 'relabel', files: ['a/1.png'], from: ['a'], to: 'b', date },
    { type: 'undo', date },
    { type: 'move', file: 'a/1.png', to: 'b/1.png', date },
  ]
  const text = log.map(runLine).join('')

  it('comes back as it was, without what a crash left of a last line', () => {
    expect(labelLines(readRunLines(text), 'labels.jsonl')).toEqual(log)
    expect(labelLines(readRunLines(`${text}{"type":"rela`), 'labels.jsonl')).toEqual(log)
  })

  it.each([
    ['an unknown type', '{"type":"delete","files":["a/1.png"]}', /Line 1 of labels.jsonl is no change of labels/],
    ['a field that is missing', '{"type":"relabel","files":["a/1.png"],"from":["a"],"date":""}', /Line 1/],
    ['files that are none', '{"type":"set-aside","files":"a/1.png","date":"today"}', /Line 1/],
  ])('is refused with %s', (_, line, message) => {
    expect(() => labelLines(readRunLines(`${line}\n`), 'labels.jsonl')).toThrow(UserError)
    expect(() => labelLines(readRunLines(`${line}\n`), 'labels.jsonl')).toThrow(message)
  })

  it('is refused with a class that the run does not have', () => {
    const line: LabelLine = { type: 'relabel', files: ['a/1.png'], from: ['a'], to: 'd', date }
    expect(() => labelsAfter([line], pictures)).toThrow(/class that the run does not have/)
  })
})
