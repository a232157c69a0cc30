import { expect, test } from 'vitest'
import { drawPictures } from './half-blocks.ts'

const picture = { width: 2, height: 3, channels: 1 as const, data: Uint8Array.of(0, 255, 255, 255, 0, 255) }

test('pictures stand side by side as far as the terminal reaches', () => {
  const three = ['a', 'b', 'c'].map(caption => ({ picture, caption }))
  expect(drawPictures(three, { columns: 7, colours: 'none' }).split('\n')).toEqual([
    'a   b',
    '+@  +@',
    ' @   @',
    'c',
    '+@',
    ' @',
  ])
})
