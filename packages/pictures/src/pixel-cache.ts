/**
 * Pictures decoded once: the pixels of all files of a set, made to the size that a model takes, in one file on disk, and read from there
 * by rows. In: a folder, the names of its files, a preprocessing specification. Out: a row for each file that can be read, what its
 * content was, and why the others have none. A file that did not change since (size and time) is not opened again; one that did is
 * known by its content (SHA-256), wherever it lies now.
 */
import { createHash, randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import type { PreprocessSpec } from 'fovea/internal/base/preprocess-spec'
import { sizeOf } from 'fovea/internal/base/shape'
import { inBytes } from 'fovea/internal/base/text'
import { keepsPromises } from 'fovea/internal/data/checked-source'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { cacheFolder } from 'fovea/internal/host/node/cache'
import { disk, writeWholeNow } from 'fovea/internal/host/node/disk'
import { makeFolder, nodeFiles } from 'fovea/internal/host/node/files'
import { type PathKind, pathKind } from 'fovea/internal/host/node/paths'
import { readRegular } from 'fovea/internal/host/node/regular-file'
import { SystemRefusal, told } from 'fovea/internal/host/node/system-errors'
import { pictureToInput } from 'fovea/internal/preprocess/input'
import { onOneThreadEach } from './decoder-threads.ts'
import type { DecodeProgress } from './own-dataset.ts'
import type { SkippedEntry } from './picture-folder.ts'
import { signatureBytes, signatureOf, withoutBars } from './picture-signature.ts'
import { decodePicture } from './pictures.ts'
import { type CachedFile, type PixelIndex, readIndex, writeIndex } from './pixel-index.ts'

export interface PixelCacheOptions {
  /** Where the pixels are kept: by default in the user's cache, in `pictures`. */
  readonly cache?: string | undefined
  /** The most bytes that the pixels of the set may take: 20 GiB by default. */
  readonly most?: number | undefined
  /** Told after each file. */
  readonly onProgress?: ((progress: DecodeProgress) => void) | undefined
  /** Aborting keeps what is decoded for the next time. */
  readonly signal?: AbortSignal | undefined
}

/** The pictures of a set as a model takes them. */
export interface PixelCache {
  /** What each picture looks like (`signatureOf`), one after the other; zeros for those that cannot be read. */
  readonly signatures: Uint8Array
  /** As many as file names were given; those that cannot be read say why. */
  readonly files: readonly CachedFile[]
  readonly unread: readonly SkippedEntry[]
  /** The pictures of these files (places in `files`, all of them readable) with their labels. */
  source(chosen: readonly ChosenPicture[], classNames: readonly string[]): PictureSource
}

export interface ChosenPicture {
  readonly index: number
  readonly label: number
}

const defaultMost = 20 * 1024 ** 3

/** Throws UserError where the pixels would take too much room, and as an aborted signal does. */
export async function pixelCache(
  folder: string,
  names: readonly string[],
  spec: PreprocessSpec,
  options: PixelCacheOptions = {},
): Promise<PixelCache> {
  const size = sizeOf(spec.shape)
  checkRoom(names.length, size, spec, options.most ?? defaultMost)
  const home = await homeOf(folder, spec, options.cache)
  const known = await readIndex(home)
  const old = known && (await open(path.join(home, known.pixels)).catch(() => undefined))
  try {
    const found = await statsOf(folder, names)
    const files = old && known ? unchanged(names, found, known.files) : names.map(() => undefined)
    // Nothing is new: the pixels stay where they are.
    if (known && files.every(file => file !== undefined)) {
      options.onProgress?.({ done: names.length, total: names.length, known: names.length })
      return await cacheOf({ folder, names, spec, files, target: path.join(home, known.pixels), rows: known.rows })
    }
    return await renewed(
      { folder, names, spec, home, options },
      found,
      files,
      old && known ? { file: old, known } : undefined,
    )
  } finally {
    await old?.close()
  }
}

interface Job {
  readonly folder: string
  readonly names: readonly string[]
  readonly spec: PreprocessSpec
  readonly home: string
  readonly options: PixelCacheOptions
}

interface OldPixels {
  readonly file: FileHandle
  readonly known: PixelIndex
}

/** A new file of pixels, with what the old one has of them. */
async function renewed(
  { folder, names, spec, home, options }: Job,
  found: readonly (FileStat | undefined)[],
  same: readonly (CachedFile | undefined)[],
  old: OldPixels | undefined,
): Promise<PixelCache> {
  const { onProgress, signal } = options
  const size = sizeOf(spec.shape)
  const pixels = `${randomUUID()}.pixels`
  const target = path.join(home, pixels)
  await told(makeFolder(home), `${home} cannot be made`)
  const file = await told(disk.open(target, 'wx+'), `${target} cannot be written`)
  const byContent = new Map(old?.known.files.flatMap(each => (each.row < 0 ? [] : [[each.sha256, each] as const])))
  const files = new Array<CachedFile | undefined>(names.length)
  let [done, known] = [0, 0]
  /** Rows are places in the list: the file is written at any place. Signatures follow behind all pixels. */
  const keep = (index: number, about: Omit<CachedFile, 'row' | 'name'>, row: Row | undefined) => {
    if (row) {
      writeWholeNow(file, row.pixels, index * size)
      writeWholeNow(file, row.signature, names.length * size + index * signatureBytes)
    }
    files[index] = { ...about, name: names[index]!, row: row ? index : -1 }
  }
  const copied = async ({ row }: CachedFile): Promise<Row | undefined> => {
    if (row < 0) return undefined
    const read = async (length: number, at: number) =>
      (await old!.file.read(new Uint8Array(length), 0, length, at)).buffer
    const signature = await read(signatureBytes, old!.known.rows * size + row * signatureBytes)
    return { pixels: await read(size, row * size), signature }
  }
  const one = async (index: number): Promise<void> => {
    const about = same[index]
    if (about) {
      keep(index, about, await copied(about))
      known++
    } else {
      const read = await decoded(path.join(folder, names[index]!), spec, found[index], async sha256 => {
        const twin = byContent.get(sha256)
        const row = twin && (await copied(twin))
        return twin && row && { about: twin, row }
      })
      keep(index, read.about, read.row)
      if (read.isKnown) known++
    }
    onProgress?.({ done: ++done, total: names.length, known })
  }
  try {
    await told(eachOf(names.length, one, signal), `${target} cannot be written`)
    // Before the index names it: no index knows pixels that a loss of power takes away.
    await told(disk.sync(file), `${target} cannot be written`)
  } catch (error) {
    // What is decoded is kept, unless there is no room even for that.
    const kept = files.filter(each => each !== undefined)
    if (signal?.aborted && (await isFlushed(file))) await writeIndex(home, { pixels, rows: names.length, files: kept })
    else await disk.remove(target).catch(() => {})
    throw error
  } finally {
    await told(disk.close(file), `${target} cannot be written`)
  }
  const all = files as CachedFile[]
  await writeIndex(home, { pixels, rows: names.length, files: all })
  await removeOthers(home, pixels)
  return cacheOf({ folder, names, spec, files: all, target, rows: names.length })
}

const isFlushed = (file: FileHandle): Promise<boolean> =>
  disk.sync(file).then(
    () => true,
    () => false,
  )

/** After an abort no new one is begun. */
async function eachOf(count: number, work: (index: number) => Promise<void>, signal: AbortSignal | undefined) {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count && !signal?.aborted) await work(next++)
  }
  const lanes = () => Promise.all(Array.from({ length: availableParallelism() + 1 }, lane))
  await onOneThreadEach(lanes)
  signal?.throwIfAborted()
}

interface Row {
  readonly pixels: Uint8Array
  readonly signature: Uint8Array
}

interface DecodedFile {
  readonly about: Omit<CachedFile, 'row' | 'name'>
  /** None where the file cannot be read. */
  readonly row: Row | undefined
  readonly isKnown: boolean
}

type Twin = (sha256: string) => Promise<{ readonly about: CachedFile; readonly row: Row } | undefined>

async function decoded(
  place: string,
  spec: PreprocessSpec,
  found: FileStat | undefined,
  twin: Twin,
): Promise<DecodedFile> {
  const at = { size: found?.size ?? 0, time: found?.time ?? 0 }
  let sha256 = ''
  try {
    const bytes = await readRegular(place, 'picture', found?.kind)
    sha256 = createHash('sha256').update(bytes).digest('base64')
    const known = await twin(sha256)
    if (known) return { about: { ...known.about, ...at }, row: known.row, isKnown: true }
    const picture = await decodePicture(bytes, place)
    const { width, height, channels } = picture
    const { pixels } = pictureToInput(picture, spec)
    const signature = signatureOf(...withoutBars(pixels, spec, picture))
    return { about: { ...at, sha256, width, height, isGrey: channels < 3 }, row: { pixels, signature }, isKnown: false }
  } catch (error) {
    if (!(error instanceof UserError) || (error instanceof SystemRefusal && /memory/.test(error.message))) throw error
    return {
      about: { ...at, sha256, width: 0, height: 0, isGrey: false, problem: reasonOf(error, place) },
      row: undefined,
      isKnown: false,
    }
  }
}

/** `is a damaged JPEG file (it is truncated)`: the first sentence of an error, without the name of the file. */
function reasonOf({ problems: [first] }: UserError, place: string): string {
  const { what, received } = first!
  const said = what.replace(place, '').replace(path.basename(place), '').trim().replace(/\.$/, '')
  return received === undefined ? said : `${said} (${received})`
}

interface FileStat {
  readonly size: number
  /** Of the last change, in milliseconds. */
  readonly time: number
  readonly kind: PathKind
}

/** Some at a time: of a hundred thousand at once, what waits would take more memory than all else. */
async function statsOf(folder: string, names: readonly string[]): Promise<(FileStat | undefined)[]> {
  const found: (FileStat | undefined)[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < names.length) {
      const index = next++
      found[index] = await statOf(path.join(folder, names[index]!))
    }
  }
  await Promise.all(Array.from({ length: 32 }, lane))
  return found
}

async function statOf(place: string): Promise<FileStat | undefined> {
  return stat(place).then(
    found => ({ size: found.size, time: found.mtimeMs, kind: pathKind(found) }),
    () => undefined,
  )
}

/** What the cache knows of files that are as they were. */
function unchanged(
  names: readonly string[],
  found: readonly (FileStat | undefined)[],
  known: readonly CachedFile[],
): (CachedFile | undefined)[] {
  const byName = new Map(known.map(file => [file.name, file]))
  return names.map((name, index) => {
    const [file, now] = [byName.get(name), found[index]]
    return file && now && file.size === now.size && file.time === now.time ? file : undefined
  })
}

interface WrittenCache extends Pick<Job, 'folder' | 'names' | 'spec'> {
  readonly files: readonly CachedFile[]
  readonly target: string
  /** Places for pixels, behind which the signatures begin. */
  readonly rows: number
}

async function cacheOf({ folder, names, spec, files, target, rows }: WrittenCache): Promise<PixelCache> {
  const size = sizeOf(spec.shape)
  const read = rowReader(target, size)
  return {
    files,
    signatures: await signaturesOf(target, files, rows, size),
    unread: files.flatMap(({ problem }, index) =>
      problem === undefined ? [] : [{ path: path.join(folder, names[index]!), reason: problem }],
    ),
    source(chosen, classNames) {
      const rows = Int32Array.from(chosen, ({ index }) => files[index]!.row)
      return keepsPromises({
        shape: spec.shape,
        classNames,
        count: chosen.length,
        labels: Int32Array.from(chosen, ({ label }) => label),
        names: chosen.map(({ index }) => names[index]!),
        preprocess: spec,
        read: (indices, into) =>
          read(
            indices.map(index => rows[index]!),
            into,
          ),
      })
    },
  }
}

async function signaturesOf(target: string, files: readonly CachedFile[], rows: number, size: number) {
  const stored = new Uint8Array(rows * signatureBytes)
  const file = await told(open(target, 'r'), `${target} cannot be read`)
  // Where the last picture cannot be read, nothing is written behind those before.
  await file.read(stored, 0, stored.length, rows * size).finally(() => file.close())
  const signatures = new Uint8Array(files.length * signatureBytes)
  files.forEach(({ row }, index) => {
    if (row >= 0)
      signatures.set(stored.subarray(row * signatureBytes, (row + 1) * signatureBytes), index * signatureBytes)
  })
  return signatures
}

/** Files that nobody reads from any more are closed. */
const forgotten = new FinalizationRegistry<number>(closeSync)

/** Reads rows; neighbours together. It waits for the disk: a row of a file that was read before is there in microseconds. */
function rowReader(pixels: string, size: number): (rows: Int32Array, into: Uint8Array) => void {
  const descriptor = openSync(pixels, 'r')
  const read = (rows: Int32Array, into: Uint8Array): void => {
    for (let at = 0; at < rows.length; ) {
      let count = 1
      while (at + count < rows.length && rows[at + count] === rows[at]! + count) count++
      const length = readSync(descriptor, into, at * size, count * size, rows[at]! * size)
      if (length < count * size) throw cutOff(pixels)
      at += count
    }
  }
  forgotten.register(read, descriptor)
  return read
}

function cutOff(pixels: string): UserError {
  return new UserError({
    what: `The kept pixels of this set end too early: ${pixels}.`,
    fix: 'move its folder elsewhere; the pictures are then decoded again',
  })
}

function checkRoom(count: number, size: number, { shape }: PreprocessSpec, most: number): void {
  if (count * size <= most) return
  throw new UserError({
    what: `The pixels of ${count} pictures of ${shape.join('×')} take too much room on disk.`,
    expected: `at most ${inBytes(most)}`,
    received: inBytes(count * size),
    fix: 'take a smaller size, or allow more room',
  })
}

/** A folder for each set and way of decoding. Sets that were copied elsewhere are decoded anew. */
async function homeOf(folder: string, spec: PreprocessSpec, cache = path.join(cacheFolder(), 'pictures')) {
  const { default: sharp } = await import('sharp')
  const set = await told(realpath(folder), `${folder} cannot be looked at`)
  const key = createHash('sha256')
    .update(JSON.stringify([set, spec, sharp.versions]))
    .digest('hex')
    .slice(0, 16)
  return path.join(cache, `${path.basename(set).slice(0, 40)}-${key}`)
}

/** Pixels that no index names any more. Whoever still reads them can go on; where the system forbids that, they go the next time. */
async function removeOthers(home: string, pixels: string): Promise<void> {
  const names = await readdir(home)
  const others = names.filter(name => name.endsWith('.pixels') && name !== pixels)
  await Promise.all(others.map(name => nodeFiles.remove(path.join(home, name)).catch(() => {})))
}
