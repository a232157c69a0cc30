/** Models are saved in the format that the name of the new file promises. */
import { UserError } from '../base/errors.ts'
import { endingIn, unwritten } from './foreign-model.ts'
import { encodeModelFile } from './model-encoder.ts'
import { type ModelFormat, modelFormats, type WriteModel } from './model-formats.ts'

/** What writes a file of this name. Throws UserError for a name that promises a format in which no models are saved. */
export function writerFor(path: string, formats: readonly ModelFormat[] = modelFormats): WriteModel {
  const { write } = formats.find(each => endingIn(each.endings, path)) ?? {}
  if (write) return write
  const promised = endingIn(unwritten, path)
  if (promised === undefined) return encodeModelFile
  const writable = formats.filter(each => each.write)
  throw new UserError({
    what: `${path} would not be a ${promised} file: models are saved as ${writable.map(each => each.name).join(' or ')}`,
    expected: 'a name like model.safetensors',
    fix: `call it ${path.slice(0, -promised.length)}.safetensors`,
  })
}
