/**
 * Pictures of a source as rows: which input of the model they are for, and how those of a batch get into its slot. In memory they
 * are there at once; else the slot is full when a promise resolves.
 */
import { InternalError, UserError } from '../base/errors.ts'
import { formatShape, type NumericArray, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import { checkedSource } from '../data/checked-source.ts'
import { isInMemory } from '../data/memory-source.ts'
import { afterRead, type PictureSource } from '../data/picture-source.ts'
import { numbersFrom } from '../data/read-pictures.ts'

/** An input whose rows are pictures of a source. */
export interface PictureRows {
  readonly input: string
  readonly source: PictureSource
}

/** Throws UserError for what is no source, and where the model does not take such pictures. */
export function pictureRows(
  inputs: readonly { readonly name: string; readonly shape: Shape }[],
  given: PictureSource,
): PictureRows {
  const source = checkedSource(given)
  const [input] = inputs
  if (!input || inputs.length > 1) {
    throw new UserError({
      what: `The model has ${inputs.length} inputs, and a picture source is for one.`,
      expected: `arrays for ${inputs.map(({ name }) => name).join(', ')}`,
      received: 'one picture source',
    })
  }
  // A model of dense layers may take the pixels as a list.
  const fits = sameShape(input.shape, source.shape) || sameShape(input.shape, [sizeOf(source.shape)])
  if (!fits) {
    throw new UserError({
      what: 'The pictures of the source have another shape than the model takes.',
      expected: formatShape(input.shape),
      received: formatShape(source.shape),
    })
  }
  return { input: input.name, source }
}

/** Whether all rows are in memory, so that filling a batch neither waits nor fails. */
export const isAtHand = ({ pictures }: { readonly pictures?: PictureRows }): boolean =>
  pictures === undefined || isInMemory(pictures.source)

/** Writes the pictures of rows `begin` … of the order into a slot. */
export function fillPictures(
  source: PictureSource,
  order: Int32Array | undefined,
  begin: number,
  n: number,
  slot: NumericArray,
): void | Promise<void> {
  const length = n * sizeOf(source.shape)
  if (length > slot.length) {
    throw new InternalError('train', `${n} pictures of ${formatShape(source.shape)} in a slot of ${slot.length} values`)
  }
  const indices = order ? order.subarray(begin, begin + n) : numbersFrom(begin, begin + n)
  if (slot instanceof Uint8Array) return source.read(indices, slot.subarray(0, length))
  const bytes = new Uint8Array(length)
  return afterRead(source.read(indices, bytes), () => slot.set(bytes))
}
