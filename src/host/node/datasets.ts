/**
 * `loadDataset`: a data set by name, from the first place that has it: `dataDir`, `FOVEA_DATA`, the per-user cache, else the
 * internet (into the cache). Each file may be packed or unpacked, in a folder of the data set's name or directly in the given
 * one. Every file is checked unpacked against the catalogue at each load: hashing takes a fraction of the reading.
 */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { nearest, UserError } from '../../base/errors.ts'
import { type CatalogEntry, type CatalogFile, catalog } from '../../data/catalog.ts'
import { checkDataset, type Dataset } from '../../data/dataset.ts'
import { generateShapes } from '../../data/shapes.ts'
import { cacheFolder } from './cache.ts'
import { checkCifarArchive, readCifar } from './cifar-files.ts'
import { type DownloadProgress, download } from './download.ts'
import { checkIdxFile, readIdxFiles } from './idx-files.ts'
import { isFile, isFolder } from './paths.ts'

export interface LoadDatasetOptions {
  /** Folder with the files, instead of `FOVEA_DATA`; for CIFAR-10 also the archive itself. */
  readonly dataDir?: string
  /** Never ask the internet. `FOVEA_OFFLINE=1` says the same. */
  readonly offline?: boolean
  readonly onProgress?: (progress: DownloadProgress) => void
  readonly signal?: AbortSignal
  /** Address prefixes instead of the catalogue's. */
  readonly hosts?: readonly string[]
  /** Milliseconds without a byte until the next host is tried; 10 s by default. */
  readonly stallMs?: number
}

/** Where one file of a data set was found. `owned`: in the cache, so a damaged one may be fetched anew. */
interface Found {
  readonly path: string
  readonly owned: boolean
}

export function datasetNames(): string[] {
  return [...catalog.map(entry => entry.name), 'shapes']
}

/**
 * Loads `mnist`, `fashion-mnist`, `cifar-10` or the generated `shapes`, checked to the last byte.
 * @throws UserError: unknown name, missing and not to be had, damaged, or not the published data.
 */
export async function loadDataset(name: string, options: LoadDatasetOptions = {}): Promise<Dataset> {
  if (name === 'shapes') return generateShapes()
  const entry = catalog.find(each => each.name === name)
  if (entry === undefined) {
    const guess = nearest(name, datasetNames())
    throw new UserError({
      what: `There is no data set called ${name}.`,
      expected: datasetNames().join(', '),
      ...(guess === undefined ? {} : { fix: `Did you mean ${guess}?` }),
    })
  }
  const folders = await foldersOf(entry, options)
  const found: Found[] = []
  for (const file of entry.files)
    found.push((await find(entry, file, folders)) ?? (await fetchFile(entry, file, options)))
  try {
    return checkDataset(await read(entry, found))
  } catch (error) {
    const owned = found.filter(each => each.owned)
    if (!(error instanceof UserError) || owned.length === 0 || isOffline(options)) throw error
    // What the cache holds was right when it came: it is damaged since, and worth one more fetch.
    const damaged = await damagedOf(entry, found)
    if (damaged.length === 0 || damaged.some(each => !each.owned)) throw error
    for (const each of damaged) await rm(each.path, { recursive: true, force: true })
    for (const [index, file] of entry.files.entries())
      if (damaged.includes(found[index]!)) found[index] = await fetchFile(entry, file, options)
    return checkDataset(await read(entry, found))
  }
}

/** Folder of the per-user cache in which the files of a data set are looked for, and put when fetched. */
export function datasetCacheFolder(name: string): string {
  return path.join(cacheFolder(), 'datasets', name)
}

async function foldersOf(
  entry: CatalogEntry,
  options: LoadDatasetOptions,
): Promise<{ path: string; owned: boolean }[]> {
  const folders = []
  const given = options.dataDir ?? process.env['FOVEA_DATA']
  if (given) {
    const root = path.resolve(given)
    // Only CIFAR-10 comes as one file, which may be named itself.
    if (entry.format !== 'cifar' && (await isFile(root)))
      throw new UserError({
        what: `The data folder ${root} is a file.`,
        received: options.dataDir === undefined ? 'this path in FOVEA_DATA' : 'this path as data folder',
        fix: `Name the folder that holds the files of ${entry.name}.`,
      })
    if (!(await isFolder(root)) && !(await isFile(root)))
      throw new UserError({
        what: `The data folder ${root} does not exist.`,
        received: options.dataDir === undefined ? 'this path in FOVEA_DATA' : 'this path as data folder',
        fix: `${whereToPut(entry, path.join(root, entry.name))}\nLeave the data folder out to have the files fetched, or use the built-in data set 'shapes'.`,
      })
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
      for (const candidate of [path.join(folder.path, 'cifar-10-batches-bin'), folder.path])
        if (await hasAnyMember(candidate, file)) return { path: candidate, owned: folder.owned }
    } else {
      const plain = file.members[0]!.name
      for (const name of [file.name, plain, plain.replace('-idx', '.idx')]) {
        const candidate = path.join(folder.path, name)
        if (await isFile(candidate)) return { path: candidate, owned: folder.owned }
      }
    }
  }
  return undefined
}

async function hasAnyMember(folder: string, file: CatalogFile): Promise<boolean> {
  for (const member of file.members) if (await isFile(path.join(folder, member.name))) return true
  return false
}

async function read(entry: CatalogEntry, found: readonly Found[]): Promise<Dataset> {
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
  if (isOffline(options)) throw missing(entry, file, urls, options, 'the internet is not asked (offline)')
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
    throw missing(entry, file, urls, options, error.problems[0]!.received ?? error.message)
  }
  return { path: target, owned: true }
}

function isOffline(options: LoadDatasetOptions): boolean {
  return options.offline === true || /^(1|true|yes)$/i.test(process.env['FOVEA_OFFLINE'] ?? '')
}

function missing(
  entry: CatalogEntry,
  file: CatalogFile,
  urls: readonly string[],
  options: LoadDatasetOptions,
  reason: string,
): UserError {
  const given = options.dataDir ?? process.env['FOVEA_DATA']
  const folder = given ? path.join(path.resolve(given), entry.name) : datasetCacheFolder(entry.name)
  return new UserError({
    what: `The data set ${entry.name} is not here: ${file.name} was not found and could not be fetched.`,
    expected: `${file.name} in ${folder}, or at ${urls.join(' or ')}`,
    received: reason,
    fix: `${whereToPut(entry, folder)}\nOr use the built-in data set 'shapes', which needs no files.`,
  })
}

function whereToPut(entry: CatalogEntry, folder: string): string {
  const addresses = entry.files.map(file => `    ${entry.hosts[0]}${file.name}`)
  return `Put what these addresses give into the folder ${folder}:\n${addresses.join('\n')}`
}
