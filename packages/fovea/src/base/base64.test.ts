import { expect, it } from 'vitest'
import { base64Length, fromBase64, toBase64 } from './base64.ts'

it.each([0, 1, 2, 3, 4, 12_288, 12_289, 40_000])('%s bytes come back', count => {
  const bytes = Uint8Array.from({ length: count }, (_, index) => (index * 151 + (index >> 8)) & 255)
  const text = toBase64(bytes)
  expect(text).toBe(Buffer.from(bytes).toString('base64'))
  expect(text.length).toBe(base64Length(count))
  expect(Buffer.compare(fromBase64(text), bytes)).toBe(0)
})
