/** Filters people know by name, as the numbers that are laid over the picture (not turned: as a convolution layer applies them). */
import { anyText, checkArguments } from '../base/arguments.ts'
import { nearest, UserError } from '../base/errors.ts'
import { type Plane, planeFrom } from './plane.ts'

type Rows = readonly (readonly number[])[]

const ninth = [1, 1, 1].map(() => [1, 1, 1])

const table = {
  /** Vertical edges: how fast brightness grows from left to right. */
  'sobel-x': [
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ],
  /** Horizontal edges: from top to bottom. */
  'sobel-y': [
    [-1, -2, -1],
    [0, 0, 0],
    [1, 2, 1],
  ],
  'prewitt-x': [
    [-1, 0, 1],
    [-1, 0, 1],
    [-1, 0, 1],
  ],
  'prewitt-y': [
    [-1, -1, -1],
    [0, 0, 0],
    [1, 1, 1],
  ],
  laplacian: [
    [0, 1, 0],
    [1, -4, 1],
    [0, 1, 0],
  ],
  edge: [
    [0, -1, 0],
    [-1, 4, -1],
    [0, -1, 0],
  ],
  sharpen: [
    [0, -1, 0],
    [-1, 5, -1],
    [0, -1, 0],
  ],
  'box-blur': ninth.map(row => row.map(value => value / 9)),
  'gaussian-blur': [
    [1 / 16, 2 / 16, 1 / 16],
    [2 / 16, 4 / 16, 2 / 16],
    [1 / 16, 2 / 16, 1 / 16],
  ],
  emboss: [
    [-2, -1, 0],
    [-1, 1, 1],
    [0, 1, 2],
  ],
} satisfies Record<string, Rows>

/** A kernel by its name. */
export type KernelName = keyof typeof table
/** The names that `namedKernel` knows. */
export const kernelNames = Object.keys(table) as KernelName[]

/** Throws UserError with the nearest name. */
export function namedKernel(name: string): Plane {
  const rows: Rows | undefined =
    typeof name === 'string' && Object.hasOwn(table, name) ? table[name as KernelName] : undefined
  if (rows) return planeFrom(rows.length, rows[0]!.length, (row, column) => rows[row]![column]!)
  checkArguments('namedKernel', { name: anyText }, { name })
  const guess = nearest(name, kernelNames)
  throw new UserError({
    what: `There is no filter '${name}'.`,
    expected: kernelNames.join(', '),
    fix: guess === undefined ? 'Type one as numbers: "0 1 2 / 2 2 0 / 0 1 2".' : `Did you mean '${guess}'?`,
  })
}
