import { describe, expect, it } from 'vitest'
import { drawHalfBlocks } from './half-blocks.ts'

const e = '\u001b['
const grey = (width: number, data: number[]) =>
  ({ width, height: data.length / width, channels: 1, data: Uint8Array.from(data) }) as const

describe('drawHalfBlocks', () => {
  it('shows two pixels a character; the odd last row fills its line', () => {
    expect(drawHalfBlocks(grey(1, [1, 2, 3]))).toEqual([
      `${e}38;2;1;1;1;48;2;2;2;2m▀${e}0m`,
      `${e}38;2;3;3;3;48;2;3;3;3m▀${e}0m`,
    ])
  })

  it('does not repeat a colour', () => {
    expect(drawHalfBlocks(grey(2, [7, 7, 9, 9]))).toEqual([`${e}38;2;7;7;7;48;2;9;9;9m▀▀${e}0m`])
  })

  it('shows a larger picture smaller, by means', () => {
    const picture = { width: 4, height: 4, channels: 3, data: new Uint8Array(48).fill(100) } as const
    picture.data.set([20, 40, 60], 0)
    expect(drawHalfBlocks(picture, { columns: 2 })).toEqual([
      `${e}38;2;80;85;90;48;2;100;100;100m▀${e}38;2;100;100;100;48;2;100;100;100m▀${e}0m`,
    ])
  })

  it('lays alpha on black', () => {
    const picture = { width: 1, height: 2, channels: 4, data: Uint8Array.of(200, 100, 50, 51, 9, 9, 9, 0) } as const
    expect(drawHalfBlocks(picture)).toEqual([`${e}38;2;40;20;10;48;2;0;0;0m▀${e}0m`])
  })

  it('has 256 colours and plain characters for other terminals', () => {
    const data = Uint8Array.of(255, 0, 0, 128, 128, 128, 0, 0, 255, 255, 255, 255, 0, 0, 0, 95, 135, 175)
    expect(drawHalfBlocks({ width: 3, height: 2, channels: 3, data }, { colours: '256' })).toEqual([
      `${e}38;5;196;48;5;231m▀${e}38;5;244;48;5;16m▀${e}38;5;21;48;5;67m▀${e}0m`,
    ])
    expect(drawHalfBlocks(grey(3, [255, 140, 0, 255, 140, 0]), { colours: 'none' })).toEqual(['@+ '])
  })
})
