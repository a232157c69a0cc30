/** Pictures that a function makes, or fetches, each time that they are asked for. Nothing of them is kept. */
import { fits } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { pixels as pixelsValue } from '../base/picture-arguments.ts'
import { type PreprocessSpec, specValue } from '../base/preprocess-spec.ts'
import { functionOf, optional, parse, record } from '../base/schema.ts'
import { kindOf } from '../base/show.ts'
import { keepsPromises } from './checked-source.ts'
import {
  carried,
  carriedNames,
  checkSpecOf,
  type Labels,
  labelProblems,
  namesValue,
  type PictureShape,
  type PictureSource,
  pictureBytes,
  sourceFields,
} from './picture-source.ts'

/** Those of a canvas too. */
type Pixels = Uint8Array | Uint8ClampedArray

/** What `generatedSource` takes: labels, and a function that makes the picture of a number. */
export interface GeneratedPictures {
  readonly shape: PictureShape
  readonly classNames: readonly string[]
  /** A class number for each picture: there are as many pictures as labels. */
  readonly labels: Labels
  /** The height · width · channels bytes of a picture, or a promise of them; for one number always the same. */
  readonly picture: (index: number) => Pixels | Promise<Pixels>
  /** What each picture is called. */
  readonly names?: readonly string[] | undefined
  /** How the pictures are made: what `pictureToInput` is given. Models trained on them keep it. */
  readonly preprocess?: PreprocessSpec | undefined
}

/** A source whose pictures a function makes, one after the other. Throws UserError for labels that are no classes. */
export function generatedSource(pictures: GeneratedPictures): PictureSource {
  const fields = {
    ...sourceFields,
    picture: functionOf('a picture number'),
    names: optional(namesValue),
    preprocess: optional(specValue),
  }
  parse(record(fields), pictures, 'generatedSource')
  const { shape, classNames, labels, picture, names } = pictures
  checkSpecOf('generatedSource', shape, pictures.preprocess)
  const problems = labelProblems('generatedSource', { labels, classNames, count: labels.length, names })
  if (problems.length > 0) throw new UserError(problems)
  const size = pictureBytes({ shape })

  const put = (pixels: Pixels, index: number, into: Uint8Array, row: number): void => {
    if (!fits(pixelsValue, pixels) || pixels.length !== size) throw notAPicture(pixels, index, shape)
    into.set(pixels, row * size)
  }
  async function rest(indices: Int32Array, into: Uint8Array, row: number, made: Promise<Pixels>): Promise<void> {
    put(await made, indices[row]!, into, row)
    for (let next = row + 1; next < indices.length; next++) {
      put(await picture(indices[next]!), indices[next]!, into, next)
    }
  }
  return keepsPromises({
    shape,
    classNames,
    count: labels.length,
    labels,
    ...carried(pictures),
    ...carriedNames(pictures),
    read(indices, into) {
      for (let row = 0; row < indices.length; row++) {
        const made = picture(indices[row]!)
        if (isPromise(made)) return rest(indices, into, row, made)
        put(made, indices[row]!, into, row)
      }
      return undefined
    },
  })
}

const isPromise = (made: Pixels | Promise<Pixels>): made is Promise<Pixels> =>
  typeof (Object(made) as Promise<Pixels>).then === 'function'

function notAPicture(pixels: unknown, index: number, shape: PictureShape): UserError {
  const given = fits(pixelsValue, pixels) ? `${pixels.length} bytes` : kindOf(pixels)
  return new UserError({
    what: `The function of generatedSource gives no picture ${index}.`,
    expected: `a Uint8Array of ${shape.join('×')} = ${shape.reduce((product, extent) => product * extent, 1)} bytes`,
    received: given,
  })
}
