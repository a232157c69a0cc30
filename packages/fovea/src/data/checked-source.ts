/**
 * The door through which a user's picture source comes in. Behind it every source keeps its promises: `read` fills all of `into`
 * or throws, and writes nothing later. In: any source. Out: the same pictures, read into a buffer of its own first. So what a
 * failed read still writes goes nowhere, and the memory of a running program is never in foreign hands.
 */
import { UserError } from '../base/errors.ts'
import { afterRead, carried, carriedNames, checkSource, type PictureSource, pictureBytes } from './picture-source.ts'

/** Sources that keep the promises: made here, or of such ones. */
const kept = new WeakSet<PictureSource>()

/** Says that a source keeps the promises. */
export function keepsPromises<S extends PictureSource>(source: S): S {
  kept.add(source)
  return source
}

/** Throws UserError for what is no source, or has labels that are no classes. */
export function checkedSource(given: PictureSource, where = 'The picture source'): PictureSource {
  if (kept.has(given)) return given
  checkSource(given, where)
  const { shape, classNames, count, labels } = given
  const size = pictureBytes(given)
  let spare = new Uint8Array(0)
  return keepsPromises({
    shape,
    classNames,
    count,
    labels,
    ...carried(given),
    ...carriedNames(given),
    read(indices, into) {
      const length = indices.length * size
      const buffer = spare.length >= length ? spare : new Uint8Array(length)
      // Whoever fails does not give it back.
      spare = new Uint8Array(0)
      const pictures = buffer.subarray(0, length)
      const take = (): void => {
        into.set(pictures)
        spare = buffer
      }
      const attempt = (mask: number): void | Promise<void> => {
        mark(pictures, size, mask)
        // A copy: a source may sort them.
        return given.read(indices.slice(), pictures)
      }
      return afterRead(attempt(0), () => {
        if (unwritten(pictures, size, 0) === undefined) return take()
        // The marks may be pixels by chance; the same pixels are not the opposite marks too.
        return afterRead(attempt(255), () => {
          const row = unwritten(pictures, size, 255)
          if (row !== undefined) throw notFilled(where, indices[row]!, size)
          take()
        })
      })
    },
  })
}

/** Bytes that pictures seldom end in, so that a second reading is rare. */
const marks = [0xa7, 0x1c]

/** Puts marks at the end of every picture, where a read that gives too little leaves them. */
function mark(pictures: Uint8Array, size: number, mask: number): void {
  for (let end = size; end <= pictures.length; end += size) {
    for (let at = Math.max(0, size - marks.length); at < size; at++) {
      pictures[end - size + at] = marks[size - 1 - at]! ^ mask
    }
  }
}

/** The first picture whose marks are all still there. */
function unwritten(pictures: Uint8Array, size: number, mask: number): number | undefined {
  const first = Math.max(0, size - marks.length)
  for (let begin = 0; begin < pictures.length; begin += size) {
    let at = first
    while (at < size && pictures[begin + at] === (marks[size - 1 - at]! ^ mask)) at++
    if (at === size) return begin / size
  }
  return undefined
}

function notFilled(where: string, index: number, size: number): UserError {
  return new UserError({
    what: `${where} does not fill picture ${index}.`,
    expected: `${size} bytes for each picture that is asked for, all written when its read is done`,
    received: 'its last bytes not written',
    fix: 'write until the end of `into`, and give back a promise that resolves when all is written',
  })
}
