import { describe, expect, it } from 'vitest'
import { movedPictures, turnedPictures } from './shift.ts'

const picture = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9])
const shape = [3, 3, 1] as const

describe('movedPictures', () => {
  it('moves each picture and repeats its border', () => {
    expect([...movedPictures(picture, shape, 1, 0)]).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6])
    expect([...movedPictures(picture, shape, 0, -1)]).toEqual([2, 3, 3, 5, 6, 6, 8, 9, 9])
    const two = Uint8Array.from([...picture, ...picture.map(value => value * 10)])
    expect([...movedPictures(two, shape, 0, 2)].slice(9)).toEqual([10, 10, 10, 40, 40, 40, 70, 70, 70])
    const colour = Uint8Array.from([1, 2, 3, 4, 5, 6])
    expect([...movedPictures(colour, [1, 2, 3], 0, 1)]).toEqual([1, 2, 3, 1, 2, 3])
    expect(movedPictures(picture, shape, 0, 0)).toEqual(picture)
  })
})

describe('turnedPictures', () => {
  it('turns counter-clockwise about the centre', () => {
    expect([...turnedPictures(picture, shape, 90)]).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7])
    expect(turnedPictures(picture, shape, 0)).toEqual(picture)
    expect([...turnedPictures(turnedPictures(picture, shape, 90), shape, -90)]).toEqual([...picture])
  })

  it('mixes the four nearest pixels', () => {
    const edge = Uint8Array.from({ length: 25 }, (_, index) => (index % 5 < 2 ? 0 : 200))
    const turned = turnedPictures(edge, [5, 5, 1], 10)
    expect(turned[12]).toBe(200)
    expect([...turned].some(value => value > 0 && value < 200)).toBe(true)
  })
})
