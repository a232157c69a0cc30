/** What the page of `fovea review` is told: the pictures of a run in the order of looking, and their labels as they are now. */

import { naturalOrder } from 'fovea/internal/data/folder-names'
import type { LabelledPicture } from 'fovea/internal/run/label-log'
import type { PartName } from 'fovea/internal/run/run-pictures'

/** A picture of the page; classes are numbers. */
export interface ReviewPicture {
  readonly file: string
  readonly part: PartName
  /** The class it was trained with. */
  readonly trainedAs: number
  /** What the model sees in it, where the run keeps that. */
  readonly predicted?: number
  /** Where it looks mislabelled: the class it looks like. */
  readonly suggested?: number
}

/** What changes while the page is open. A picture is called by its place in the list. */
export interface ReviewState {
  /** The class of each picture. */
  readonly labels: readonly number[]
  readonly setAside: readonly number[]
  /** Changes that can be undone. */
  readonly changes: number
}

export interface ReviewedSet {
  readonly run: string
  readonly folder: string
  readonly logFile: string
  readonly classNames: readonly string[]
  readonly pictures: readonly ReviewPicture[]
  readonly state: ReviewState
  /** To go on with when all is mended, and to move the files. */
  readonly commands: { readonly again: string; readonly apply: string }
}

/** What the page asks for. */
export type ReviewRequest =
  | { readonly type: 'relabel'; readonly pictures: readonly number[]; readonly to: number }
  | { readonly type: 'set-aside' | 'restore'; readonly pictures: readonly number[] }
  | { readonly type: 'undo' }

/** What the run knows of a picture, by its file. */
export interface Opinion {
  readonly predicted?: number
  readonly suggested?: number
  /** How much it looks mislabelled; larger is worse. Missing where it does not. */
  readonly suspicion?: number
}

/** Those that look mislabelled first, the worst of them at the beginning, all others by name. */
export function reviewOrder(
  pictures: readonly LabelledPicture[],
  opinions: ReadonlyMap<string, Opinion>,
): LabelledPicture[] {
  const suspicion = ({ file }: LabelledPicture): number => opinions.get(file)?.suspicion ?? Number.NEGATIVE_INFINITY
  return pictures.toSorted((a, b) => {
    const [one, other] = [suspicion(a), suspicion(b)]
    return one === other ? naturalOrder(a.file, b.file) : other - one
  })
}

export function reviewPicture(
  { file, part, trainedAs }: LabelledPicture,
  classNames: readonly string[],
  { predicted, suggested }: Opinion = {},
): ReviewPicture {
  return {
    file,
    part,
    trainedAs: classNames.indexOf(trainedAs),
    ...(predicted !== undefined && { predicted }),
    ...(suggested !== undefined && { suggested }),
  }
}

export function reviewState(
  ordered: readonly LabelledPicture[],
  classNames: readonly string[],
  changes: number,
): ReviewState {
  return {
    labels: ordered.map(({ className }) => classNames.indexOf(className)),
    setAside: ordered.flatMap(({ setAside }, index) => (setAside ? [index] : [])),
    changes,
  }
}
