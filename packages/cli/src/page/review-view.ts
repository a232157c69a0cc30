/** What the page of the review shows and does, without the page: which pictures, in which order, and what a key means. Pure functions. */
import type { ReviewedSet, ReviewState } from '../review/reviewed-set.ts'

export type Shown = 'all' | 'suspicious' | 'mistakes' | 'changed' | 'aside'

export interface ReviewFilter {
  readonly show: Shown
  /** A class number; undefined: every class. */
  readonly label?: number
  readonly part?: string
  readonly byName: boolean
}

/** Pictures of one page. */
export const pageSize = 200

/** The numbers of the pictures that pass, in the order wanted. */
export function shownPictures(
  { pictures }: Pick<ReviewedSet, 'pictures'>,
  state: ReviewState,
  { show, label, part, byName }: ReviewFilter,
): number[] {
  const aside = new Set(state.setAside)
  const passes = (number: number): boolean => {
    const { part: own, trainedAs, predicted, suggested } = pictures[number]!
    const now = state.labels[number]!
    if (label !== undefined && now !== label) return false
    if (part !== undefined && own !== part) return false
    if (show === 'aside') return aside.has(number)
    if (show === 'changed') return now !== trainedAs || aside.has(number)
    if (show === 'suspicious') return suggested !== undefined
    return show === 'all' || (predicted !== undefined && predicted !== now)
  }
  const numbers = pictures.map((_, number) => number).filter(passes)
  if (!byName) return numbers
  const { compare } = new Intl.Collator('en', { numeric: true })
  return numbers.sort((a, b) => compare(pictures[a]!.file, pictures[b]!.file))
}

/** Digits, then the letters that mean nothing else (see `named`). */
const classKeySigns = [...'123456789bcdefghijklmnopqtvwyz']

/** The key of each class; classes beyond them have none. */
export const classKeys = (classes: number): readonly (string | undefined)[] =>
  Array.from({ length: classes }, (_, index) => classKeySigns[index])

export type KeyAction =
  | { readonly type: 'relabel'; readonly to: number }
  | { readonly type: 'suggested' | 'set-aside' | 'restore' | 'undo' | 'all' | 'clear' | 'choose' }
  /** `by` pictures on: `row` is a whole row. */
  | { readonly type: 'move'; readonly by: number | 'row' | '-row' | 'first' | 'last'; readonly extends: boolean }

export interface PressedKey {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

const moves = new Map<string, Extract<KeyAction, { type: 'move' }>['by']>(
  Object.entries({
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: '-row',
    ArrowDown: 'row',
    Home: 'first',
    End: 'last',
  } as const),
)
const named = new Map<string, Exclude<KeyAction['type'], 'relabel' | 'move'>>(
  Object.entries({
    ' ': 'choose',
    Escape: 'clear',
    s: 'suggested',
    x: 'set-aside',
    r: 'restore',
    u: 'undo',
    a: 'all',
  } as const),
)

/** Undefined for a key that the browser may have. */
export function keyAction(
  { key, ctrlKey, metaKey, altKey, shiftKey }: PressedKey,
  classes: number,
): KeyAction | undefined {
  const small = key.length === 1 ? key.toLowerCase() : key
  if (altKey) return undefined
  if (ctrlKey || metaKey) return small === 'z' ? { type: 'undo' } : small === 'a' ? { type: 'all' } : undefined
  const by = moves.get(key)
  if (by !== undefined) return { type: 'move', by, extends: shiftKey }
  const type = named.get(small)
  if (type !== undefined) return { type }
  const to = classKeys(classes).indexOf(small)
  return to >= 0 ? { type: 'relabel', to } : undefined
}
