/**
 * `loadDataset`: a data set by name, from the first place that has it: `dataDir`, `FOVEA_DATA`, the per-user cache, else the
 * internet (into the cache). Each file may be packed or unpacked, in a folder of the data set's name or directly in the given
 * one. Every file is checked unpacked against the catalogue at each load: hashing takes a fraction of the reading.
 */

import path from 'node:path'
import { anyText, checkArguments } from '../../base/arguments.ts'
import { nearest, UserError } from '../../base/errors.ts'
import { kindOfFile } from '../../base/file-kind.ts'
import { specOf } from '../../base/preprocess-spec.ts'
import { abortSignal, boolean, functionOf, list, number, optional, parse, record, text } from '../../base/schema.ts'
import { type CatalogEntry, type CatalogFile, catalog } from '../../data/catalog.ts'
import { checkDataset, type LoadedDataset } from '../../data/dataset.ts'
import { generateShapes } from '../../data/shapes.ts'
import { datasetCacheFolder } from './cache.ts'
import { checkCifarArchive, readCifar } from './cifar-files.ts'
import { givenFolder, missing, noFolder, noFolderButFile, withCacheAdvice, withCopyAdvice } from './dataset-advice.ts'
import { type DownloadProgress, download } from './download.ts'
import { checkIdxFile, readIdxFiles, readNpz } from './idx-files.ts'
import { isFile, isFolder } from './paths.ts'
import { refusePictureFolder } from './picture-folders.ts'
import { readStart } from './regular-file.ts'
import { SystemRefusal } from './system-errors.ts'
import { START } from './unpack.ts'

export { datasetCacheFolder }

/** What `loadDataset` takes. */
export interface LoadDatasetOptions {
  /** Folder with the files, instead of `FOVEA_DATA`; for CIFAR also the archive itself, for MNIST Keras's `mnist.npz`. */
  readonly dataDir?: string | undefined
  /** Never ask the internet. `FOVEA_OFFLINE=1` says the same. */
  readonly offline?: boolean | undefined
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Address prefixes instead of the catalogue's. */
  readonly hosts?: readonly string[] | undefined
  /** Told where each file was found, or put. */
  readonly onFound?: ((paths: readonly string[]) => void) | undefined
  /** Milliseconds without a byte until the next host is tried; 10 s by default. */
  readonly stallMs?: number | undefined
}

const fields = {
  dataDir: optional(text),
  offline: optional(boolean),
  onProgress: optional(functionOf('a progress')),
  signal: optional(abortSignal),
  hosts: optional(list(text, 'address prefixes')),
  onFound: optional(functionOf('paths')),
  stallMs: optional(number({ above: 0, most: 2 ** 31 - 1 })),
}

/** Where one file of a data set was found. `owned`: in the cache, so a damaged one may be fetched anew. */
interface Found {
  readonly path: string
  readonly owned: boolean
}

/** The files of a data set as published, or one file or folder of another program that has all of it. */
type Place = readonly Found[] | { readonly path: string }

/** The names that `loadDataset` knows. */
export function datasetNames(): string[] {
  return [...catalog.map(entry => entry.name), 'shapes']
}

/** The data set whose name a word is nearest to: `fashion` is `fashion-mnist`. */
export function nearestDataset(word: string): string | undefined {
  const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')
  const names = datasetNames()
  const begun = plain(word).length > 2 ? names.find(name => plain(name).startsWith(plain(word))) : undefined
  return begun ?? nearest(plain(word), names)
}

/**
 * Loads `mnist`, `fashion-mnist`, `cifar-10`, `cifar-100` or the generated `shapes`, checked to the last byte.
 * @throws UserError: unknown name, missing and not to be had, damaged, or not the published data.
 */
export async function loadDataset(name: string, options: LoadDatasetOptions = {}): Promise<LoadedDataset> {
  checkArguments('loadDataset', { name: anyText }, { name })
  parse(record(fields), options, 'loadDataset')
  if (name === 'shapes') return generateShapes()
  const entry = catalog.find(each => each.name === name)
  if (entry === undefined) {
    await refusePictureFolder(name, `a data set: ${datasetNames().join(', ')}`)
    const guess = nearestDataset(name)
    throw new UserError({
      what: `There is no data set called ${name}.`,
      expected: datasetNames().join(', '),
      ...(guess === undefined ? {} : { fix: `Did you mean ${guess}?` }),
    })
  }
  try {
    return { ...(await load(entry, options)), preprocess: specOf(entry) }
  } catch (error) {
    throw withCacheAdvice(error)
  }
}

async function load(entry: CatalogEntry, options: LoadDatasetOptions): Promise<LoadedDataset> {
  const place = await locate(entry, options)
  if ('path' in place) {
    options.onFound?.([place.path])
    return checkDataset(await (entry.format === 'cifar' ? readCifar : readNpz)(entry, place.path))
  }
  const found = [...place]
  options.onFound?.(found.map(each => each.path))
  try {
    return checkDataset(await read(entry, found))
  } catch (error) {
    const owned = found.filter(each => each.owned)
    if (!(error instanceof UserError) || error instanceof SystemRefusal || owned.length === 0) throw error
    if (isOffline(options))
      throw withCopyAdvice(
        error,
        owned.map(each => each.path),
      )
    // What the cache holds was right when it came: it is damaged since, and worth one more fetch, which takes its place.
    const damaged = await damagedOf(entry, found)
    if (damaged.length === 0 || damaged.some(each => !each.owned)) throw error
    for (const [index, file] of entry.files.entries())
      if (damaged.includes(found[index]!)) found[index] = await fetchFile(entry, file, options)
    return checkDataset(await read(entry, found))
  }
}

/** The files as published where all of them are here, else what another program keeps; what is nowhere is fetched. */
async function locate(entry: CatalogEntry, options: LoadDatasetOptions): Promise<Place> {
  const folders = await foldersOf(entry, options)
  const here = await Promise.all(entry.files.map(file => find(entry, file, folders)))
  const other = here.includes(undefined) ? await findOther(entry, folders) : undefined
  if (other !== undefined) return { path: other }
  const found: Found[] = []
  for (const [index, file] of entry.files.entries()) found.push(here[index] ?? (await fetchFile(entry, file, options)))
  return found
}

async function foldersOf(
  entry: CatalogEntry,
  options: LoadDatasetOptions,
): Promise<{ path: string; owned: boolean }[]> {
  const folders = []
  const given = givenFolder(options.dataDir)
  if (given) {
    const { root } = given
    // What comes as one file may be named itself.
    if (entry.format !== 'cifar' && (await isFile(root)) && !(await isNpz(entry, root)))
      throw noFolderButFile(entry, given, kindOfFile(await readStart(root, 'data', START), false))
    if (!(await isFolder(root)) && !(await isFile(root))) throw noFolder(entry, given)
    folders.push({ path: path.join(root, entry.name), owned: false }, { path: root, owned: false })
  }
  folders.push({ path: datasetCacheFolder(entry.name), owned: true })
  return folders
}

/** The names one file may have: as published, unpacked, or (pictures and labels) with a dot as some sites pack them. */
async function find(
  entry: CatalogEntry,
  file: CatalogFile,
  folders: readonly { path: string; owned: boolean }[],
): Promise<Found | undefined> {
  for (const folder of folders) {
    if (entry.format === 'cifar') {
      const candidates = [path.join(folder.path, file.name), path.join(folder.path, file.name.replace(/\.gz$/, ''))]
      if (!folder.owned && (await isFile(folder.path))) candidates.unshift(folder.path)
      for (const candidate of candidates) if (await isFile(candidate)) return { path: candidate, owned: folder.owned }
      for (const candidate of [path.join(folder.path, entry.folder), folder.path])
        if (await hasAny(candidate, file.members)) return { path: candidate, owned: folder.owned }
    } else {
      const plain = file.members[0]!.name
      for (const place of ['.', entry.folder])
        for (const name of [file.name, plain, plain.replace('-idx', '.idx')]) {
          const candidate = path.join(folder.path, place, name)
          if (await isFile(candidate)) return { path: candidate, owned: folder.owned }
        }
    }
  }
  return undefined
}

async function hasAny(folder: string, members: readonly { readonly name: string }[]): Promise<boolean> {
  for (const { name } of members) if (await isFile(path.join(folder, name))) return true
  return false
}

/** The data set as another program keeps it: Keras's archive of NumPy, the version of a CIFAR for Python. */
async function findOther(entry: CatalogEntry, folders: readonly { path: string }[]): Promise<string | undefined> {
  const { npz, python } = entry
  for (const { path: folder } of folders) {
    if (npz) {
      if (await isNpz(entry, folder)) return folder
      if (await isFile(path.join(folder, npz.name))) return path.join(folder, npz.name)
    }
    if (!python) continue
    for (const name of [python.folder, path.join(`${python.folder}-target`, python.folder), '.'])
      if (await hasAny(path.join(folder, name), python.members)) return path.join(folder, name)
    for (const name of python.archives) if (await isFile(path.join(folder, name))) return path.join(folder, name)
  }
  return undefined
}

async function isNpz({ npz }: CatalogEntry, file: string): Promise<boolean> {
  if (npz === undefined || !(await isFile(file))) return false
  return /zip archive|\.npz/.test(kindOfFile(await readStart(file, 'data', START), false)?.name ?? '')
}

async function read(entry: CatalogEntry, found: readonly Found[]): Promise<LoadedDataset> {
  const paths = found.map(each => each.path)
  return entry.format === 'cifar' ? readCifar(entry, paths[0]!) : readIdxFiles(entry, paths)
}

async function damagedOf(entry: CatalogEntry, found: readonly Found[]): Promise<Found[]> {
  const damaged: Found[] = []
  for (const [index, each] of found.entries())
    await checkFile(entry, entry.files[index]!, each.path).catch(error => {
      if (!(error instanceof UserError)) throw error
      damaged.push(each)
    })
  return damaged
}

function checkFile(entry: CatalogEntry, file: CatalogFile, filePath: string): Promise<void> {
  return entry.format === 'cifar' ? checkCifarArchive(entry, filePath) : checkIdxFile(file, filePath)
}

async function fetchFile(entry: CatalogEntry, file: CatalogFile, options: LoadDatasetOptions): Promise<Found> {
  const target = path.join(datasetCacheFolder(entry.name), file.name)
  const urls = (options.hosts ?? entry.hosts).map(host => `${host}${file.name}`)
  const given = givenFolder(options.dataDir)
  if (isOffline(options)) throw missing(entry, file, urls, given, 'the internet is not asked (offline)')
  try {
    await download({
      urls,
      target,
      check: part => checkFile(entry, file, part),
      ...(file.bytes === undefined ? {} : { bytes: file.bytes }),
      ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (error instanceof SystemRefusal) throw error
    throw missing(entry, file, urls, given, error.problems[0]!.received ?? error.message)
  }
  return { path: target, owned: true }
}

function isOffline(options: LoadDatasetOptions): boolean {
  return options.offline === true || /^(1|true|yes)$/i.test(process.env['FOVEA_OFFLINE'] ?? '')
}
