/**
 * The formats that models are kept in, one record each, and the one door to all of them. In: the bytes of a file, known by what they
 * are and not by its name. Out: the model in it; and back, in the format that the name of the new file promises. A format that is
 * added here is read and saved wherever a model is.
 */
import { UserError } from '../base/errors.ts'
import { isSafetensors } from '../base/safetensors-sign.ts'
import { type ModelFile, modelFileOf } from './model-file.ts'
import { readTensors } from './safetensors.ts'

export type WriteModel = (file: ModelFile) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>

export interface ModelFormat {
  /** `safetensors`, as messages say it. */
  readonly name: string
  /** Of its files, the usual one first: `.safetensors`. */
  readonly endings: readonly string[]
  /** Whether the first bytes are of this format; a damaged file matches as well, and reading says what is wrong with it. */
  matches(bytes: Uint8Array): boolean
  /** Throws UserError for a damaged file, which `source` names. */
  read(bytes: Uint8Array, source: string): ModelFile | Promise<ModelFile>
  /** Missing where models are only read. */
  write?: WriteModel
}

const safetensors = {
  name: 'safetensors',
  endings: ['.safetensors', '.ckpt'],
  matches: isSafetensors,
  read: (bytes, source) => modelFileOf(readTensors(bytes, source), source),
  write: async file => (await import('./model-encoder.ts')).encodeModelFile(file),
} satisfies ModelFormat

export const modelFormats: readonly ModelFormat[] = [safetensors]

/** The model in a file of any format. Throws UserError for one that no format knows, and for a damaged one; `source` names it. */
export async function readModel(
  bytes: Uint8Array,
  source: string,
  formats: readonly ModelFormat[] = modelFormats,
): Promise<ModelFile> {
  const format = formats.find(each => each.matches(bytes))
  if (format) return format.read(bytes, source)
  // What other files there are is known to code that is loaded for them alone.
  const { kindOfFile } = await import('../base/file-kind.ts')
  const { adviceOfModels, carryOver } = await import('./foreign-model.ts')
  const kind = kindOfFile(bytes)
  const advice = kind ? adviceOfModels(kind) : 'Get another copy of the file: this one may be damaged.'
  // Another copy of a file that would not be read either is no help alone.
  const isForeign = endingIn(unwritten, source) !== undefined && advice !== carryOver
  throw new UserError({
    what: `${source} is not a model that can be read.`,
    expected: formats.map(each => `${each.name} (${each.endings.join(', ')})`).join(', '),
    received: kind?.name ?? `${bytes.length} bytes of no format that is known here`,
    fix: isForeign ? `${advice} ${carryOver}` : advice,
  })
}

/** What writes a file of this name. Throws UserError for a name that promises a format in which no models are saved. */
export function writerFor(path: string, formats: readonly ModelFormat[] = modelFormats): WriteModel {
  const { write } = formats.find(each => endingIn(each.endings, path)) ?? {}
  if (write) return write
  const promised = endingIn(unwritten, path)
  if (promised === undefined) return safetensors.write
  const writable = formats.filter(each => each.write)
  throw new UserError({
    what: `${path} would not be a ${promised} file: models are saved as ${writable.map(each => each.name).join(' or ')}`,
    expected: 'a name like model.safetensors',
    fix: `call it ${path.slice(0, -promised.length)}.safetensors`,
  })
}

const endingIn = (endings: readonly string[], path: string): string | undefined =>
  endings.find(ending => path.toLowerCase().endsWith(ending))

/** Endings that promise other formats of models. */
const unwritten = ['.keras', '.h5', '.hdf5', '.onnx', '.tflite', '.pb', '.pt', '.pth', '.npz', '.gguf']
