/**
 * Parts to train, validate and test on, drawn with a seed, in which pictures of one group (copies of each other, one object seen several
 * times) stay together. In: the class and the group of each picture, and the part of those that have one already. Out: the part of each.
 *
 * Class by class, groups are drawn in a random order and the larger ones placed first, each where most pictures are missing. So a class is
 * divided as near to the shares as its groups allow; what one class is off by rounding, the next makes good.
 */
import { fold, keyOf, permutation, type RandomKey } from '../base/random.ts'

/** Shares of the pictures that have no part yet; the rest is to train on. A part with the share 0 gets none. */
export interface SplitShares {
  readonly validation: number
  readonly test: number
}

type Part = 'train' | keyof SplitShares
const parts = ['train', 'validation', 'test'] as const

export interface GroupedPictures {
  /** A class number for each picture. */
  readonly labels: ArrayLike<number>
  /** A number for each picture, the same for those of one group. */
  readonly groups: ArrayLike<number>
  /** Parts that pictures have already: they keep them, and the others of their group follow. */
  readonly given?: readonly (Part | undefined)[] | undefined
}

export interface GroupedSplit {
  /** Of each picture. */
  readonly parts: readonly Part[]
  /** The pictures of each group that was given to several parts. */
  readonly leaks: readonly (readonly number[])[]
}

interface Group {
  readonly pictures: readonly number[]
  /** Undefined where it has pictures of several classes. */
  readonly label: number | undefined
  /** The part that those without one follow to: of several the first. */
  readonly given: Part | undefined
  /** Whether it was given to several parts. */
  readonly isLeak: boolean
}

/** Tells the key from others made of the same seed. */
const splitPurpose = 0x6a0d

/** A class with three groups or more gets a picture of every part. */
export function groupedSplit(pictures: GroupedPictures, shares: SplitShares, seed: number): GroupedSplit {
  const { labels, given = [] } = pictures
  const groups = groupsOf(pictures)
  const result = new Array<Part>(labels.length)
  /** Of every class, the parts that it has pictures of, and the groups that have no part yet. */
  const classes = new Map<number, { readonly present: Set<Part>; readonly free: Group[] }>()
  const classOf = (label: number) => {
    const known = classes.get(label) ?? { present: new Set(), free: [] }
    classes.set(label, known)
    return known
  }
  for (const group of groups) {
    if (group.given === undefined && group.label !== undefined) classOf(group.label).free.push(group)
    // One picture under two labels does less harm among many others than in a measurement: it is trained on.
    else
      for (const picture of group.pictures) {
        result[picture] = given[picture] ?? group.given ?? 'train'
        classOf(labels[picture]!).present.add(result[picture]!)
      }
  }
  const key = fold(keyOf(seed), splitPurpose)
  const share: Record<Part, number> = { train: 1 - shares.validation - shares.test, ...shares }
  const missing: Record<Part, number> = { train: 0, validation: 0, test: 0 }
  for (const [label, { present, free }] of [...classes].sort(([a], [b]) => a - b)) {
    const count = free.reduce((sum, group) => sum + group.pictures.length, 0)
    // What the classes before are off is made good, up to half a picture: large groups of one do not drain the next.
    for (const part of parts) missing[part] = Math.max(-0.5, Math.min(0.5, missing[part])) + share[part] * count
    const needed = parts.filter(part => share[part] > 0 && !present.has(part))
    const place = (group: Group, part: Part): void => {
      missing[part] -= group.pictures.length
      for (const picture of group.pictures) result[picture] = part
    }
    const waiting = drawn(free, fold(key, label))
    if (waiting.length >= needed.length)
      // The largest is to train on, the smallest are enough for the others.
      for (const part of needed) place(part === 'train' ? waiting.shift()! : waiting.pop()!, part)
    for (const group of waiting)
      place(
        group,
        parts.filter(part => share[part] > 0).reduce((a, b) => (missing[b] > missing[a] ? b : a)),
      )
  }
  return { parts: result, leaks: groups.filter(({ isLeak }) => isLeak).map(group => group.pictures) }
}

/** In the order of their first pictures. */
function groupsOf({ labels, groups, given = [] }: GroupedPictures): Group[] {
  const members = new Map<number, number[]>()
  for (let picture = 0; picture < labels.length; picture++) {
    const known = members.get(groups[picture]!)
    if (known) known.push(picture)
    else members.set(groups[picture]!, [picture])
  }
  return [...members.values()].map(pictures => {
    const label = labels[pictures[0]!]!
    const givenParts = new Set(pictures.flatMap(picture => given[picture] ?? []))
    return {
      pictures,
      label: pictures.every(picture => labels[picture] === label) ? label : undefined,
      given: parts.find(part => givenParts.has(part)),
      isLeak: givenParts.size > 1,
    }
  })
}

/** In a random order, the larger ones first. */
function drawn(groups: readonly Group[], key: RandomKey): Group[] {
  return Array.from(permutation(key, groups.length), at => groups[at]!).sort(
    (a, b) => b.pictures.length - a.pictures.length,
  )
}
