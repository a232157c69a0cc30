import { describe, expect, it } from 'vitest'
import { outlines } from './outlines.ts'
import { generateShapes, shapesInPieces, shapesWhenRead } from './shapes.ts'

/** FNV-1a over the bytes, 32 bits. */
function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

describe('shapes', () => {
  it('is the same everywhere: known bytes for seed 0', () => {
    const { train, test } = generateShapes({ train: 200, test: 50 })
    expect([fingerprint(train.images), fingerprint(train.labels as Uint8Array)]).toEqual([2784183168, 1004510933])
    expect([fingerprint(test.images), fingerprint(test.labels as Uint8Array)]).toEqual([4002262836, 1253945936])
  })

  it('is the same when others have a turn between', async () => {
    let pauses = 0
    const pieces = await shapesInPieces(async () => void pauses++)
    const whole = generateShapes()
    expect(pauses).toBe(140)
    expect(Buffer.compare(pieces.train.images, whole.train.images)).toBe(0)
    expect(Buffer.compare(pieces.test.images, whole.test.images)).toBe(0)
  })

  it('is the same when pictures are painted as they are read, in any order and twice', async () => {
    const sizes = { seed: 3, train: 40, test: 20 }
    const whole = generateShapes(sizes)
    const { train, test, ...about } = shapesWhenRead(sizes)
    expect(about).toEqual({
      name: whole.name,
      shape: whole.shape,
      classNames: whole.classNames,
      preprocess: whole.preprocess,
    })
    expect(train.labels).toEqual(whole.train.labels)
    const indices = Int32Array.of(39, 7, 7, 0)
    const into = new Uint8Array(indices.length * 3072)
    for (let time = 0; time < 2; time++) {
      into.fill(0)
      await train.read(indices, into)
      for (const [row, index] of indices.entries())
        expect(into.subarray(row * 3072, (row + 1) * 3072)).toEqual(
          whole.train.images.subarray(index * 3072, (index + 1) * 3072),
        )
    }
    await test!.read(Int32Array.of(19), into.subarray(0, 3072))
    expect(into.subarray(0, 3072)).toEqual(whole.test.images.subarray(19 * 3072))
  })

  it('has the classes in equal numbers and in no order', () => {
    const { train, shape, classNames } = generateShapes({ train: 1000, test: 10 })
    const counts = new Array<number>(10).fill(0)
    for (const label of train.labels) counts[label]!++
    expect(counts).toEqual(new Array(10).fill(100))
    expect([...train.labels.subarray(0, 40)].filter((label, index) => label === index % 10).length).toBeLessThan(20)
    expect(shape).toEqual([32, 32, 3])
    expect(classNames.length).toBe(10)
  })

  it('gives other pictures for another seed, and other ones for the test part', () => {
    const first = generateShapes({ train: 20, test: 20 })
    const second = generateShapes({ train: 20, test: 20, seed: 1 })
    expect(fingerprint(first.train.images)).not.toBe(fingerprint(second.train.images))
    expect(fingerprint(first.train.images)).not.toBe(fingerprint(first.test.images))
  })

  it('hides the class from the mean colour: class means lie close together', () => {
    const { train } = generateShapes({ train: 3000, test: 10 })
    const means = new Float64Array(10)
    for (let at = 0; at < train.images.length; at++) means[train.labels[Math.floor(at / 3072)]!]! += train.images[at]!
    const values = Array.from(means, sum => sum / (300 * 3072))
    expect(Math.max(...values) - Math.min(...values)).toBeLessThan(15)
  })
})

describe('outlines', () => {
  it('measure signed distances', () => {
    expect(outlines.disc(2, 0)).toBeCloseTo(1)
    expect(outlines.square(0, 0)).toBeCloseTo(-0.8)
    expect(outlines.square(1.8, 0.3)).toBeCloseTo(1)
    expect(outlines.square(1.8, 1.8)).toBeCloseTo(Math.SQRT2)
    expect(outlines.ring(0, 0)).toBeCloseTo(0.52)
    expect(outlines.cross(0.65, 0)).toBeCloseTo(-0.3)
    expect(outlines.cross(0.6, 0.6)).toBeCloseTo(0.3)
    expect(outlines.triangle(0, -2)).toBeCloseTo(1)
    expect(outlines.star(0, -0.5)).toBeLessThan(0)
    expect(outlines.crescent(0.6, 0)).toBeGreaterThan(0)
    expect(outlines.crescent(-0.8, 0)).toBeLessThan(0)
  })
})
