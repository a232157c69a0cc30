import { describe, expect, it } from 'vitest'
import { drawHalfBlocks, tilePictures } from './half-blocks.ts'

const e = '\u001b['
const grey = (width: number, data: number[]) =>
  ({ width, height: data.length / width, channels: 1, data: Uint8Array.from(data) }) as const

describe('drawHalfBlocks', () => {
  it('shows two pixels a character, the odd last line alone', () => {
    expect(drawHalfBlocks(grey(1, [1, 2, 3]))).toBe(`${e}38;2;1;1;1m${e}48;2;2;2;2m▀${e}0m\n${e}38;2;3;3;3m▀${e}0m`)
  })

  it('does not repeat a colour', () => {
    expect(drawHalfBlocks(grey(2, [7, 7, 9, 9]))).toBe(`${e}38;2;7;7;7m${e}48;2;9;9;9m▀▀${e}0m`)
  })

  it('shows a larger picture smaller, by means', () => {
    const picture = { width: 4, height: 4, channels: 3, data: new Uint8Array(48).fill(100) } as const
    picture.data.set([20, 40, 60], 0)
    expect(drawHalfBlocks(picture, { columns: 2 })).toBe(
      `${e}38;2;80;85;90m${e}48;2;100;100;100m▀${e}38;2;100;100;100m${e}48;2;100;100;100m▀${e}0m`,
    )
  })

  it('has 256 colours and plain characters for other terminals', () => {
    const picture = {
      width: 3,
      height: 2,
      channels: 3,
      data: Uint8Array.of(255, 0, 0, 128, 128, 128, 0, 0, 255, 255, 255, 255, 0, 0, 0, 95, 135, 175),
    } as const
    expect(drawHalfBlocks(picture, { colours: '256' })).toBe(
      `${e}38;5;196m${e}48;5;231m▀${e}38;5;244m${e}48;5;16m▀${e}38;5;21m${e}48;5;67m▀${e}0m`,
    )
    expect(drawHalfBlocks(grey(3, [255, 140, 0, 255, 140, 0]), { colours: 'none' })).toBe('@+')
  })

  it('tiles pictures, one pixel apart', () => {
    const sheet = tilePictures([grey(1, [1, 2]), grey(1, [3, 4]), grey(1, [5, 6])], 2)
    expect([sheet.width, sheet.height]).toEqual([3, 5])
    const reds = [...sheet.data].filter((_, at) => at % 3 === 0)
    expect(reds).toEqual([1, 0, 3, 2, 0, 4, 0, 0, 0, 5, 0, 0, 6, 0, 0])
  })
})
