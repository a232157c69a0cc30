/** Members of zip archives and NumPy's arrays in them: read, and refused in words where they are damaged. */
import { describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { idxOfNpy } from '../../data/npy.ts'
import { npy, zipped } from './pickled.testing.ts'
import { zipMember } from './zip.ts'

const content = Uint8Array.from({ length: 5000 }, (_, index) => (index * index) >> 7)
const members = [
  ['a.npy', Uint8Array.of(1, 2, 3)],
  ['b.npy', content],
] as const

/** Changes the 32-bit number that lies so far behind the last mark of this kind. */
function changed(bytes: Uint8Array, mark: string, offset: number, value: number): Uint8Array {
  const copy = bytes.slice()
  const at = Buffer.from(copy).lastIndexOf(mark)
  new DataView(copy.buffer).setUint32(at + offset, value, true)
  return copy
}

describe('zip archives', () => {
  it.each([
    ['stored', {}],
    ['deflated', { deflate: true }],
    ['with a remark', { deflate: true, remark: 'PK\x05\x06 hello' }],
  ])('%s: a member by its name', async (_, how) => {
    const bytes = zipped(members, how)
    expect(new Uint8Array(await zipMember(bytes, 'b.npy', 5000, 'z'))).toEqual(content)
    expect([...(await zipMember(bytes, 'a.npy', 3, 'z'))]).toEqual([1, 2, 3])
    await expect(zipMember(bytes, 'b.npy', 4999, 'z')).rejects.toThrow(/z: its member b\.npy is oversized/)
    await expect(zipMember(bytes, 'c.npy', 9, 'z')).rejects.toThrow(/z has no member c\.npy[\s\S]*a\.npy, b\.npy/)
  })

  const deflated = zipped(members, { deflate: true })
  it.each([
    ['nothing', new Uint8Array(), /an empty file/],
    ['a web page', new TextEncoder().encode('<!doctype html>'.padEnd(100)), /a web page/],
    [
      'a file that is cut off',
      deflated.subarray(0, -30),
      /z is damaged[\s\S]*a NumPy archive \(\.npz\) that is cut off/,
    ],
    ['a directory beyond the end', changed(deflated, 'PK\x05\x06', 16, 0xffffff), /z is damaged/],
    ['a member beyond the end', changed(deflated, 'PK\x01\x02', 42, 0xfffffff0), /lies beyond the end/],
    ['packed bytes beyond the end', changed(deflated, 'PK\x01\x02', 20, 0xfffffff0), /lies beyond the end/],
    ['a wrong checksum', changed(deflated, 'PK\x01\x02', 16, 1), /wrong checksum/],
    ['a larger size than it has', changed(deflated, 'PK\x01\x02', 24, 6000), /wrong checksum/],
    ['a smaller size than it has', changed(deflated, 'PK\x01\x02', 24, 4000), /z is damaged/],
    ['another way of packing', changed(deflated, 'PK\x01\x02', 10, 12), /packed in another way/],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(zipMember(bytes, 'b.npy', 10_000, 'z')).rejects.toThrow(UserError)
    await expect(zipMember(bytes, 'b.npy', 10_000, 'z')).rejects.toThrow(message)
  })

  it('with any byte changed, gives the bytes or a UserError', async () => {
    const small = zipped([['a', Uint8Array.of(1, 2, 3)]], { deflate: true })
    for (let at = 0; at < small.length; at++) {
      const result = await zipMember(small.with(at, small[at]! ^ 0xff), 'a', 9, 'z').catch(error => error)
      if (result instanceof Uint8Array) expect([...result], `byte ${at}`).toEqual([1, 2, 3])
      else expect(result, `byte ${at}`).toBeInstanceOf(UserError)
    }
  })
})

describe('arrays of NumPy', () => {
  it('become IDX files', () => {
    expect([...idxOfNpy(npy([2, 1, 2], Uint8Array.of(9, 8, 7, 6)), 'x')]).toEqual([
      ...[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
      ...[9, 8, 7, 6],
    ])
    expect([...idxOfNpy(npy([2], Uint8Array.of(1, 0)), 'y')]).toEqual([0, 0, 8, 1, 0, 0, 0, 2, 1, 0])
  })

  it.each([
    ['text', new TextEncoder().encode('hello, world'), /12 bytes, a text file/],
    ['other numbers', npy([1], new Uint8Array(8), '<i8'), /'<i8'/],
    ['an array of objects', npy([1], new Uint8Array(8), '|O'), /'\|O'/],
    ['a shape that is not filled', npy([3], Uint8Array.of(1)), /1 bytes for the shape 3/],
    ['a header beyond the end', npy([3], Uint8Array.of(1)).subarray(0, 40), /x\.npy is not a NumPy array of bytes/],
    ['a single number', npy([], Uint8Array.of(1)), /shape/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => idxOfNpy(bytes, 'x.npy')).toThrow(UserError)
    expect(() => idxOfNpy(bytes, 'x.npy')).toThrow(message)
  })
})
