/**
 * How a picture becomes a model's input, as plain JSON that is saved with the model: one truth for training and serving.
 * It ends in bytes of the input's shape; rescaling to 0 … 1 and z-scores are layers at the head of the model.
 */
import { UserError } from '../base/errors.ts'
import type { Dataset } from '../data/dataset.ts'

export interface PreprocessSpec {
  /** Height, width, channels of the model's input, with `pad`. */
  readonly shape: readonly [number, number, number]
  /** Grey is 0.299 R + 0.587 G + 0.114 B. */
  readonly channels: 'grey' | 'rgb'
  /**
   * How another size becomes the wanted one: not at all (an error), both axes on their own, filled and cut at the longer
   * sides (`cover`), or whole with black margins (`contain`).
   */
  readonly resize: 'none' | 'stretch' | 'cover' | 'contain'
  /** The recipe of MNIST, for pictures of a single drawn digit. */
  readonly digit?: {
    /** Side of the square the strokes are fitted into; 20 in MNIST. */
    readonly box: number
  }
  /** Black pixels laid around at the very end, on each side. */
  readonly pad?: number
}

/** What suits a data set's own pictures: `digit` for MNIST, the middle of the picture for photographs. `pad` widens the shape. */
export function specOf(dataset: Pick<Dataset, 'name' | 'shape'>, pad = 0): PreprocessSpec {
  const [height, width, channels] = dataset.shape
  return {
    shape: [height + 2 * pad, width + 2 * pad, channels],
    channels: channels === 1 ? 'grey' : 'rgb',
    resize: channels === 1 ? 'contain' : 'cover',
    ...(dataset.name === 'mnist' ? { digit: { box: 20 } } : {}),
    ...(pad === 0 ? {} : { pad }),
  }
}

/** Reads a specification from a model file. @throws UserError naming every field that is wrong. */
export function parseSpec(value: unknown): PreprocessSpec {
  const problems: string[] = []
  const record = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const whole = (number: unknown, least: number): number is number =>
    Number.isInteger(number) && Number(number) >= least
  const { shape, channels, resize, digit, pad } = record
  if (!Array.isArray(shape) || shape.length !== 3 || !shape.every(extent => whole(extent, 1)))
    problems.push('shape must be [height, width, channels]')
  if (channels !== 'grey' && channels !== 'rgb') problems.push("channels must be 'grey' or 'rgb'")
  else if (Array.isArray(shape) && shape[2] !== (channels === 'grey' ? 1 : 3))
    problems.push(`${channels} goes with ${channels === 'grey' ? 1 : 3} channels in shape`)
  if (typeof resize !== 'string' || !['none', 'stretch', 'cover', 'contain'].includes(resize))
    problems.push("resize must be 'none', 'stretch', 'cover' or 'contain'")
  const box = (digit as { box?: unknown } | undefined)?.box
  if (digit !== undefined && !whole(box, 1)) problems.push('digit must be {box: a whole number}')
  if (digit !== undefined && channels !== 'grey') problems.push("digit goes with channels 'grey'")
  if (pad !== undefined && !whole(pad, 0)) problems.push('pad must be a whole number')
  const margin = 2 * (whole(pad, 0) ? pad : 0)
  if (Array.isArray(shape) && Math.min(shape[0], shape[1]) - margin < (whole(box, 1) ? box : 1))
    problems.push('shape must be larger than pad on both sides and the digit box')
  if (problems.length > 0)
    throw new UserError({
      what: 'The preprocessing specification cannot be used.',
      expected: problems.join('; '),
      received: JSON.stringify(value),
    })
  return value as PreprocessSpec
}
