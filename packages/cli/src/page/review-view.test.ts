import { describe, expect, it } from 'vitest'
import type { ReviewPicture, ReviewState } from '../review/reviewed-set.ts'
import { classKeys, keyAction, type ReviewFilter, shownPictures } from './review-view.ts'

const picture = (file: string, more: Partial<ReviewPicture> = {}): ReviewPicture => ({
  file,
  part: 'train',
  trainedAs: 0,
  ...more,
})
const pictures = [
  picture('b/10.png', { trainedAs: 1, predicted: 0, suggested: 0 }),
  picture('a/1.png', { part: 'test', predicted: 0 }),
  picture('b/9.png', { trainedAs: 1 }),
  picture('a/2.png', { predicted: 1 }),
]
const state: ReviewState = { labels: [1, 0, 0, 0], setAside: [3], changes: 2 }
const shown = (filter: Partial<ReviewFilter>) =>
  shownPictures({ pictures }, state, { show: 'all', byName: false, ...filter })

describe('shown pictures', () => {
  it.each<[string, Partial<ReviewFilter>, number[]]>([
    ['all, in the order of looking', {}, [0, 1, 2, 3]],
    ['by name, as people count', { byName: true }, [1, 3, 2, 0]],
    ['what looks mislabelled', { show: 'suspicious' }, [0]],
    ['mistakes of the model, by the label now', { show: 'mistakes' }, [0, 3]],
    ['what changed', { show: 'changed' }, [2, 3]],
    ['what is set aside', { show: 'aside' }, [3]],
    ['a class, by the label now', { label: 0 }, [1, 2, 3]],
    ['a part', { part: 'test' }, [1]],
    ['all of it together', { show: 'changed', label: 0, part: 'train', byName: true }, [3, 2]],
  ])('are %s', (_, filter, numbers) => {
    expect(shown(filter)).toEqual(numbers)
  })
})

describe('keys', () => {
  const pressed = (key: string, more = {}) =>
    keyAction({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more }, 12)

  it('give classes by digits, then by letters that mean nothing else', () => {
    expect(classKeys(12)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', 'b', 'c', 'd'])
    expect(classKeys(100).filter(key => key !== undefined).length).toBe(30)
    expect(new Set(classKeys(100)).size).toBe(31)
    expect([pressed('1'), pressed('b'), pressed('B')]).toEqual([0, 9, 9].map(to => ({ type: 'relabel', to })))
    for (const [key] of classKeys(100).entries()) {
      const sign = classKeys(100)[key]
      if (sign)
        expect(keyAction({ key: sign, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }, 100)).toEqual({
          type: 'relabel',
          to: key,
        })
    }
    expect(pressed('e')).toBeUndefined()
  })

  it('move, choose, set aside and take back', () => {
    expect(pressed('ArrowDown', { shiftKey: true })).toEqual({ type: 'move', by: 'row', extends: true })
    expect([' ', 'x', 'r', 's', 'u', 'a', 'Escape'].map(key => pressed(key)?.type)).toEqual([
      'choose',
      'set-aside',
      'restore',
      'suggested',
      'undo',
      'all',
      'clear',
    ])
    expect(pressed('z', { ctrlKey: true })).toEqual({ type: 'undo' })
    expect(pressed('z', { metaKey: true })).toEqual({ type: 'undo' })
  })

  it('are left to the browser otherwise', () => {
    for (const key of ['Tab', 'Enter', 'F5', 'z', 'toString', 'constructor']) expect(pressed(key)).toBeUndefined()
    for (const key of ['c', 'r', 'x', '1']) expect(pressed(key, { ctrlKey: true })).toBeUndefined()
    expect(pressed('ArrowLeft', { altKey: true })).toBeUndefined()
  })
})
