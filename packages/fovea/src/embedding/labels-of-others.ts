/**
 * What the other pictures say of each picture's label: kernel ridge regression of the classes on what pictures are like, every picture
 * predicted without itself. With K the kernel, λ the ridge: f = K (K + λ)⁻¹ Y; and left out, without fitting again,
 * y − f₋ᵢ = (y − fᵢ) / (1 − hᵢ), hᵢ the diagonal of K (K + λ)⁻¹. Of more pictures than some hundreds only some are landmarks
 * (the Nyström method): A = KᵀK + λ K_mm, f = k A⁻¹ Kᵀ Y, h = k A⁻¹ k.
 */
import { keyOf, permutation } from '../base/random.ts'
import { evenRows } from './even-rows.ts'
import { likeness, type SeenPictures } from './likeness.ts'
import { cholesky, leverage, solved } from './linear-systems.ts'

/** Pictures as rows of numbers, with their labels. */
export interface LabelledRows extends SeenPictures {
  readonly classes: number
  readonly labels: ArrayLike<number>
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

function leftOut(given: LabelledRows, lookWeight: number): LabelsOfOthers {
  const { count, classes, labels } = given
  const chosen = permutation(keyOf(0), count).subarray(0, count > manyPictures ? landmarks.many : landmarks.few)
  const kernelOf = likeness(given, chosen, lookWeight)
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
