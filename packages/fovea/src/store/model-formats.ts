/**
 * The formats that models are kept in, one record each, and the one door to all of them. In: the bytes of a file, known by what they
 * are and not by its name. Out: the model in it. A format that is added here is read and saved (model-writers.ts) wherever a model is.
 */
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
  throw (await import('./foreign-model.ts')).noModel(bytes, source, formats)
}
