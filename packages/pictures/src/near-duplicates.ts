/**
 * Pictures of a set that are copies of each other: the same file, or the same picture resized, saved again as JPEG, mirrored, made a little
 * lighter or darker. In: the signature and the SHA-256 of each. Out: groups, and for every copy the picture that it was found by.
 *
 * The brightness of a picture is compared after its mean is taken off and its deviation made 1, so light and contrast do not matter. Two
 * pictures are candidates when their 4×4 blocks agree: 15 sums with signs (Walsh's functions), distances between which are those of the
 * blocks, and of which a mirror image has some with the sign turned. Candidates are copies when all 16×16 cells agree, on average and each,
 * and so do colours. The limits were measured: copies of photographs reach a distance of 0.13 and a cell of 0.36, different photographs of
 * things on one white table begin at 0.25 and 0.6; handwritten digits that look alike differ in a cell by more than 0.4.
 */

import { nearPoints } from './near-points.ts'
import { colourCells, greyCells, signatureBytes } from './picture-signature.ts'

export interface DuplicatePair {
  readonly first: number
  readonly second: number
  /** The same file, the same picture, or its mirror image. */
  readonly kind: 'same' | 'alike' | 'mirrored'
}

export interface Duplicates {
  /** The number of the group of each picture; most pictures are alone in theirs. Numbered as they first come. */
  readonly groups: Int32Array
  /** One for each picture that is a copy of others: a group of n pictures has n − 1. */
  readonly pairs: readonly DuplicatePair[]
}

/** The root of the mean square of differences, in deviations of the brightness: between blocks, and between cells. */
const mostInBlocks = 0.1
const mostInCells = 0.14
/** Of one cell, in the same unit. */
const mostInCell = 0.4
/** Of one cell of colour, from 0 to 255. */
const mostInColour = 20
/** Of the means of brightness: what has no contrast shows nothing but its brightness. */
const mostInMean = (deviation: number): number => Math.min(48, 0.5 + 2 * deviation)
/** Of one deviation to the other. */
const mostInContrast = 4 / 3
/** Pictures with less contrast are compared as if they had this: what differs in them is noise. */
const leastDeviation = 6

const grey = greyCells ** 2
const block = greyCells / colourCells
const directions = colourCells ** 2 - 1

/** `signatures`: those of all pictures, one after the other (`signatureOf`). */
export function duplicateGroups(signatures: Uint8Array, sha256s: readonly string[]): Duplicates {
  const count = sha256s.length
  const { rootOf, join } = joinedNumbers(count)
  const pairs: DuplicatePair[] = []
  const firsts = new Map<string, number>()
  for (const [picture, sha256] of sha256s.entries()) {
    const first = firsts.get(sha256)
    if (first === undefined) firsts.set(sha256, picture)
    else if (join(first, picture)) pairs.push({ first, second: picture, kind: 'same' })
  }
  const looks = looksOf(signatures, count)
  const coordinates = coordinatesOf(signatures, looks)
  const visitNear = nearPoints(coordinates, directions, mostInBlocks)
  for (const picture of firsts.values())
    for (const kind of ['alike', 'mirrored'] as const) {
      const own = coordinates.subarray(picture * directions, (picture + 1) * directions)
      visitNear(kind === 'mirrored' ? own.map(mirrored) : own, picture, other => {
        if (rootOf(other) === rootOf(picture)) return
        if (!areCopies(signatures, looks, picture, other, kind === 'mirrored')) return
        join(picture, other)
        pairs.push({ first: picture, second: other, kind })
      })
    }
  return { groups: numbered(count, rootOf), pairs }
}

/** Of the brightness of each picture. */
interface Looks {
  readonly means: Float32Array
  readonly deviations: Float32Array
  /** What the brightness is divided by. */
  readonly scales: Float32Array
}

function looksOf(signatures: Uint8Array, count: number): Looks {
  const [means, deviations] = [new Float32Array(count), new Float32Array(count)]
  for (let picture = 0; picture < count; picture++) {
    let [sum, squares] = [0, 0]
    for (let at = picture * signatureBytes, end = at + grey; at < end; at++) {
      const value = signatures[at]!
      sum += value
      squares += value * value
    }
    means[picture] = sum / grey
    deviations[picture] = Math.sqrt(Math.max(0, squares / grey - (sum / grey) ** 2))
  }
  return { means, deviations, scales: deviations.map(deviation => Math.max(leastDeviation, deviation)) }
}

/** Direction i weighs block b by +1 or −1, as i and b have an even or odd number of bits in common; the one without bits is the mean. */
function coordinatesOf(signatures: Uint8Array, { scales }: Looks): Float32Array {
  const coordinates = new Float32Array(scales.length * directions)
  const sums = new Float64Array(directions + 1)
  scales.forEach((scale, picture) => {
    sums.fill(0)
    for (let cell = 0; cell < grey; cell++) {
      const row = Math.floor(cell / greyCells / block)
      sums[row * colourCells + Math.floor((cell % greyCells) / block)]! += signatures[picture * signatureBytes + cell]!
    }
    for (let bit = 1; bit <= directions; bit *= 2)
      for (let at = 0; at <= directions; at++) {
        if ((at & bit) !== 0) continue
        const [even, odd] = [sums[at]!, sums[at + bit]!]
        sums[at] = even + odd
        sums[at + bit] = even - odd
      }
    for (let at = 0; at < directions; at++) coordinates[picture * directions + at] = sums[at + 1]! / (grey * scale)
  })
  return coordinates
}

/** The lower two bits of a direction tell columns: with one of them set it is odd from left to right. */
const mirrored = (value: number, at: number): number => {
  const columns = (at + 1) % colourCells
  return columns === 1 || columns === 2 ? -value : value
}

function areCopies(
  signatures: Uint8Array,
  { means, deviations, scales }: Looks,
  first: number,
  second: number,
  mirror: boolean,
): boolean {
  const contrast = scales[first]! / scales[second]!
  if (Math.max(contrast, 1 / contrast) > mostInContrast) return false
  if (Math.abs(means[first]! - means[second]!) > mostInMean(deviations[first]!)) return false
  const [one, other] = [first * signatureBytes, second * signatureBytes]
  let squares = 0
  for (let cell = 0; cell < grey; cell++) {
    const light = (signatures[one + opposite(cell, greyCells, mirror)]! - means[first]!) / scales[first]!
    const difference = light - (signatures[other + cell]! - means[second]!) / scales[second]!
    squares += difference * difference
    if (Math.abs(difference) > mostInCell || squares > grey * mostInCells ** 2) return false
  }
  const colours = colourCells ** 2
  for (let at = 0; at < 2 * colours; at++) {
    const difference = signatures[one + grey + opposite(at, colourCells, mirror)]! - signatures[other + grey + at]!
    if (Math.abs(difference) > mostInColour) return false
  }
  return true
}

/** The cell of the same row on the other side, in a mirror. */
const opposite = (cell: number, cells: number, mirror: boolean): number =>
  mirror ? cell + cells - 1 - 2 * (cell % cells) : cell

/** Numbers joined to sets (union-find); `join` says whether they were in different ones. */
function joinedNumbers(count: number) {
  const parents = Int32Array.from({ length: count }, (_, number) => number)
  const rootOf = (number: number): number => {
    let at = number
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]!]!
      at = parents[at]!
    }
    return at
  }
  const join = (first: number, second: number): boolean => {
    const [one, other] = [rootOf(first), rootOf(second)]
    parents[Math.max(one, other)] = Math.min(one, other)
    return one !== other
  }
  return { rootOf, join }
}

function numbered(count: number, rootOf: (picture: number) => number): Int32Array {
  const numbers = new Map<number, number>()
  return Int32Array.from({ length: count }, (_, picture) => {
    const root = rootOf(picture)
    if (!numbers.has(root)) numbers.set(root, numbers.size)
    return numbers.get(root)!
  })
}
