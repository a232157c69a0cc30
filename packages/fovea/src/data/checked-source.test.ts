import { describe, expect, it } from 'vitest'
import { UserError } from '../base/errors.ts'
import { checkedSource } from './checked-source.ts'
import type { PictureSource } from './picture-source.ts'

type Read = PictureSource['read']
const shape = [2, 5, 1] as const
const size = 10
const about = { shape, classNames: ['a', 'b'], count: 6, labels: new Uint8Array(6) } as const
const sourceOf = (read: Read, changes: Partial<PictureSource> = {}) => checkedSource({ ...about, read, ...changes })

/** Byte `at` of picture i is 20 i + at. */
const fill: Read = (indices, into) => {
  for (let at = 0; at < into.length; at++) into[at] = 20 * indices[Math.floor(at / size)]! + (at % size)
}
const later =
  (read: Read): Read =>
  async (indices, into) => {
    await new Promise(resolve => setImmediate(resolve))
    await read(indices, into)
  }
const picture = (index: number) => Array.from({ length: size }, (_, at) => 20 * index + at)

describe.each([
  ['at once', (read: Read) => read],
  ['later', later],
] as const)('a source that is read %s', (_, when) => {
  const read = async (source: PictureSource, ...indices: number[]) => {
    const into = new Uint8Array(indices.length * size).fill(99)
    await source.read(Int32Array.from(indices), into)
    return [...into]
  }

  it('gives its pictures, few after many too', async () => {
    const source = sourceOf(when(fill))
    for (const indices of [[1, 0, 4], [5], [2, 2, 2, 3]]) {
      expect(await read(source, ...indices)).toEqual(indices.flatMap(picture))
    }
  })

  it('may be a class, and sort the numbers it is given', async () => {
    class Sorting implements PictureSource {
      readonly shape = shape
      readonly classNames = about.classNames
      readonly count = 6
      readonly labels = about.labels
      readonly factor = 1
      read(indices: Int32Array, into: Uint8Array) {
        fill(indices, into)
        indices.sort()
        into[0] = this.factor
      }
    }
    const indices = Int32Array.of(3, 1)
    const into = new Uint8Array(2 * size)
    await checkedSource(new Sorting()).read(indices, into)
    expect([...indices]).toEqual([3, 1])
    expect([...into.subarray(0, 2)]).toEqual([1, 61])
  })

  it.each([2, 9, 10, 15, 20])('that gives %i bytes too few is found out', async missing => {
    const short: Read = (indices, into) => {
      const whole = new Uint8Array(into.length)
      fill(indices, whole)
      into.set(whole.subarray(0, into.length - missing))
    }
    const asked = read(sourceOf(when(short)), 4, 5)
    await expect(asked).rejects.toThrow(UserError)
    await expect(asked).rejects.toThrow(missing <= size ? /does not fill picture 5/ : /does not fill picture [45]/)
  })

  it('that gives nothing is found out, whatever the last one gave', async () => {
    let goes = true
    const source = sourceOf(when((indices, into) => void (goes && fill(indices, into))))
    expect(await read(source, 2)).toEqual(picture(2))
    goes = false
    await expect(read(source, 2)).rejects.toThrow(/does not fill picture 2/)
  })

  it('may have any bytes for pixels', async () => {
    // The very bytes that are put where pictures end.
    const seen: number[][] = []
    const spy: Read = (_, into) => {
      seen.push([...into])
    }
    await expect(read(sourceOf(when(spy)), 0)).rejects.toThrow(UserError)
    expect(seen.length).toBe(2)
    for (const marks of seen) {
      expect(await read(sourceOf(when((_, into) => into.set(marks))), 0)).toEqual(marks)
    }
  })

  it('that fails leaves what it was to fill as it was, and nothing it writes later comes in', async () => {
    let fails = true
    const writes: (() => void)[] = []
    const source = sourceOf(
      when((indices, into) => {
        if (!fails) return fill(indices, into)
        writes.push(() => into.fill(7))
        throw new Error('the disk is gone')
      }),
    )
    const into = new Uint8Array(size).fill(99)
    await expect((async () => source.read(Int32Array.of(1), into))()).rejects.toThrow('the disk is gone')
    expect([...new Set(into)]).toEqual([99])
    fails = false
    const reading = source.read(Int32Array.of(1), into)
    for (const write of writes) write()
    await reading
    expect([...into]).toEqual(picture(1))
  })

  it('is read by two at once', async () => {
    const source = sourceOf(when(fill))
    const both = await Promise.all([read(source, 1, 2), read(source, 3, 4)])
    expect(both.map(([first]) => first)).toEqual([20, 60])
  })
})

describe('is refused at the door', () => {
  it.each([
    ['labels of another number', { labels: new Uint8Array(5) }, /6 labels[\s\S]*5/],
    ['a label that is not a class', { labels: Uint8Array.of(0, 1, 0, 2, 0, 0) }, /label 3[\s\S]*0 to 1[\s\S]*2/],
    ['labels in a list', { labels: [0, 0, 0, 0, 0, 0] as never }, /"labels"/],
    ['a count that is none', { count: 1.5 }, /"count"/],
    ['a shape of numbers below 1', { shape: [0, 1, 1] as const }, /"shape/],
    ['no class names', { classNames: [] }, /"classNames"/],
    ['no function to read', { read: 'no' as never }, /"read"/],
  ])('%s', (_, changes, message) => {
    expect(() => sourceOf(fill, changes)).toThrow(UserError)
    expect(() => sourceOf(fill, changes)).toThrow(message)
  })
})
