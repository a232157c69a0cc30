/**
 * What is wrong with a set of pictures, before anything is trained on it. In: what is known of each picture, which of them are copies of
 * each other, which cannot be read, and how the model takes pictures. Out: at most one finding of each kind, the worst first. The same
 * picture under two labels is what can be seen of wrong labels before training.
 */
import type { PreprocessSpec } from 'fovea/internal/base/preprocess-spec'
import { grouped, shortened, shortList } from 'fovea/internal/base/text'
import type { PartName } from 'fovea/internal/run/run-pictures'
import type { Duplicates } from './near-duplicates.ts'
import type { SetFinding, SetFindingKind } from './own-dataset.ts'
import type { SkippedEntry } from './picture-folder.ts'

/** What the findings need to know of a picture that can be read. */
export interface ExaminedPicture {
  readonly file: string
  readonly label: number
  /** Where its owner put it. */
  readonly part?: PartName | undefined
  readonly width: number
  readonly height: number
  readonly isGrey: boolean
}

export interface ExaminedSet {
  readonly classNames: readonly string[]
  readonly pictures: readonly ExaminedPicture[]
  /** Of these pictures. */
  readonly duplicates: Duplicates
  readonly unread: readonly SkippedEntry[]
  readonly preprocess: Pick<PreprocessSpec, 'shape' | 'resize'>
}

/** Worst first: the order in which they are given. */
const kinds = [
  'one-class',
  'leak',
  'two-labels',
  'alike-names',
  'too-few',
  'unread',
  'unbalanced',
  'grey',
  'copies',
  'proportions',
  'small',
] as const satisfies readonly SetFindingKind[]

export function setFindings(set: ExaminedSet): SetFinding[] {
  return kinds.flatMap(kind => {
    const found = finders[kind](set)
    return found === undefined ? [] : [{ kind, isError: kind === 'one-class', what: found[0], advice: found[1] }]
  })
}

type Finder = (set: ExaminedSet) => readonly [what: string, advice: string] | undefined

/** A class of fewer is told. */
const fewPictures = 10
/** The largest class is so many times the smallest. */
const unbalancedTimes = 5
/** The long side is so many times the short one. */
const extremeTimes = 4

const finders: Readonly<Record<SetFindingKind, Finder>> = {
  'one-class'({ classNames }) {
    if (classNames.length > 1) return undefined
    return [
      `There is ${classNames.length === 0 ? 'no class' : `only one class, ${classNames[0]}`}.`,
      'A classifier tells classes apart: add a folder with pictures of something else.',
    ]
  },
  leak(set) {
    const leaks = contradictions(set, ({ part }) => part)
    if (leaks.length === 0) return undefined
    return [
      `${counted(leaks.length, 'picture is', 'pictures are')} in more than one part: ${leaks[0]}.`,
      'What was trained on is no test: keep each in one part.',
    ]
  },
  'two-labels'(set) {
    const pictures = contradictions(set, ({ label }) => label)
    if (pictures.length === 0) return undefined
    return [
      `${counted(pictures.length, 'picture has', 'pictures have')} two labels: ${pictures[0]}.`,
      'Decide on one, and take the other file out of the set.',
    ]
  },
  'alike-names'({ classNames }) {
    const byName = new Map<string, string[]>()
    for (const name of classNames) {
      const plain = name.toLowerCase().trim()
      byName.set(plain, [...(byName.get(plain) ?? []), name])
    }
    const alike = [...byName.values()].find(names => names.length > 1)
    if (!alike) return undefined
    return [
      `Two classes differ only in how their names are written: ${alike[0]} and ${alike[1]}.`,
      'They are taken for two: put their pictures into one folder if they are one.',
    ]
  },
  'too-few'(set) {
    const few = counts(set).filter(({ count }) => count < fewPictures)
    if (few.length === 0) return undefined
    return [
      `${few.length === 1 ? 'A class has' : 'Classes have'} fewer than ${fewPictures} pictures: ${shortList(few.map(({ name, count }) => `${name} ${count}`))}.`,
      'What is measured on so few is luck: add pictures.',
    ]
  },
  unread({ unread }) {
    if (unread.length === 0) return undefined
    const named = unread.map(({ path, reason }) => `${shortened(path, 60, 30)} (${reason})`)
    return [
      `${counted(unread.length, 'file cannot', 'files cannot')} be read: ${shortList(named, 3)}.`,
      'They are left out.',
    ]
  },
  unbalanced(set) {
    const sizes = counts(set).sort((a, b) => b.count - a.count)
    const [largest, smallest] = [sizes[0], sizes.at(-1)]
    if (!largest || !smallest || sizes.length < 2 || largest.count < unbalancedTimes * smallest.count) return undefined
    return [
      `${largest.name} has ${grouped(largest.count)} pictures, ${smallest.name} ${grouped(smallest.count)}.`,
      `More pictures of ${smallest.name} help most.`,
    ]
  },
  grey(set) {
    const shares = counts(set).map(({ name, count, grey }) => ({ name, count, share: grey / count }))
    const told = shares.filter(({ count }) => count >= 5).sort((a, b) => b.share - a.share)
    const [most, least] = [told[0], told.at(-1)]
    if (!most || !least || most.share < 0.8 || least.share > 0.2) return undefined
    return [
      `Pictures of ${most.name} are mostly grey, those of ${least.name} in colour.`,
      'That alone may be learned: mix both in every class.',
    ]
  },
  copies({ pictures, duplicates: { pairs } }) {
    const [pair] = pairs
    if (!pair) return undefined
    const same = pairs.filter(({ kind }) => kind === 'same').length
    const how = same === 0 ? 'nearly' : same === pairs.length ? 'to the byte' : `${grouped(same)} to the byte`
    return [
      `${counted(pairs.length, 'picture is a copy', 'pictures are copies')} of another, ${how}: ${nameOf(pictures[pair.first]!)} and ${nameOf(pictures[pair.second]!)}.`,
      'Copies stay together, so nothing is tested on what was trained on.',
    ]
  },
  proportions({ pictures, preprocess }) {
    if (preprocess.resize !== 'cover') return undefined
    const long = pictures.filter(({ width, height }) => longSide(width, height) >= extremeTimes)
    const [first] = long
    if (!first) return undefined
    return [
      `${counted(long.length, 'picture is', 'pictures are')} ${extremeTimes} times as long as wide or more: ${nameOf(first)} (${first.width}×${first.height}).`,
      'Only the middle of them is looked at: cut them to what matters.',
    ]
  },
  small({ pictures, preprocess: { shape } }) {
    const [height, width] = shape
    const small = pictures.filter(picture => picture.width < width && picture.height < height)
    const [first] = small
    if (!first) return undefined
    return [
      `${counted(small.length, 'picture is', 'pictures are')} smaller than the model's ${width}×${height}: ${nameOf(first)} (${first.width}×${first.height}).`,
      'They are enlarged, which shows no more of them.',
    ]
  },
}

const nameOf = ({ file }: ExaminedPicture): string => shortened(file, 60, 30)

const counted = (count: number, one: string, many: string): string => `${grouped(count)} ${count === 1 ? one : many}`

const longSide = (width: number, height: number): number => Math.max(width, height) / Math.min(width, height)

/** Of every group of copies of which different things are known, two that differ. */
function contradictions(
  { pictures, duplicates: { groups, pairs } }: ExaminedSet,
  known: (picture: ExaminedPicture) => string | number | undefined,
): string[] {
  const members = new Map<number, ExaminedPicture[]>(pairs.map(({ first }) => [groups[first]!, []]))
  pictures.forEach((picture, at) => {
    if (known(picture) !== undefined) members.get(groups[at]!)?.push(picture)
  })
  return [...members.values()].flatMap(([first, ...others]) => {
    const other = first && others.find(each => known(each) !== known(first))
    return other ? [`${nameOf(first)} and ${nameOf(other)}`] : []
  })
}

interface ClassCount {
  readonly name: string
  readonly count: number
  readonly grey: number
}

/** Of every class, how many pictures it has. */
function counts({ classNames, pictures }: ExaminedSet): ClassCount[] {
  const all = classNames.map(name => ({ name, count: 0, grey: 0 }))
  for (const { label, isGrey } of pictures) {
    all[label]!.count++
    if (isGrey) all[label]!.grey++
  }
  return all
}
