import { describe, expect, it } from 'vitest'
import { cut, grey, opaque, pictureFrom, rgb } from './picture.ts'

describe('picture', () => {
  it('checks the number of bytes', () => {
    expect(pictureFrom(2, 1, 3, new Uint8Array(6)).channels).toBe(3)
    expect(() => pictureFrom(2, 1, 3, new Uint8Array(5))).toThrow(/not a picture[\s\S]*2×1, 3 channels, 5 bytes/)
    expect(() => pictureFrom(1, 1, 5, new Uint8Array(5))).toThrow(/not a picture/)
  })

  it('lays alpha on white, or on another ground', () => {
    const half = pictureFrom(3, 1, 4, Uint8Array.of(0, 100, 200, 255, 0, 100, 200, 0, 0, 100, 200, 51))
    expect([...opaque(half).data]).toEqual([0, 100, 200, 255, 255, 255, 204, 224, 244])
    expect([...opaque(half, 0).data]).toEqual([0, 100, 200, 0, 0, 0, 0, 20, 40])
    expect([...opaque(pictureFrom(1, 1, 2, Uint8Array.of(10, 0))).data]).toEqual([255])
  })

  it('turns colour to grey by 0.299 R + 0.587 G + 0.114 B, and grey to colour', () => {
    const colours = pictureFrom(4, 1, 3, Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255))
    expect([...grey(colours).data]).toEqual([76, 150, 29, 255])
    expect([...rgb(pictureFrom(2, 1, 1, Uint8Array.of(3, 4))).data]).toEqual([3, 3, 3, 4, 4, 4])
  })

  it('cuts out a rectangle, black beyond the picture', () => {
    const picture = pictureFrom(3, 2, 1, Uint8Array.of(1, 2, 3, 4, 5, 6))
    expect([...cut(picture, 1, 0, 2, 2).data]).toEqual([2, 3, 5, 6])
    expect([...cut(picture, -1, -1, 3, 2).data]).toEqual([0, 0, 0, 0, 1, 2])
    expect([...cut(picture, 2, 1, 3, 3).data]).toEqual([6, 0, 0, 0, 0, 0, 0, 0, 0])
    expect([...cut(picture, 5, 5, 1, 1).data]).toEqual([0])
  })
})
