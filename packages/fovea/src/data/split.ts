/**
 * Holding out validation samples from a training split: the first N (as the published recipes do), N drawn with a seed, or
 * N drawn with a seed in the classes' proportions. Both parts keep the samples' order, so the same seed gives the same bytes.
 */

import { checkArguments } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { fold, keyOf, permutation, type RandomKey } from '../base/random.ts'
import { number, oneOf, optional, parse, record, whole } from '../base/schema.ts'
import { checkedSource } from './checked-source.ts'
import { gather, partValue, rangeOf, type Split } from './dataset.ts'
import { chosenPictures, sourceRange } from './parts-of-source.ts'
import { isPictureSource, type PictureSource } from './picture-source.ts'

export interface ValidationOptions {
  /** How many samples to hold out; give this or `fraction`. */
  readonly count?: number | undefined
  /** Share of the samples to hold out, over 0 and below 1 (rounded to whole samples). */
  readonly fraction?: number | undefined
  /** Which ones: the first (default), drawn, or drawn class by class. */
  readonly kind?: 'first' | 'seeded' | 'stratified' | undefined
  /** For `seeded` and `stratified`; 0 by default. */
  readonly seed?: number | undefined
}

export const validationFields = {
  count: optional(whole(1)),
  fraction: optional(number({ above: 0, below: 1 })),
  kind: optional(oneOf(['first', 'seeded', 'stratified'])),
  seed: optional(whole(0)),
}

/** Tells the splitting key from others made of the same seed. */
const splitPurpose = 0x5911

/**
 * `validation` gets the held-out samples, `train` the rest. Kind `first` gives views, the others copies; of a source both are
 * sources, and nothing is copied.
 * @throws UserError when not both parts get at least one sample.
 */
export function splitValidation<Part extends Split | PictureSource>(
  split: Part,
  options: ValidationOptions,
): { train: Part; validation: Part }
export function splitValidation(split: Split | PictureSource, options: ValidationOptions) {
  checkArguments('splitValidation', { split: partValue }, { split })
  parse(record(validationFields), options, 'splitValidation')
  const { range, chosen } = isPictureSource(split) ? ofSource(checkedSource(split)) : ofSplit(split)
  if ((options.kind ?? 'first') === 'first') {
    const held = heldOut(split.count, options)
    return { train: range(held, split.count), validation: range(0, held) }
  }
  const { train, validation } = splitIndices(split, options)
  return { train: chosen(train), validation: chosen(validation) }
}

const ofSplit = (split: Split) => ({
  range: (begin: number, end: number) => rangeOf(split, begin, end),
  chosen: (indices: Int32Array) => gather(split, indices),
})

const ofSource = (source: PictureSource) => ({
  range: (begin: number, end: number) => sourceRange(source, begin, end),
  chosen: (indices: Int32Array) => chosenPictures(source, indices),
})

type Labelled = Pick<Split, 'labels' | 'count'>

/** Which samples each part gets, in their order. @throws UserError when not both parts get at least one sample. */
export function splitIndices(
  split: Labelled,
  options: ValidationOptions,
): { train: Int32Array; validation: Int32Array } {
  const held = heldOut(split.count, options)
  const kind = options.kind ?? 'first'
  const key = fold(keyOf(options.seed ?? 0), splitPurpose)
  const isHeld = new Uint8Array(split.count)
  if (kind === 'first') isHeld.fill(1, 0, held)
  else {
    const chosen = kind === 'seeded' ? permutation(key, split.count).subarray(0, held) : stratified(split, held, key)
    for (const index of chosen) isHeld[index] = 1
  }
  const train = new Int32Array(split.count - held)
  const validation = new Int32Array(held)
  let trainRow = 0
  let validationRow = 0
  for (let index = 0; index < split.count; index++) {
    if (isHeld[index] === 1) validation[validationRow++] = index
    else train[trainRow++] = index
  }
  return { train, validation }
}

function heldOut(count: number, options: ValidationOptions): number {
  const { count: wanted, fraction } = options
  if ((wanted === undefined) === (fraction === undefined))
    throw new UserError({
      what: 'The validation split does not say how many samples to hold out.',
      expected: 'either count or fraction',
      received: wanted === undefined ? 'neither' : 'both',
    })
  const held = wanted ?? Math.round(fraction! * count)
  if (!Number.isInteger(held) || held < 1 || held >= count)
    throw new UserError({
      what: 'The validation split leaves one part without samples.',
      expected: `a ${wanted === undefined ? 'fraction that gives a ' : ''}count from 1 to ${count - 1} (of ${count} samples)`,
      received: wanted === undefined ? `fraction ${fraction}, that is ${held}` : String(wanted),
    })
  return held
}

/** Shares of the classes are rounded down; the samples still missing go to the classes that lost most by it. */
function stratified(split: Labelled, held: number, key: RandomKey): number[] {
  const members = new Map<number, number[]>()
  for (let index = 0; index < split.count; index++) {
    const label = split.labels[index]!
    const list = members.get(label)
    if (list === undefined) members.set(label, [index])
    else list.push(index)
  }
  const shares = [...members].map(([label, { length }]) => {
    const exact = (length * held) / split.count
    return { label, whole: Math.floor(exact), rest: exact - Math.floor(exact) }
  })
  const missing = held - shares.reduce((sum, share) => sum + share.whole, 0)
  const byLoss = [...shares].sort((a, b) => b.rest - a.rest || a.label - b.label)
  for (const share of byLoss.slice(0, missing)) share.whole++
  return shares.flatMap(share => {
    const indices = members.get(share.label)!
    const order = permutation(fold(key, share.label), indices.length).subarray(0, share.whole)
    return Array.from(order, position => indices[position]!)
  })
}
