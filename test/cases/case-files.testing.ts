/**
 * Cases recorded from other systems: the folder named by FOVEA_CASES (nothing of it lies in this repository). Here: reading the
 * files, their tensors and tolerances.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Shape } from '../../packages/fovea/src/base/shape.ts'

export interface Tensor {
  readonly shape: Shape
  readonly dtype?: string
  readonly data: readonly number[]
}

/** As NumPy's allclose (|a − b| ≤ atol + rtol · |b|), or Keras's assertAlmostEqual with so many decimal places. */
export interface Tolerance {
  readonly atol?: number
  readonly rtol?: number
  readonly places?: number
}

const casesFolder = process.env['FOVEA_CASES']

/** Why the suite is skipped, or undefined. */
export function missing(...files: string[]): string | undefined {
  if (casesFolder === undefined) return 'FOVEA_CASES is not set: the folder with recorded cases'
  const absent = files.filter(file => !existsSync(join(casesFolder, file)))
  return absent.length === 0 ? undefined : `${casesFolder} has no ${absent.join(', ')}`
}

export function readCases<T>(file: string): T[] {
  return JSON.parse(readFileSync(join(casesFolder!, file), 'utf8')) as T[]
}

/** Infinities and NaN are stored as words. */
export function numbers(tensor: Tensor): number[] {
  return tensor.data.map(Number)
}

/**
 * Keras's assertAlmostEqual is NumPy's (1.5 units of the last decimal) with 3 decimals when none are given; the recording wrote
 * Python's default, 7, for those, which the expected values, often rounded by hand (84.3333), cannot meet. Here they agree
 * within 1e-4 of their size, and never worse than Keras asks.
 */
function withinPlaces(places: number, expected: number): number {
  return places === 7 ? Math.min(1.5e-3, 1e-6 + 1e-4 * Math.abs(expected)) : 1.5 * 10 ** -places
}

/** Undefined when all elements agree, else the worst one. */
export function disagreement(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} elements for ${expected.length}`
  for (let index = 0; index < expected.length; index++) {
    const [a, b] = [actual[index]!, expected[index]!]
    if (Object.is(a, b) || a === b) continue
    const allowed =
      tolerance.places === undefined
        ? (tolerance.atol ?? 0) + (tolerance.rtol ?? 0) * Math.abs(b)
        : withinPlaces(tolerance.places, b)
    if (!(Math.abs(a - b) <= allowed)) return `element ${index} is ${a}, expected ${b} ± ${allowed}`
  }
  return undefined
}
