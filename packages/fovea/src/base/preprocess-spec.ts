/**
 * How a picture becomes a model's input, as plain JSON that is saved with the model: one truth for training and serving.
 * It ends in bytes of the input's shape; rescaling to 0 … 1 and z-scores are layers at the head of the model.
 */
import { checkArguments, fits, pictureShape } from './arguments.ts'
import { UserError } from './errors.ts'
import { list, oneOf, optional, parse, record, type Schema, that, whole } from './schema.ts'
import { show } from './show.ts'

/** How any picture becomes the input of a model. */
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
  readonly digit?:
    | {
        /** Side of the square the strokes are fitted into; 20 in MNIST. */
        readonly box: number
      }
    | undefined
  /** Black pixels laid around at the very end, on each side. */
  readonly pad?: number | undefined
}

const picturesOfShape = that('a data set, with the shape of its pictures', value =>
  fits(pictureShape, Object(value).shape),
)

/** What suits a data set's own pictures: `digit` for MNIST, the middle of the picture for photographs. `pad` widens the shape. */
export function specOf(
  dataset: { readonly name: string; readonly shape: readonly [height: number, width: number, channels: number] },
  pad = 0,
): PreprocessSpec {
  checkArguments('specOf', { dataset: picturesOfShape, pad: whole(0, 2 ** 13) }, { dataset, pad })
  const [height, width, channels] = dataset.shape
  return {
    shape: [height + 2 * pad, width + 2 * pad, channels],
    channels: channels === 1 ? 'grey' : 'rgb',
    resize: channels === 1 ? 'contain' : 'cover',
    ...(dataset.name === 'mnist' ? { digit: { box: 20 } } : {}),
    ...(pad === 0 ? {} : { pad }),
  }
}

/** For models that say nothing: channels and size are made to fit. Undefined where they take no pictures. */
export function plainSpec(shape: readonly number[]): PreprocessSpec | undefined {
  const [height, width, channels] = shape
  if (shape.length !== 3 || (channels !== 1 && channels !== 3)) return undefined
  return { shape: [height!, width!, channels], channels: channels === 1 ? 'grey' : 'rgb', resize: 'cover' }
}

/** Pictures of 16,384 × 16,384 are the largest that a model could ever take. */
const extent = whole(1, 2 ** 14)

/** What is told in detail by `parseSpec`. */
export const specValue: Schema<PreprocessSpec> = that(
  'a preprocessing specification {shape, channels, resize}',
  value => typeof value === 'object' && value !== null,
)

const specSchema = record({
  shape: list(extent, 'height, width and channels', { least: 3, most: 3 }),
  channels: oneOf(['grey', 'rgb']),
  resize: oneOf(['none', 'stretch', 'cover', 'contain']),
  digit: optional(record({ box: extent })),
  pad: optional(whole(0, 2 ** 13)),
})

/** Reads a specification from a model file. @throws UserError naming every field that is wrong. */
export function parseSpec(value: unknown): PreprocessSpec {
  const { shape, channels, digit, pad = 0 } = parse(specSchema, value, 'the preprocessing specification', 'Field')
  const [height, width, depth] = shape as PreprocessSpec['shape']
  const inner = Math.min(height, width) - 2 * pad
  const problems: string[] = []
  if (depth !== (channels === 'grey' ? 1 : 3))
    problems.push(`${channels} goes with ${channels === 'grey' ? 1 : 3} channels in shape`)
  if (digit && channels !== 'grey') problems.push("digit goes with channels 'grey'")
  if (inner < (digit?.box ?? 1)) problems.push('shape must be larger than pad on both sides and the digit box')
  if (problems.length === 0) return value as PreprocessSpec
  throw new UserError({
    what: 'The preprocessing specification cannot be used.',
    expected: problems.join('; '),
    received: show(value),
  })
}
