import { describe, expect, it } from 'vitest'
import { UserError } from './errors.ts'
import { isUtf8, linesOf, textOf } from './text-file.ts'

const text = 'größer → "漢字" 🙂\nzwei'

/** The text as another program saves it. */
const saved: Record<string, Uint8Array> = {
  'UTF-8': new TextEncoder().encode(text),
  'UTF-8 with a mark': new TextEncoder().encode(`\uFEFF${text}`),
  'UTF-16 LE': new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le')),
  'UTF-16 BE': new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()),
}

describe('textOf', () => {
  it.each(Object.entries(saved))('%s', (name, bytes) => {
    expect(textOf(bytes, 'x')).toBe(text)
    expect(isUtf8(bytes)).toBe(name.startsWith('UTF-8'))
  })

  it.each(Object.entries(saved))(
    '%s, cut off within a character: what is whole is read where that may be',
    (name, bytes) => {
      const cut = new Uint8Array([
        ...bytes,
        ...(name === 'UTF-16 LE' ? [0x3d, 0xd8, 0x42] : name === 'UTF-16 BE' ? [0xd8, 0x3d] : [0xf0, 0x9f]),
      ])
      expect(textOf(cut, 'x', { cutOff: true })).toBe(text)
      expect(() => textOf(cut, 'x')).toThrow(UserError)
    },
  )

  it.each([
    ['Latin-1', [0x67, 0x72, 0xf6, 0xdf], /x is not a text file.*UTF-8.*not UTF-8/s],
    ['UTF-16 without a mark', [0x61, 0, 0x62, 0], /without a byte order mark/],
    ['a picture', [0x89, 0x50, 0x4e, 0x47], /not UTF-8/],
    ['an odd number of bytes', [0xff, 0xfe, 0x61], /not UTF-16LE/],
  ])('%s: says so', (_, bytes, message) => {
    expect(() => textOf(Uint8Array.from(bytes), 'x')).toThrow(message)
  })
})

it('linesOf: every line end there is, and none behind the last', () => {
  expect(linesOf('a\nb\r\nc\rd')).toEqual(['a', 'b', 'c', 'd'])
  expect(linesOf('a\n\nb\n')).toEqual(['a', '', 'b'])
  expect(linesOf('')).toEqual([])
})
