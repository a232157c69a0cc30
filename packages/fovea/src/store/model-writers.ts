/** Models are saved in the format that the name of the new file promises. */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { endingIn, unwritten } from './foreign-model.ts'
import type { ModelFile } from './model-file.ts'
import { availableFormats, formatThat, type ModelFormat, type WriteModel, type WrittenModel } from './model-formats.ts'
import { besideOf } from './opened-file.ts'

/** What writes a file of this name. Throws UserError for a name that promises a format in which no models are saved. */
export async function writerFor(path: string): Promise<WriteModel> {
  const { write } = (await formatThat(each => endingIn(each.endings, path) !== undefined)) ?? {}
  if (write) return write
  const formats = await availableFormats()
  const promised = endingIn(unwritten, path)
  if (promised === undefined) return safetensorsOf(formats)
  const writable = formats.filter(each => each.write)
  throw new UserError({
    what: `${path} would not be a ${promised} file: models are saved as ${writable.map(each => each.name).join(' or ')}`,
    expected: 'a name like model.safetensors',
    fix: `call it ${path.slice(0, -promised.length)}.safetensors`,
  })
}

/** Saves a model under this path, in the format that its ending promises. Throws UserError where that format cannot say it. */
export async function saveModel(files: Pick<Files, 'write' | 'join'>, path: string, file: ModelFile): Promise<void> {
  await writeModel(files, path, await (await writerFor(path))(file, path))
}

export async function writeModel(
  files: Pick<Files, 'write' | 'join'>,
  path: string,
  { bytes, beside = {} }: WrittenModel,
): Promise<void> {
  // The named file last: once it is there, all that it names is.
  for (const [name, content] of Object.entries(beside)) await files.write(besideOf(files, path, name), content)
  await files.write(path, bytes)
}

const safetensorsOf = (formats: readonly ModelFormat[]): WriteModel =>
  formats.find(each => each.name === 'safetensors')!.write!
