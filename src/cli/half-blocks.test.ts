import { expect, test } from 'vitest'
import { drawPicture, drawPictures } from './half-blocks.ts'

const picture = { width: 2, height: 3, channels: 1 as const, data: Uint8Array.of(0, 255, 255, 255, 0, 255) }

test('two pixel rows make one line, in the colours of both', () => {
  const [first, second] = drawPicture(picture, true)
  expect(first).toBe('\x1b[38;2;0;0;0;48;2;255;255;255m▀\x1b[38;2;255;255;255;48;2;255;255;255m▀\x1b[0m')
  // The third row has none below: the cell is of one colour.
  expect(second).toBe('\x1b[38;2;0;0;0;48;2;0;0;0m▀\x1b[38;2;255;255;255;48;2;255;255;255m▀\x1b[0m')
})

test('without colours, more light is more ink', () => {
  expect(drawPicture(picture, false)).toEqual(['o@', ' @'])
})

test('pictures stand side by side as far as the terminal reaches', () => {
  const three = ['a', 'b', 'c'].map(caption => ({ picture, caption }))
  expect(drawPictures(three, { columns: 7, colour: false }).split('\n')).toEqual([
    'a   b',
    'o@  o@',
    ' @   @',
    'c',
    'o@',
    ' @',
  ])
})
