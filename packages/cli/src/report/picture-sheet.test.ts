import type { Picture } from 'fovea/internal/base/picture'
import { expect, it } from 'vitest'
import { pictureSheet } from './picture-sheet.ts'
import { elementsOf } from './report-run.testing.ts'

const picture = (value: number, width = 32, height = 24): Picture => ({
  width,
  height,
  channels: 1,
  data: Uint8Array.from({ length: width * height }, (_, at) => (at % width) + value),
})

/** Five pictures in rows of three. */
function sheetOf(pictures = Array.from({ length: 5 }, (_, index) => picture(40 * index))) {
  const given: Picture[] = []
  const tools = { pictureUrl: (each: Picture) => `picture ${given.push(each)}` }
  const sheet = pictureSheet(pictures, { name: 'any', columns: 3, cell: 100, above: 20, tools })
  return { ...sheet, joined: given[0]!, encoded: given.length }
}

it('joins pictures to one, each beginning at a multiple of 8, its border repeated in the room behind it', () => {
  const { joined, encoded } = sheetOf()
  expect(encoded).toBe(1)
  // 32 pixels and a quarter of room are 40; 24 rows and 30 units of 0.4 pixels are 36, so 40.
  expect([joined.width, joined.height]).toEqual([2 * 40 + 32, 40 + 24])
  const line = (row: number) => [...joined.data.subarray(row * joined.width, (row + 1) * joined.width)]
  const ramp = (value: number, count = 32) => Array.from({ length: count }, (_, at) => at + value)
  const border = (value: number) => new Array(8).fill(value)
  expect(line(0)).toEqual([...ramp(0), ...border(31), ...ramp(40), ...border(71), ...ramp(80)])
  expect(line(39)).toEqual(line(0))
  expect(line(40).slice(0, 72)).toEqual([...ramp(120), ...border(151), ...ramp(160)])
})

it('says where each picture lies', () => {
  const { place, width, height } = sheetOf()
  expect(place(0)).toEqual({ x: 10, y: 20, width: 80, height: 60 })
  expect(place(4)).toEqual({ x: 110, y: 120, width: 80, height: 60 })
  expect([width, height]).toEqual([300, 200])
})

it('shows of the joined picture only what lies in a picture', () => {
  const { svg, place } = sheetOf()
  const clips = elementsOf(svg, 'clipPath#clip-any rect').map(rect =>
    Object.fromEntries(['x', 'y', 'width', 'height'].map(name => [name, Number(rect.getAttribute(name))])),
  )
  expect(clips).toEqual([0, 1, 2, 3, 4].map(place))
  expect(elementsOf(svg, 'g[clip-path="url(#clip-any)"] > image')).toHaveLength(1)
  expect(elementsOf(svg, 'image')).toHaveLength(1)
})

it('enlarges small pictures by a whole factor', () => {
  const { joined, place } = sheetOf([picture(0, 8, 8), picture(100, 8, 8)])
  expect([joined.width, joined.height]).toEqual([40 + 32, 32])
  expect([...joined.data.subarray(0, 9)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2])
  expect(joined.data[3 * 72 + 40]).toBe(100)
  expect(place(1)).toEqual({ x: 110, y: 20, width: 80, height: 80 })
})
