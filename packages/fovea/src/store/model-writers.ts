/** Models are saved in the format that the name of the new file promises. */
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { endingIn, unwritten } from './foreign-model.ts'
import type { ModelFile } from './model-file.ts'
import { availableFormats, formatThat, type ModelFormat, type WriteModel, type WrittenModel } from './model-formats.ts'
import { besideOf } from './opened-file.ts'

/** What writes a file of this name. Throws UserError for a name that promises a format in which no models are saved. */
export const writerFor = async (path: string): Promise<WriteModel> => (await formatFor(path)).write

type WritableFormat = ModelFormat & { readonly write: WriteModel }
const isWritable = (format: ModelFormat | undefined): format is WritableFormat => format?.write !== undefined

async function formatFor(path: string): Promise<WritableFormat> {
  const format = await formatThat(each => endingIn(each.endings, path) !== undefined)
  if (isWritable(format)) return format
  const formats = await availableFormats()
  const promised = endingIn(unwritten, path)
  if (promised === undefined) return safetensorsOf(formats)
  const writable = formats.filter(isWritable)
  throw new UserError({
    what: `${path} would not be a ${promised} file: models are saved as ${writable.map(each => each.name).join(' or ')}`,
    expected: 'a name like model.safetensors',
    fix: `call it ${path.slice(0, -promised.length)}.safetensors`,
  })
}

/** Where models are saved: on a disk, or offered by a page. */
type ModelPlace = Pick<Files, 'write' | 'join'> & Partial<Pick<Files, 'read' | 'exists' | 'remove'>>

/**
 * Saves a model under this path, in the format that its ending promises; `file` gives it, with what its optimizer remembers where the
 * format keeps that. Gives what the format does not say of the model, one sentence each. Throws UserError where it cannot say it at all.
 */
export async function saveModel(
  files: ModelPlace,
  path: string,
  file: (keepsTraining: boolean) => Promise<ModelFile>,
): Promise<readonly string[]> {
  const { write, keepsTraining = false } = await formatFor(path)
  const written = await write(await file(keepsTraining), path)
  await writeModel(files, path, written)
  return written.notes ?? []
}

export async function writeModel(files: ModelPlace, path: string, written: WrittenModel): Promise<void> {
  const { bytes, beside = {} } = written
  const former = await formerBeside(files, path, written)
  // The named file last: once it is there, all that it names is.
  for (const [name, content] of Object.entries(beside)) await files.write(besideOf(files, path, name), content)
  await files.write(path, bytes)
  for (const name of former) {
    // It is in nobody's way.
    if (!Object.hasOwn(beside, name)) await files.remove?.(besideOf(files, path, name)).catch(() => {})
  }
}

async function formerBeside(files: ModelPlace, path: string, { ownBeside }: WrittenModel): Promise<readonly string[]> {
  if (!ownBeside || !files.read || !(await files.exists?.(path))) return []
  // What is no model of this format names nothing.
  return files
    .read(path, 'text')
    .then(ownBeside)
    .catch(() => [])
}

const safetensorsOf = (formats: readonly ModelFormat[]): WritableFormat =>
  formats.filter(isWritable).find(each => each.name === 'safetensors')!
