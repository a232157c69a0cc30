import { expect, it } from 'vitest'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import { pictureToInput } from './input.ts'
import { meanProbabilities, viewCount, viewsOf } from './views.ts'

const spec: PreprocessSpec = { shape: [4, 4, 3], channels: 'rgb', resize: 'stretch' }
/** Every pixel says its place: red the column, green the row. */
const picture = {
  width: 16,
  height: 8,
  channels: 3 as const,
  data: Uint8Array.from(
    { length: 16 * 8 * 3 },
    (_, at) => [16 * (((at / 3) | 0) % 16), 16 * ((at / 48) | 0), 7][at % 3]!,
  ),
}

it('shows the picture and four corners of it, each also mirrored', () => {
  const views = viewsOf(picture, spec)
  expect(views).toHaveLength(viewCount(spec))
  expect(views[0]).toEqual(pictureToInput(picture, spec))
  // 14 × 7 of 16 × 8: the corners begin at column 0 or 2 and row 0 or 1.
  const first = views.slice(1, 5).map(({ pixels }) => [...pixels.subarray(0, 2)])
  const [red, green] = first[0]!
  expect(first).toEqual([
    [red, green],
    [red! + 32, green],
    [red, green! + 16],
    [red! + 32, green! + 16],
  ])
  for (const [index, { pixels }] of views.slice(5).entries()) {
    const own = views[index]!.pixels
    for (let row = 0; row < 4; row++)
      for (let column = 0; column < 4; column++)
        expect(pixels.subarray((4 * row + column) * 3).subarray(0, 3)).toEqual(
          own.subarray((4 * row + 3 - column) * 3).subarray(0, 3),
        )
  }
})

it('shows only what the model can take', () => {
  const fixed: PreprocessSpec = { shape: [8, 16, 3], channels: 'rgb', resize: 'none' }
  expect(viewsOf(picture, fixed)).toHaveLength(viewCount(fixed))
  const digits: PreprocessSpec = { shape: [28, 28, 1], channels: 'grey', resize: 'contain', digit: { box: 20 } }
  expect(viewsOf(picture, digits)).toEqual([pictureToInput(picture, digits)])
  expect(viewCount(digits)).toBe(1)
})

it('has crops of pictures of one pixel', () => {
  const pixel = { width: 1, height: 1, channels: 1 as const, data: Uint8Array.of(90) }
  for (const { pixels } of viewsOf(pixel, spec)) expect([...pixels]).toEqual(new Array(48).fill(90))
})

it('averages class by class', () => {
  expect(
    meanProbabilities([
      [0.5, 0.5],
      [1, 0],
    ]),
  ).toEqual([0.75, 0.25])
})
