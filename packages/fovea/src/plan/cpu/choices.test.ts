/** What decides the order of a sum is the same for every target: targets may only move numbers. */
import { describe, expect, it } from 'vitest'
import { type Target, wasm128 } from '../target.ts'
import type { ConvGeometry } from '../types.ts'
import { slicedTiling } from '../winograd.ts'
import { runPieces, runsSize } from './gradient-space.ts'
import { filterGradSpace } from './winograd-gradient-space.ts'
import { planeStride, tileStride } from './winograd-space.ts'

const targets: readonly Target[] = [
  wasm128,
  { ...wasm128, lanes: 8, vectorBytes: 32, cache: { line: 64, near: 1 << 10, own: 2 << 10, far: 1 << 12 } },
  { ...wasm128, lanes: 16, vectorBytes: 64, block: 32, tileRows: 8, carried: 1 },
]

function geometryOf(side: number, channels: number, filters: number): ConvGeometry {
  return {
    input: { height: side, width: side, channels },
    output: { height: side, width: side, channels: filters },
    size: [3, 3],
    strides: [1, 1],
    dilation: [1, 1],
    groups: 1,
    origin: [1, 1],
    spread: [1, 1],
    padded: [side + 2, side + 2],
  }
}

const geometries = [5, 6, 9, 14, 18, 33].flatMap(side =>
  [1, 3, 9, 17, 40, 130].flatMap(channels => [1, 7, 32, 65].map(filters => geometryOf(side, channels, filters))),
)

/** What all targets have in common; undefined where they differ. */
function common<T>(of: (target: Target) => T): T | undefined {
  const [first, ...others] = targets.map(of)
  return others.every(other => JSON.stringify(other) === JSON.stringify(first)) ? first : undefined
}

describe('on every target', () => {
  it('a filter gradient takes as many rows of tiles at a time', () => {
    const lines = geometries.map(geometry => common(target => filterGradSpace(target, geometry, 4).lines))
    expect(lines).not.toContain(undefined)
    // Some take a whole slice, some less, where tiles are sorted by kind too.
    const mixed = geometries.filter(geometry => slicedTiling(geometry, 4, 'input').shortRows === 1)
    const pictures = mixed.map(geometry => common(target => filterGradSpace(target, geometry, 4).lines)!)
    expect(new Set(mixed.map((geometry, index) => pictures[index]! / Math.ceil(geometry.output.height / 4))).size).toBe(
      4,
    )
  })

  it('a scattering gradient adds the same pieces of a filter', () => {
    for (const geometry of geometries) {
      const pieces = common(target => runPieces(target, geometry).map(({ first, run }) => [first, run]))
      expect(pieces?.reduce((sum, [, run]) => sum + run!, 0)).toBe(3 * geometry.input.channels)
    }
  })
})

it('a target decides where numbers lie: in whole vectors and register tiles', () => {
  expect(targets.map(target => tileStride(target, 18))).toEqual([20, 24, 32])
  expect(targets.map(target => planeStride(target, 5, 4))).toEqual([48, 80, 144])
  expect(targets.map(target => runsSize(target, geometryOf(6, 9, 2)))).toEqual([168, 192, 192])
})
