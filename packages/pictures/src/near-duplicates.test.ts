import { keyOf, uniform } from 'fovea/internal/base/random'
import { pictureToInput } from 'fovea/internal/preprocess/input'
import { expect, test } from 'vitest'
import { duplicateGroups } from './near-duplicates.ts'
import { nearPoints } from './near-points.ts'
import { signatureBytes, signatureOf, withoutBars } from './picture-signature.ts'

type Pixel = (x: number, y: number, channel: number) => number

/** A picture of a function over the square from 0 to 1. */
function drawn(side: number, pixel: Pixel): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, at) => {
    const [cell, channel] = [Math.floor(at / 3), at % 3]
    const [x, y] = [((cell % side) + 0.5) / side, (Math.floor(cell / side) + 0.5) / side]
    return Math.max(0, Math.min(255, Math.round(pixel(x, y, channel))))
  })
}

/** A thing of its own shape and colours on a white table. */
function photograph(seed: number): Pixel {
  const key = keyOf(seed)
  const random = (at: number): number => uniform(key, at)
  const blobs = Array.from({ length: 5 }, (_, at) => ({
    x: 0.2 + 0.6 * random(10 * at),
    y: 0.2 + 0.6 * random(10 * at + 1),
    size: 0.05 + 0.15 * random(10 * at + 2),
    colour: [0, 1, 2].map(channel => 200 * random(10 * at + 3 + channel)),
  }))
  // Edges are soft, as those of photographs made smaller.
  return (x, y, channel) =>
    blobs.reduce(
      (under, each) => {
        const inside = (each.size - Math.hypot(x - each.x, y - each.y)) / 0.04 + 0.5
        const weight = Math.max(0, Math.min(1, inside))
        return under + weight * (each.colour[channel]! - under)
      },
      215 + 10 * y,
    )
}

const mirrorOf =
  (pixel: Pixel): Pixel =>
  (x, y, channel) =>
    pixel(1 - x, y, channel)

/** As noise of a few levels, which JPEG leaves. */
const noisy =
  (pixel: Pixel, seed: number): Pixel =>
  (x, y, channel) =>
    pixel(x, y, channel) +
    8 * (uniform(keyOf(seed), Math.round(9999 * x) * 131 + Math.round(9999 * y) * 7 + channel) - 0.5)

const lighter =
  (pixel: Pixel, by: number): Pixel =>
  (x, y, channel) =>
    pixel(x, y, channel) * by

function groupsOf(pictures: readonly Uint8Array[], sha256s = pictures.map((_, at) => String(at))) {
  const signatures = new Uint8Array(pictures.length * signatureBytes)
  pictures.forEach((pixels, at) => {
    const side = Math.sqrt(pixels.length / 3)
    signatures.set(signatureOf(pixels, [side, side, 3]), at * signatureBytes)
  })
  return duplicateGroups(signatures, sha256s)
}

const seeds = Array.from({ length: 150 }, (_, seed) => seed)

test('different things on one table stay apart', () => {
  const { groups, pairs } = groupsOf(seeds.map(seed => drawn(48, photograph(seed))))
  expect(pairs).toEqual([])
  expect([...groups]).toEqual(seeds)
})

test.each<[string, number, (pixel: Pixel, seed: number) => Pixel]>([
  ['of another size', 96, pixel => pixel],
  ['with noise', 48, noisy],
  ['lighter', 48, pixel => lighter(pixel, 1.08)],
  ['darker', 48, pixel => lighter(pixel, 0.9)],
])('a copy %s is found', (_, side, change) => {
  const originals = seeds.map(seed => drawn(48, photograph(seed)))
  const copies = seeds.slice(0, 40).map(seed => drawn(side, change(photograph(seed), seed)))
  const { groups, pairs } = groupsOf([...originals, ...copies])
  expect([...groups]).toEqual([...seeds, ...seeds.slice(0, 40)])
  expect(pairs.every(({ kind }) => kind === 'alike')).toBe(true)
})

test('a mirror image is found, and told as one', () => {
  const originals = seeds.map(seed => drawn(45, photograph(seed)))
  const copies = seeds.slice(0, 40).map(seed => drawn(45, noisy(mirrorOf(photograph(seed)), seed)))
  const { groups, pairs } = groupsOf([...originals, ...copies])
  expect([...groups]).toEqual([...seeds, ...seeds.slice(0, 40)])
  expect(pairs).toHaveLength(40)
  expect(pairs).toContainEqual({ first: 3, second: 153, kind: 'mirrored' })
})

test('the same thing in another colour is another picture', () => {
  // Grey values of red and blue are made alike, so that only the colours differ.
  const thing: Pixel = (x, y, channel) => (Math.hypot(x - 0.5, y - 0.5) > 0.3 ? 220 : [160, 90, 40][channel]!)
  const other: Pixel = (x, y, channel) => (Math.hypot(x - 0.5, y - 0.5) > 0.3 ? 220 : [60, 132, 80][channel]!)
  expect(groupsOf([thing, other].map(pixel => drawn(48, pixel))).pairs).toEqual([])
})

test('pictures of nothing but one colour are alike where it is the same one', () => {
  const even = [60, 61, 62, 64, 60].map(level => new Uint8Array(300).fill(level))
  expect(groupsOf(even).pairs).toEqual([{ first: 0, second: 4, kind: 'alike' }])
})

test('the same file is found by its content, whatever it looks like, and told once for each copy', () => {
  const pictures = [1, 2, 3, 1, 1].map(seed => drawn(32, photograph(seed)))
  const { groups, pairs } = groupsOf(pictures, ['a', 'b', 'a', 'c', 'c'])
  expect([...groups]).toEqual([0, 1, 0, 0, 0])
  expect(pairs).toEqual([
    { first: 0, second: 2, kind: 'same' },
    { first: 3, second: 4, kind: 'same' },
    { first: 0, second: 3, kind: 'alike' },
  ])
})

test('blank pictures and the smallest ones have signatures', () => {
  const blank = new Uint8Array(300).fill(255)
  expect(groupsOf([blank, blank]).pairs).toEqual([{ first: 0, second: 1, kind: 'alike' }])
  expect(groupsOf([Uint8Array.of(1, 2, 3), blank]).groups).toHaveLength(2)
  expect(groupsOf([])).toEqual({ groups: new Int32Array(0), pairs: [] })
})

test.each([
  [1, 'grey'],
  [2, 'grey with alpha'],
  [4, 'colours with alpha'],
] as const)('a signature of %i channels: %s', (channels, _) => {
  const colours = drawn(20, (x, y) => 255 * x * y)
  const pixels = new Uint8Array(400 * channels).fill(77)
  for (let pixel = 0; pixel < 400; pixel++)
    for (let channel = 0; channel < Math.min(3, channels === 2 ? 1 : channels); channel++)
      pixels[pixel * channels + channel] = colours[3 * pixel + channel]!
  expect(signatureOf(pixels, [20, 20, channels])).toEqual(signatureOf(colours, [20, 20, 3]))
})

test('the signature of a mirror image is the mirrored signature, whatever the size', () => {
  for (const side of [5, 16, 28, 45, 64, 100]) {
    const signature = signatureOf(drawn(side, photograph(side)), [side, side, 3])
    const mirror = signatureOf(drawn(side, mirrorOf(photograph(side))), [side, side, 3])
    const row = (of: Uint8Array, at: number, cells: number) => [...of.subarray(at, at + cells)]
    for (let at = 0; at < 256; at += 16) expect(row(mirror, at, 16)).toEqual(row(signature, at, 16).reverse())
    for (let at = 256; at < 288; at += 4) expect(row(mirror, at, 4)).toEqual(row(signature, at, 4).reverse())
  }
})

test('bars of `contain` are left out', () => {
  const original = {
    width: 61,
    height: 40,
    channels: 3 as const,
    data: new Uint8Array(61 * 40 * 3).map((_, at) => at % 251),
  }
  const spec = { shape: [32, 36, 3], channels: 'rgb', resize: 'contain', pad: 2 } as const
  const [shown, shape] = withoutBars(pictureToInput(original, spec).pixels, spec, original)
  expect(shape).toEqual([21, 32, 3])
  expect(shown).toEqual(pictureToInput(original, { shape, channels: 'rgb', resize: 'stretch' }).pixels)
  const pixels = new Uint8Array(12)
  expect(withoutBars(pixels, { shape: [2, 2, 3], channels: 'rgb', resize: 'cover' }, original)[0]).toBe(pixels)
})

test('near points are those that a search through all of them finds', () => {
  const [count, dimensions, radius] = [400, 7, 0.4]
  const key = keyOf(5)
  const points = Float32Array.from(
    { length: count * dimensions },
    (_, at) => uniform(key, at) * (1 + (at % dimensions) / 4),
  )
  const visit = nearPoints(points, dimensions, radius)
  for (let asked = 0; asked < 50; asked++) {
    // Some lie outside the cells of the points.
    const from = Float32Array.from({ length: dimensions }, (_, d) => 1.6 * uniform(key, 1e6 + asked * 7 + d) - 0.3)
    const near: number[] = []
    visit(from, 20, point => near.push(point))
    const all = Array.from({ length: count }, (_, point) => point).filter(point => {
      const square = from.reduce((sum, value, d) => sum + (value - points[point * dimensions + d]!) ** 2, 0)
      return point > 20 && square <= radius ** 2
    })
    expect(near.sort((a, b) => a - b)).toEqual(all)
  }
})
