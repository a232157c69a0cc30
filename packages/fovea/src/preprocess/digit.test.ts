import { describe, expect, it } from 'vitest'
import { drawDigits } from '../../../../test/digits/draw.testing.ts'
import type { Picture } from '../base/picture.ts'
import { digit } from './digit.ts'

const options = { box: 20, width: 28, height: 28 }

/** Background everywhere but in the rectangles, which are [left, top, width, height, value]. */
function drawn(width: number, height: number, background: number, ...parts: number[][]): Picture {
  const data = new Uint8Array(width * height).fill(background)
  for (const [left, top, across, down, value] of parts)
    for (let row = top!; row < top! + down!; row++)
      data.fill(value!, row * width + left!, row * width + left! + across!)
  return { width, height, channels: 1, data }
}

/** Bounding box of what is not black: left, top, right, bottom (exclusive). */
function bounds({ width, height, data }: Picture): number[] {
  const columns: number[] = []
  const rows: number[] = []
  for (let at = 0; at < width * height; at++) {
    if (data[at]! === 0) continue
    columns.push(at % width)
    rows.push(Math.floor(at / width))
  }
  return [Math.min(...columns), Math.min(...rows), Math.max(...columns) + 1, Math.max(...rows) + 1]
}

describe('digit', () => {
  it('fits a light bar on dark into the box, proportions kept, its mass in the middle', () => {
    const { picture, notes } = digit(drawn(100, 200, 0, [10, 100, 20, 80, 255]), options)
    expect([picture.width, picture.height, picture.channels]).toEqual([28, 28, 1])
    // 20×80 becomes 5×20; its centre comes to (14.5, 14.5) as nearly as whole pixels allow.
    expect(bounds(picture)).toEqual([12, 5, 17, 25])
    expect(picture.data.filter(value => value === 255).length).toBe(100)
    expect(notes).toEqual(['cropped to the strokes: 20×80 at column 10, row 100'])
  })

  it('inverts dark on light and says so; the same digit comes out', () => {
    const light = digit(drawn(60, 60, 0, [20, 10, 8, 30, 255], [20, 32, 24, 8, 255]), options)
    const dark = digit(drawn(60, 60, 255, [20, 10, 8, 30, 0], [20, 32, 24, 8, 0]), options)
    expect(dark.picture).toEqual(light.picture)
    expect(dark.notes[0]).toBe('inverted: the border is lighter than the strokes')
    expect(light.notes.join()).not.toContain('inverted')
  })

  it('does not depend on the levels of paper and ink', () => {
    const faint = digit(drawn(60, 60, 180, [20, 10, 8, 30, 120], [20, 32, 24, 8, 120]), options)
    const strong = digit(drawn(60, 60, 255, [20, 10, 8, 30, 0], [20, 32, 24, 8, 0]), options)
    expect(faint.picture).toEqual(strong.picture)
  })

  it('noInvert takes it as light on dark', () => {
    const { picture, notes } = digit(drawn(60, 60, 255, [20, 20, 20, 20, 0]), { ...options, noInvert: true })
    expect(notes).toEqual(['the picture is blank: no strokes were found'])
    expect(picture.data.every(value => value === 0)).toBe(true)
  })

  it('puts the centre of mass, not of the box, in the middle', () => {
    // An L: heavy at the lower left.
    const { picture } = digit(drawn(80, 80, 0, [20, 10, 6, 60, 255], [20, 50, 60, 20, 255]), options)
    let mass = 0
    let across = 0
    let down = 0
    for (const [at, value] of picture.data.entries()) {
      mass += value
      across += value * ((at % 28) + 0.5)
      down += value * (Math.floor(at / 28) + 0.5)
    }
    expect(Math.abs(across / mass - 14.5)).toBeLessThanOrEqual(0.5)
    expect(Math.abs(down / mass - 14.5)).toBeLessThanOrEqual(0.5)
  })

  it('leaves out specks, keeps a stroke that stands apart', () => {
    const strokes = [
      [40, 40, 10, 60, 255],
      [60, 40, 30, 10, 255],
    ]
    const clean = digit(drawn(160, 160, 0, ...strokes), options)
    const specked = digit(drawn(160, 160, 0, ...strokes, [5, 5, 3, 3, 255], [150, 150, 2, 4, 255]), options)
    expect(clean.notes[0]).toContain('50×60')
    expect(specked).toEqual(clean)
  })

  it('forgives uneven paper', () => {
    const photo = drawn(120, 120, 0, [50, 30, 10, 60, 40])
    for (let at = 0; at < photo.data.length; at++)
      if (photo.data[at] === 0) photo.data[at] = 210 + Math.floor(((at % 120) / 120) * 20) + (at % 3)
    const { picture } = digit(photo, options)
    expect(bounds(picture)[3]! - bounds(picture)[1]!).toBe(20)
    expect(bounds(picture)[2]! - bounds(picture)[0]!).toBeLessThanOrEqual(4)
  })

  it('stays whole for strokes at the very edge, for a dot, and for a thin line in a large picture', () => {
    expect(bounds(digit(drawn(28, 28, 0, [0, 0, 3, 28, 255]), options).picture)[3]).toBeLessThanOrEqual(28)
    const dot = digit(drawn(28, 28, 255, [3, 3, 2, 2, 0]), options)
    expect(dot.picture.data.some(value => value === 255)).toBe(true)
    const line = digit(drawn(1000, 1000, 255, [480, 400, 2, 60, 0]), options)
    expect(bounds(line.picture)[3]! - bounds(line.picture)[1]!).toBe(20)
  })

  it('brings 90 drawn digits to the size and place of MNIST, wherever and with whatever pen they were drawn', () => {
    const found = drawDigits()
    expect(found.length).toBe(90)
    for (const { name, picture } of found) {
      const [left, top, right, bottom] = bounds(digit(picture, options).picture) as [number, number, number, number]
      expect([name, Math.max(right - left, bottom - top)]).toEqual([name, 20])
      expect(Math.min(left, top, 28 - right, 28 - bottom), name).toBeGreaterThanOrEqual(0)
    }
  })
})
