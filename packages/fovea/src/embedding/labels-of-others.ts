/**
 * What the other pictures say of each picture's label: kernel ridge regression of the classes on what pictures are like, every picture
 * predicted without itself. With K the kernel, λ the ridge: f = K (K + λ)⁻¹ Y; and left out, without fitting again,
 * y − f₋ᵢ = (y − fᵢ) / (1 − hᵢ), hᵢ the diagonal of K (K + λ)⁻¹. Of more pictures than some hundreds only some are landmarks
 * (the Nyström method): A = KᵀK + λ K_mm, f = k A⁻¹ Kᵀ Y, h = k A⁻¹ k. Nearest pictures count most: k = exp(−|u − v|²).
 */
import { exp } from '../base/math.ts'
import { keyOf, permutation } from '../base/random.ts'
import { centred, standardised } from './columns.ts'
import { evenRows } from './even-rows.ts'
import { cholesky, leverage, solved } from './linear-systems.ts'

/** Pictures as rows of numbers, with their labels. */
export interface LabelledRows {
  readonly count: number
  readonly classes: number
  readonly labels: ArrayLike<number>
  /** [count, any], what a network sees of them. */
  readonly features: Float32Array
  /** [count, any], how they look without a network. */
  readonly appearance: Float32Array
}

/** For each picture. */
export interface LabelsOfOthers {
  /** How much the other pictures speak for its own label: near 1 they agree, near 0 they do not. */
  readonly support: Float32Array
  /** The class that they speak for most. */
  readonly suggested: ArrayLike<number>
}

const ridge = 0.3
/** More landmarks say a little more and cost their square. */
const landmarks = { few: 512, many: 256 }
const manyPictures = 1024
/** How much looks may weigh beside what the network sees, and how many pictures are asked which of them is best. */
const lookWeights = [0, 2]
const asked = { most: 1000, leastUnseen: 20 }

/**
 * The same bits everywhere. `isUnseen`: the pictures that the network was not trained on. Photographs of one thing are alike for the eye, and
 * looks have seen no label; drawings of all colours are not. So looks count where they make the labels of unseen pictures surer. A
 * label that is one of few of its class, or of a picture like no other, has little support too.
 */
export function labelsOfOthers(given: LabelledRows, isUnseen: (row: number) => boolean): LabelsOfOthers {
  const some = evenRows(given.labels, asked.most)
  const few = some.length < given.count ? chosenRows(given, some) : given
  const unseen = [...some.keys()].filter(place => isUnseen(some[place]!))
  const judged = unseen.length < asked.leastUnseen ? [...some.keys()] : unseen
  const tried = lookWeights.map(weight => {
    const said = leftOut(few, weight)
    return { weight, said, error: judged.reduce((sum, row) => sum + (1 - said.support[row]!) ** 2, 0) }
  })
  const best = tried.reduce((least, each) => (each.error < least.error ? each : least))
  return few === given ? best.said : leftOut(given, best.weight)
}

function chosenRows({ classes, labels, ...numbers }: LabelledRows, rows: Int32Array): LabelledRows {
  const pick = (all: Float32Array): Float32Array => {
    const size = all.length / numbers.count
    const chosen = new Float32Array(rows.length * size)
    for (const [place, row] of rows.entries()) chosen.set(all.subarray(row * size, (row + 1) * size), place * size)
    return chosen
  }
  return {
    count: rows.length,
    classes,
    labels: rows.map(row => labels[row]!),
    features: pick(numbers.features),
    appearance: pick(numbers.appearance),
  }
}

function leftOut({ count, classes, labels, features, appearance }: LabelledRows, lookWeight: number): LabelsOfOthers {
  const chosen = permutation(keyOf(0), count).subarray(0, count > manyPictures ? landmarks.many : landmarks.few)
  const rows = sideBySide(
    scaled(standardised(features, count), count, chosen, 1),
    scaled(centred(appearance, count), count, chosen, lookWeight),
    count,
  )
  const kernelOf = kernelRows(rows, count, chosen)
  const m = chosen.length
  const row = new Float64Array(m)
  const gram = new Float64Array(m * m)
  const sums = new Float64Array(m * classes)
  for (const [at, landmark] of chosen.entries()) {
    kernelOf(landmark, row)
    for (let other = 0; other <= at; other++) gram[at * m + other] = ridge * row[other]! + (other === at ? 1e-6 : 0)
  }
  const target = (picture: number, label: number): number => (labels[picture] === label ? 1 : 0) - 1 / classes
  for (let picture = 0; picture < count; picture++) {
    kernelOf(picture, row)
    for (let at = 0; at < m; at++) {
      const value = row[at]!
      const line = at * m
      for (let other = 0; other <= at; other++) gram[line + other] = gram[line + other]! + value * row[other]!
      for (let label = 0; label < classes; label++) {
        sums[at * classes + label] = sums[at * classes + label]! + value * target(picture, label)
      }
    }
  }
  const lower = cholesky(gram, m)
  const weights = solved(lower, sums, m, classes)
  const [support, suggested] = [new Float32Array(count), new Int32Array(count)]
  for (let picture = 0; picture < count; picture++) {
    kernelOf(picture, row)
    const said = new Float64Array(classes)
    for (let at = 0; at < m; at++) {
      for (let label = 0; label < classes; label++)
        said[label] = said[label]! + row[at]! * weights[at * classes + label]!
    }
    const rest = Math.max(1e-6, 1 - leverage(lower, row, m))
    const others = said.map((value, label) => {
      const own = target(picture, label)
      return own - (own - value) / rest + 1 / classes
    })
    support[picture] = others[labels[picture]!]!
    suggested[picture] = others.indexOf(others.reduce((most, value) => Math.max(most, value)))
  }
  return { support, suggested }
}

/** exp(−squared distance) of a picture to every landmark. */
function kernelRows(rows: Float32Array, count: number, chosen: Int32Array) {
  const size = rows.length / count
  const norms = Float64Array.from({ length: count }, (_, row) => dot(rows, row * size, row * size, size))
  return (picture: number, into: Float64Array): void => {
    for (let at = 0; at < chosen.length; at++) {
      const other = chosen[at]!
      const product = dot(rows, picture * size, other * size, size)
      into[at] = exp(-Math.max(0, norms[picture]! + norms[other]! - 2 * product))
    }
  }
}

function sideBySide(a: Float32Array, b: Float32Array, count: number): Float32Array {
  const [left, right] = [a.length / count, b.length / count]
  const rows = new Float32Array(a.length + b.length)
  for (let row = 0; row < count; row++) {
    rows.set(a.subarray(row * left, (row + 1) * left), row * (left + right))
    rows.set(b.subarray(row * right, (row + 1) * right), row * (left + right) + left)
  }
  return rows
}

function dot(rows: Float32Array, a: number, b: number, size: number): number {
  let sum = 0
  for (let at = 0; at < size; at++) sum += rows[a + at]! * rows[b + at]!
  return sum
}

/** So that half of the landmarks' pairs lie nearer than `weight`, squared. */
function scaled(rows: Float32Array, count: number, chosen: Int32Array, weight: number): Float32Array {
  const size = rows.length / count
  const distances: number[] = []
  for (let at = 1; at < chosen.length; at++) {
    for (let other = 0; other < at; other++) {
      let sum = 0
      const [a, b] = [chosen[at]! * size, chosen[other]! * size]
      for (let column = 0; column < size; column++) sum += (rows[a + column]! - rows[b + column]!) ** 2
      distances.push(sum)
    }
  }
  const median = Float64Array.from(distances).sort()[distances.length >> 1] ?? 0
  const factor = median > 0 ? Math.sqrt(weight / median) : 0
  return rows.map(value => value * factor)
}
