/**
 * HDF5 files, read by h5wasm (the HDF Group's own library in WebAssembly). In: the bytes of a file. Out: its groups, attributes and data
 * sets, for as long as a function works on them; then the file is closed and its memory given back. The library sees no disk: its files
 * are in memory, so nothing beside the file can be reached, and links and data sets that point elsewhere are refused by name.
 */
import { UserError } from 'fovea/internal/base/errors'
import { mostUnpacked } from 'fovea/internal/base/packed-size'
import { FS, type Module as H5Module, ready } from 'h5wasm'
import { checkGlobalHeaps } from './global-heaps.ts'
import { allowance, damaged, damagedFix, type LimitedFile, limitsOf } from './limits.ts'
import { type NumberKind, numbersOf, type StoredNumbers } from './stored-numbers.ts'

type Library = typeof H5Module
type Metadata = ReturnType<Library['get_dataset_metadata']>

/** A group of an open file. */
export interface Hdf5Group {
  /** From the root on: `/model_weights`. */
  readonly path: string
  /** Of the groups and data sets in it, in the file's order. */
  names(): readonly string[]
  /** Undefined where no group has this name, which may be a path. Throws UserError for a link. */
  group(name: string): Hdf5Group | undefined
  /** The numbers of a data set; undefined where none has this name. Throws UserError for what holds no numbers. */
  numbers(name: string): StoredNumbers | undefined
  /** The texts of an attribute, one for a single text; undefined where there is no such attribute. */
  texts(attribute: string): readonly string[] | undefined
}

/**
 * Of looking into groups, also into one that is met on several ways, since links may lead in circles. Each costs a quarter of the square of
 * its depth: the library walks to it from the root, and to all that is in it. Ten thousand layers with their weights cost 45,000.
 */
const mostCost = 60_000

/** Of names in memory: a file whose closing failed must not be met again. */
let opened = 0

/** Throws UserError for a file that is damaged. */
export async function withHdf5<T>(file: LimitedFile, read: (root: Hdf5Group) => T): Promise<T> {
  const { bytes, source } = file
  checkGlobalHeaps(bytes, source)
  const most = limitsOf(file)
  const library = await ready
  const files = FS as unknown as MemoryFiles
  quiet(files)
  const path = `/model-${++opened}.h5`
  files.createDataFile('/', path.slice(1), bytes, true, true, true)
  const { take, taken } = allowance(source, most.bytes)
  let cost = 0
  const enter = (path: string): void => {
    cost += path.split('/').length ** 2 / 4
    if (cost > mostCost) throw damaged(source, 'too many groups, or groups in circles')
  }
  const reached = (): number => largestHeap + 2 * bytes.length + 2 * taken()
  const given = { library, source, size: bytes.length, take, enter, mostText: most.configuration }
  let outside: string | undefined
  const refuse = (other: string): void => {
    outside ??= other
  }
  try {
    return withinMemory(library, reached, () => alone(files, path, refuse, () => readFile(given, path, read)))
  } catch (error) {
    if (outside !== undefined) throw refused(source, JSON.stringify(outside), 'another file')
    if (error instanceof UserError) throw error
    // What the library throws is of no class of its own: its C code ends in traps and texts.
    throw damaged(source, `an HDF5 file that cannot be read (${error instanceof Error ? error.message : error})`)
  } finally {
    // Objects that a failed read left open would keep the bytes.
    files.truncate(path, 0)
    files.unlink(path)
  }
}

function readFile<T>(given: Omit<OpenFile, 'file'>, path: string, read: (root: Hdf5Group) => T): T {
  const { library, source } = given
  const file = library.open(path, library.H5F_ACC_RDONLY)
  if (file < 0n) throw damaged(source, 'an HDF5 file that cannot be opened')
  try {
    return read(groupOf({ ...given, file }, '/'))
  } finally {
    library.close_file(file)
  }
}

/** As far as it is used: Emscripten's file system in memory. */
interface MemoryFiles {
  createDataFile(
    folder: string,
    name: string,
    bytes: Uint8Array,
    canRead: boolean,
    canWrite: boolean,
    own: boolean,
  ): void
  truncate(path: string, size: number): void
  unlink(path: string): void
  open(path: string, ...how: unknown[]): unknown
  readonly ErrnoError: new (code: number) => Error
  readonly streams: { stream_ops: { readonly write: unknown } }[]
}

/** The library tells each failure on its standard error, which is the console: its callers tell it. */
function quiet({ streams }: MemoryFiles): void {
  const errors = streams[2]
  if (errors)
    errors.stream_ops = {
      ...errors.stream_ops,
      write: (_: unknown, __: unknown, ___: number, length: number) => length,
    }
}

/**
 * A data set may name another file that its numbers lie in. The library's file system holds devices and the files that others read, so while
 * one is read, no other is opened: `refuse` is told its name.
 */
function alone<T>(files: MemoryFiles, path: string, refuse: (other: string) => void, read: () => T): T {
  const { open } = files
  files.open = (name, ...how) => {
    if (name === path) return open.call(files, name, ...how)
    // Where it looks for more filters there are none; no file names that folder.
    if (!pluginFolder.test(name)) refuse(name)
    throw new files.ErrnoError(noSuchFile)
  }
  try {
    return read()
  } finally {
    files.open = open
  }
}

/** As Emscripten numbers it. */
const noSuchFile = 44
const pluginFolder = /\/lib\/plugin(\/|$)/

/** Of the library's memory, besides what a file has and holds. */
const largestHeap = 2 ** 27

/**
 * A damaged file may say that a name has a billion letters, and memory that the library once took is never given back: while a file is
 * read, its memory grows to `most` bytes and no further. (It is told that there is none, and says that the file cannot be read.)
 */
function withinMemory<T>(library: Library, most: () => number, read: () => T): T {
  const { prototype } = WebAssembly.Memory
  const { grow } = prototype
  const guarded: typeof grow = function (this: WebAssembly.Memory, pages) {
    const isTooMuch = this.buffer === library.HEAPU8.buffer && this.buffer.byteLength + pages * 2 ** 16 > most()
    if (isTooMuch) throw new RangeError('The file would take too much memory.')
    return grow.call(this, pages)
  }
  Reflect.set(prototype, 'grow', guarded)
  try {
    return read()
  } finally {
    Reflect.set(prototype, 'grow', grow)
  }
}

interface OpenFile {
  readonly library: Library
  readonly file: bigint
  readonly source: string
  /** Of the file, in bytes. */
  readonly size: number
  readonly take: (bytes: number, what: string) => void
  /** Bytes of a configuration. */
  readonly mostText: number
  /** Throws UserError where too many groups were looked into. */
  readonly enter: (path: string) => void
}

function groupOf(open: OpenFile, path: string): Hdf5Group {
  const { library, file } = open
  open.enter(path)
  let [known, attributes]: [Set<string>?, Set<string>?] = []
  const names = (): Set<string> => {
    known ??= new Set(library.get_names(file, path, false))
    return known
  }
  const below = new Map<string, Hdf5Group>()
  /** What a name of one step leads to. */
  const typeOf = (name: string, at: string): number => {
    if (!names().has(name)) return -1
    if (library.get_symbolic_link(file, at) || library.get_external_link(file, at)?.filename)
      throw refused(open.source, at, 'a link')
    return library.get_type(file, at)
  }
  const step = (name: string): string => (path === '/' ? `/${name}` : `${path}/${name}`)
  const inner = (name: string): Hdf5Group | undefined => {
    const at = step(name)
    if (!below.has(name) && typeOf(name, at) === library.H5G_GROUP) below.set(name, groupOf(open, at))
    return below.get(name)
  }
  const self: Hdf5Group = {
    path,
    names: () => [...names()],
    group: name =>
      name.split('/').reduce<Hdf5Group | undefined>((at, each) => (at === self ? inner(each) : at?.group(each)), self),
    numbers(name) {
      const end = name.lastIndexOf('/')
      if (end >= 0) return self.group(name.slice(0, end))?.numbers(name.slice(end + 1))
      const at = step(name)
      return typeOf(name, at) === library.H5G_DATASET ? numbersAt(open, at) : undefined
    },
    texts(attribute) {
      attributes ??= new Set(library.get_attribute_names(file, path))
      return attributes.has(attribute) ? textsAt(open, path, attribute) : undefined
    },
  }
  return self
}

const refused = (source: string, path: string, what: string): UserError =>
  new UserError({
    what: `${source}: ${path} is ${what}, which is not followed.`,
    expected: 'numbers in the file itself',
    fix: 'Save the model anew, into one file.',
  })

function numbersAt(open: OpenFile, path: string): StoredNumbers {
  const { library, file, source } = open
  const metadata = library.get_dataset_metadata(file, path)
  if (metadata.virtual_sources) throw refused(source, path, 'a virtual data set')
  const shape = metadata.shape ?? [0]
  const kind = kindOf(open, metadata)
  if (!kind) throw damaged(source, `${path}, which holds no numbers`)
  const bytes = byteLength(open, metadata, path)
  // Of chunks that were never written nothing is kept but a shape.
  if (bytes > mostUnpacked(open.size)) throw damaged(source, `${path} of ${bytes} bytes, in a file of ${open.size}`)
  // A chunk is unpacked as a whole.
  if (metadata.chunks) open.take(byteLength(open, { ...metadata, shape: metadata.chunks }, path), path)
  open.take(bytes, path)
  const raw = withMemory(library, bytes, at => {
    if (library.get_dataset_data(file, path, null, null, null, BigInt(at)) < 0)
      throw damaged(source, `${path}, whose numbers are not in the file, or cannot be read`)
  })
  return { shape, data: numbersOf(raw, kind) }
}

/** `product` of the shape and the size of a number: as exact as JavaScript's numbers, or far beyond what is allowed. */
function byteLength({ source }: OpenFile, { shape, size }: Pick<Metadata, 'shape' | 'size'>, path: string): number {
  const bytes = (shape ?? [0]).reduce((product, extent) => product * extent, size)
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes
  throw damaged(source, `${path}, whose size cannot be`)
}

function kindOf({ library }: OpenFile, { type, size, signed }: Metadata): NumberKind | undefined {
  const { H5T_INTEGER, H5T_FLOAT, H5T_ENUM, H5T_OPAQUE } = library.H5T_class_t
  if (type === H5T_FLOAT.value) return ({ 2: 'float16', 4: 'float32', 8: 'float64' } as const)[size]
  if (type === H5T_ENUM.value && size === 1) return 'uint8'
  if (type === H5T_INTEGER.value && [1, 2, 4, 8].includes(size))
    return `${signed ? '' : 'u'}int${(8 * size) as 8 | 16 | 32 | 64}`
  // HDF5 has no such number: Python writes what it holds in two bytes, whatever they are.
  return type === H5T_OPAQUE.value && size === 2 ? 'bfloat16' : undefined
}

function textsAt(open: OpenFile, path: string, attribute: string): readonly string[] | undefined {
  const { library, file, source } = open
  const what = `the attribute ${attribute} of ${path}`
  const metadata = library.get_attribute_metadata(file, path, attribute)
  // A list of no names is kept as a list of no numbers.
  if (metadata.shape?.includes(0)) return []
  if (!metadata.shape || metadata.type !== library.H5T_class_t.H5T_STRING.value) return undefined
  const bytes = byteLength(open, metadata, what)
  allowance(source, open.mostText).take(bytes, what)
  open.take(bytes, what)
  const texts: string[] = []
  const raw = withMemory(library, bytes, at => {
    if (library.get_attribute_data(file, path, attribute, BigInt(at)) < 0)
      throw damaged(source, `${what}, which cannot be read`)
    if (!metadata.vlen) return
    for (const text of new Uint32Array(library.HEAPU8.buffer, at, bytes / 4))
      texts.push(text === 0 ? '' : library.UTF8ToString(text))
    library.reclaim_vlen_memory(file, path, attribute, BigInt(at))
  })
  return metadata.vlen ? texts : fixedTexts(raw, metadata.size)
}

/** Texts of one length, filled with zeros. They are UTF-8, whatever the file calls them: Python writes them so. */
function fixedTexts(raw: Uint8Array, size: number): readonly string[] {
  const decoder = new TextDecoder()
  return Array.from({ length: Math.floor(raw.length / size) }, (_, at) => {
    const text = raw.subarray(at * size, (at + 1) * size)
    const end = text.indexOf(0)
    return decoder.decode(end < 0 ? text : text.subarray(0, end))
  })
}

/** Memory of the library's own, filled by `fill` and copied. */
function withMemory(library: Library, bytes: number, fill: (at: number) => void): Uint8Array {
  if (bytes === 0) return new Uint8Array()
  const at = library._malloc(bytes)
  if (at === 0) throw new UserError({ what: 'There is not enough memory to read this file.', fix: damagedFix })
  try {
    // What a damaged file does not fill must not be what was there before.
    library.HEAPU8.fill(0, at, at + bytes)
    fill(at)
    return library.HEAPU8.slice(at, at + bytes)
  } finally {
    library._free(at)
  }
}
