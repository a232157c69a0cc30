import { describe, expect, it } from 'vitest'
import {
  channelPlanes,
  colourFilters,
  filterPlanes,
  gradientPicture,
  heatOver,
  mosaic,
  stretchPlane,
} from './drawing.ts'
import { enlarged, outlined, pictureGrid } from './picture-grid.ts'
import { planeFrom, rowsOf } from './plane.ts'

describe('planes', () => {
  it('of a layer: one a channel; of units: one row', () => {
    const planes = channelPlanes({ shape: [2, 1, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) })
    expect(planes.map(rowsOf)).toEqual([
      [[1], [4]],
      [[2], [5]],
      [[3], [6]],
    ])
    expect(rowsOf(channelPlanes({ shape: [4], data: Float64Array.of(1, 2, 3, 4) })[0]!)).toEqual([[1, 2, 3, 4]])
  })

  it('of a kernel: filter by filter', () => {
    const kernel = Float64Array.from({ length: 2 * 1 * 2 * 2 }, (_, index) => index)
    expect(filterPlanes(kernel, [2, 1, 2, 2]).map(rowsOf)).toEqual([
      [[0], [4]],
      [[2], [6]],
      [[1], [5]],
      [[3], [7]],
    ])
  })

  it('of a kernel: only the first, if so asked; over colour as pictures', () => {
    const kernel = Float64Array.from({ length: 3 * 2 }, (_, index) => index * index)
    expect(filterPlanes(kernel, [1, 1, 3, 2], 4).map(rowsOf)).toEqual([[[0]], [[4]], [[16]], [[1]]])
    const pictures = colourFilters(kernel, [1, 1, 3, 2])
    expect(pictures.map(({ channels, data }) => [channels, ...data])).toEqual([
      [3, 0, 64, 255],
      [3, 0, 85, 255],
    ])
  })

  it('stretched between the centres of their cells', () => {
    const plane = planeFrom(1, 2, (_, column) => column)
    expect(rowsOf(stretchPlane(plane, 1, 4))).toEqual([[0, 0.25, 0.75, 1]])
    expect(rowsOf(stretchPlane(plane, 2, 2))).toEqual([
      [0, 1],
      [0, 1],
    ])
  })
})

describe('pictures', () => {
  it('a mosaic has every plane in its place, black to white', () => {
    const planes = [0, 1, 2].map(add => planeFrom(1, 2, (_, column) => column + add))
    const { width, height, data } = mosaic(planes, { columns: 2, scale: 1 })
    expect([width, height]).toEqual([2 * 4 + 2, 2 * 3 + 2])
    const at = (row: number, column: number): number => data[row * width + column]!
    expect([at(2, 2), at(2, 3), at(2, 6), at(2, 7), at(5, 2), at(5, 3)]).toEqual([0, 255, 0, 255, 0, 255])
  })

  it('a grid has pictures of one size, wide ones made smaller, and leaves places empty', () => {
    const dot = (value: number) => ({ width: 1, height: 1, channels: 1, data: Uint8Array.of(value) }) as const
    const red = { width: 1, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0) } as const
    const grid = pictureGrid([dot(7), undefined, red], { columns: 3, scale: 1 })
    expect([grid.width, grid.height, grid.channels]).toEqual([11, 5, 3])
    const at = (column: number): number[] => [...grid.data.subarray((2 * 11 + column) * 3, (2 * 11 + column) * 3 + 3)]
    expect([at(2), at(5), at(8)]).toEqual([
      [7, 7, 7],
      [96, 96, 96],
      [255, 0, 0],
    ])
    const wide = { width: 224, height: 112, channels: 1, data: new Uint8Array(224 * 112).fill(9) } as const
    const small = pictureGrid([wide])
    expect([small.width, small.height, small.data[2 * 68 + 2]]).toEqual([64 + 4, 32 + 4, 9])
  })

  it('a rectangle is drawn around its pixels, as far as they are there', () => {
    const picture = { width: 4, height: 4, channels: 1, data: new Uint8Array(16) } as const
    const { data } = outlined(picture, { top: -1, left: 1, height: 4, width: 2 }, 1, [1, 2, 3])
    const marked = Array.from({ length: 4 }, (_, row) =>
      Array.from({ length: 4 }, (_, column) => (data[(row * 4 + column) * 3 + 2] === 3 ? '#' : '.')).join(''),
    )
    expect(marked).toEqual(['.##.', '.##.', '.##.', '....'])
    const large = outlined(enlarged(picture, 3), { top: 1, left: 1, height: 2, width: 2 }, 3, [1, 2, 3])
    expect([large.data[(3 * 12 + 3) * 3], large.data[(5 * 12 + 5) * 3], large.data[(2 * 12 + 2) * 3]]).toEqual([
      1, 0, 0,
    ])
  })

  it('enlarged, a pixel is a square', () => {
    const picture = { width: 2, height: 1, channels: 1, data: Uint8Array.of(7, 9) } as const
    expect([...enlarged(picture, 2).data]).toEqual([7, 7, 9, 9, 7, 7, 9, 9])
    expect(enlarged(picture).width).toBe(256)
  })

  it('a gradient is grey where it is 0, and the largest is white or black', () => {
    const { data } = gradientPicture(Float64Array.of(0, 2, -4, 4), [2, 2, 1])
    expect([...data]).toEqual([128, 191, 0, 255])
    expect([...gradientPicture(new Float64Array(3), [1, 1, 3]).data]).toEqual([128, 128, 128])
  })

  it('heat is red where the plane is largest, blue below 0, the picture where it is 0', () => {
    const picture = { width: 3, height: 1, channels: 1, data: Uint8Array.of(40, 40, 40) } as const
    const { data } = heatOver(
      picture,
      planeFrom(1, 3, (_, column) => 1 - column),
    )
    expect([...data.subarray(3, 6)]).toEqual([40, 40, 40])
    expect(data[0]).toBeGreaterThan(data[2]! + 100)
    expect(data[8]).toBeGreaterThan(data[6]! + 100)
  })
})
