import { expect, test } from 'vitest'
import { colourDepth, drawPictures } from './picture-text.ts'

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

test('colours as the terminal says', () => {
  expect(colourDepth({ TERM: 'xterm-256color', COLORTERM: 'truecolor' })).toBe('true')
  expect(colourDepth({ TERM: 'xterm-kitty' })).toBe('true')
  expect(colourDepth({ WT_SESSION: 'one' })).toBe('true')
  expect(colourDepth({ TERM: 'xterm-256color', TERM_PROGRAM: 'Apple_Terminal' })).toBe('256')
  expect(colourDepth({})).toBe('256')
})
