/**
 * Pictures of a source as the column of an input: whether the model takes them, and how those of a batch get into their slot. In
 * memory they are there at once; else the slot is full when a promise resolves.
 */
import { UserError } from '../base/errors.ts'
import { formatShape, type NumericArray, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import { checkedSource } from '../data/checked-source.ts'
import { afterRead, type PictureSource } from '../data/picture-source.ts'
import { numbersFrom } from '../data/read-pictures.ts'

export interface PictureColumn {
  readonly form: 'pictures'
  readonly source: PictureSource
  /** Bytes of a picture. */
  readonly slotRowSize: number
}

/** Throws UserError for what is no source, and where the model does not take such pictures. */
export function pictureColumn(
  inputs: readonly { readonly name: string; readonly shape: Shape }[],
  given: PictureSource,
): PictureColumn {
  const source = checkedSource(given)
  const [input] = inputs
  if (!input || inputs.length > 1) {
    throw new UserError({
      what: `The model has ${inputs.length} inputs, and a picture source is for one.`,
      expected: `arrays for ${inputs.map(({ name }) => name).join(', ')}`,
      received: 'one picture source',
    })
  }
  const slotRowSize = sizeOf(source.shape)
  // A model of dense layers may take the pixels as a list.
  if (!sameShape(input.shape, source.shape) && !sameShape(input.shape, [slotRowSize])) {
    throw new UserError({
      what: 'The pictures of the source have another shape than the model takes.',
      expected: formatShape(input.shape),
      received: formatShape(source.shape),
    })
  }
  return { form: 'pictures', source, slotRowSize }
}

/** Writes the pictures of rows `begin` … of the order into a slot. */
export function readIntoSlot(
  { source, slotRowSize }: PictureColumn,
  order: Int32Array | undefined,
  begin: number,
  n: number,
  slot: NumericArray,
): void | Promise<void> {
  const indices = order ? order.subarray(begin, begin + n) : numbersFrom(begin, begin + n)
  if (slot instanceof Uint8Array) return source.read(indices, slot.subarray(0, n * slotRowSize))
  const bytes = new Uint8Array(n * slotRowSize)
  return afterRead(source.read(indices, bytes), () => slot.set(bytes))
}
