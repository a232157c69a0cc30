/**
 * Folds for cross-validation, drawn with a seed: of every class each fold has nearly as many samples, and samples of one group are in one
 * fold. In: a class and a group for each sample. Out: the number of its fold.
 */
import { UserError } from '../base/errors.ts'
import { fold, keyOf, permutation } from '../base/random.ts'

/** Tells the key from others made of the same seed. */
const foldPurpose = 0xf01d

/** Throws UserError where there are fewer groups than folds. */
export function foldsOf(
  labels: ArrayLike<number>,
  groups: ArrayLike<number> | undefined,
  folds: number,
  seed: number,
): Int32Array {
  const members = new Map<number, number[]>()
  for (let sample = 0; sample < labels.length; sample++) {
    const group = groups === undefined ? sample : groups[sample]!
    const known = members.get(group)
    if (known) known.push(sample)
    else members.set(group, [sample])
  }
  if (members.size < folds) {
    const what = groups === undefined ? 'samples' : 'groups'
    throw new UserError({
      what: `There are fewer ${what} than folds.`,
      expected: `at least ${folds} ${what}`,
      received: String(members.size),
      fix: `take fewer folds, or more ${what}`,
    })
  }
  const all = [...members.values()]
  const drawn = Array.from(permutation(fold(keyOf(seed), foldPurpose), all.length), at => all[at]!)
  const result = new Int32Array(labels.length)
  const sizes = new Array<number>(folds).fill(0)
  const ofClass = new Map<number, number[]>()
  // Large groups first: what comes after them makes good what they leave uneven.
  for (const group of drawn.sort((a, b) => b.length - a.length)) {
    const label = labels[group[0]!]!
    const own = ofClass.get(label) ?? new Array<number>(folds).fill(0)
    ofClass.set(label, own)
    let chosen = 0
    for (let other = 1; other < folds; other++)
      if (own[other]! < own[chosen]! || (own[other] === own[chosen] && sizes[other]! < sizes[chosen]!)) chosen = other
    own[chosen]! += group.length
    sizes[chosen]! += group.length
    for (const sample of group) result[sample] = chosen
  }
  return result
}
