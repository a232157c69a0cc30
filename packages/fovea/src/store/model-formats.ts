/**
 * The formats that models are kept in, one record each, and the one door to all of them. In: the bytes of a file, known by what they
 * are and not by its name, and the files beside it. Out: the model in it. The library itself knows safetensors; the others come from the
 * package @fovea/formats (added-formats.ts), which Node finds by itself where it is installed. A format that is added is read and
 * saved (model-writers.ts) wherever a model is.
 */
import { isSafetensors } from '../base/safetensors-sign.ts'
import { optional, record, whole } from '../base/schema.ts'
import { type ModelFile, modelFileOf } from './model-file.ts'
import { readTensors } from './safetensors.ts'

/** How many bytes a file may unpack to. Files of strangers are read with the usual ones; larger ones are for files that are known. */
export interface ReadLimits {
  /** All that one file holds, and the files beside it: 1 GiB. */
  readonly bytes?: number | undefined
  /** A configuration: 64 MiB. */
  readonly configuration?: number | undefined
}

/** For the options of loading functions. */
export const readLimits = optional(record({ bytes: optional(whole(1)), configuration: optional(whole(1)) }))

/** A file that is to be read as a model. */
export interface OpenedFile {
  readonly bytes: Uint8Array
  /** What messages call it: its path. */
  readonly source: string
  /**
   * Another file of the same model, by its path from the folder of this one (`group1-shard1of2.bin`). Undefined where there is none.
   * Throws UserError for a path that leads out of the folder, and for an address.
   */
  beside(path: string): Promise<Uint8Array | undefined>
  readonly limits?: ReadLimits | undefined
}

/** What becomes of a model that is saved: the file that was named, and those beside it, by their names. */
export interface WrittenModel {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly beside?: Readonly<Record<string, Uint8Array<ArrayBuffer>>> | undefined
  /** Of a file that this one replaces: the names of those beside it that only it can have named. They are removed when it is replaced. */
  readonly ownBeside?: ((former: Uint8Array) => readonly string[]) | undefined
  /** What the model says and the format does not, one sentence each: told when it is saved. */
  readonly notes?: readonly string[] | undefined
}

/** `path` is the name that the file gets: others beside it may be called after it. */
export type WriteModel = (file: ModelFile, path: string) => WrittenModel | Promise<WrittenModel>

/** A format that models are kept in. */
export interface ModelFormat {
  /** `safetensors`, as messages say it. */
  readonly name: string
  /** Of its files, the usual one first: `.safetensors`. Where it is a whole name, of files called so: `model.json`. */
  readonly endings: readonly string[]
  /** Whether the bytes are of this format; a damaged file matches as well, and reading says what is wrong with it. */
  matches(bytes: Uint8Array): boolean
  /** Throws UserError for a damaged file, and for one that says what Fovea does not have. */
  read(file: OpenedFile): ModelFile | Promise<ModelFile>
  /** Missing where models are only read. Throws UserError for what the format cannot say. */
  readonly write?: WriteModel | undefined
  /** Its files have a place for what an optimizer remembers; others are not given it. */
  readonly keepsTraining?: boolean | undefined
}

/** Bytes alone: nothing lies beside them. */
export const openedBytes = (bytes: Uint8Array, source: string): OpenedFile => ({
  bytes,
  source,
  beside: async () => undefined,
})

const safetensors = {
  name: 'safetensors',
  endings: ['.safetensors', '.ckpt'],
  matches: isSafetensors,
  read: ({ bytes, source }) => modelFileOf(readTensors(bytes, source), source),
  write: async file => ({ bytes: (await import('./model-encoder.ts')).encodeModelFile(file) }),
} satisfies ModelFormat

const known: ModelFormat[] = [safetensors]
/** Looks for formats that nobody has added yet. */
let search: (() => Promise<readonly ModelFormat[]>) | undefined

/** One of a name that is known takes its place. (For programs: added-formats.ts.) */
export function keepFormats(formats: readonly ModelFormat[]): void {
  for (const format of formats) {
    const at = known.findIndex(each => each.name === format.name)
    known.splice(at < 0 ? known.length : at, 1, format)
  }
}

/** Where a host finds formats at the moment a file is of none that is known. */
export function searchModelFormats(find: () => Promise<readonly ModelFormat[]>): void {
  search = find
}

/** All formats that can be had here. */
export async function availableFormats(): Promise<readonly ModelFormat[]> {
  const find = search
  search = undefined
  const found = find ? await find() : []
  keepFormats(found.filter(({ name }) => !known.some(each => each.name === name)))
  return known
}

/** The first one; others are looked for where none of the known ones is it. */
export const formatThat = async (isIt: (format: ModelFormat) => boolean): Promise<ModelFormat | undefined> =>
  known.find(format => isIt(format)) ?? (await availableFormats()).find(format => isIt(format))

/** The model in a file of any format. Throws UserError for one that no format knows, and for a damaged one. */
export async function readModel(file: OpenedFile): Promise<ModelFile> {
  const format = await formatThat(format => format.matches(file.bytes))
  if (format) return format.read(file)
  // What other files there are is known to code that is loaded for them alone.
  throw (await import('./foreign-model.ts')).noModel(file.bytes, file.source, known)
}
