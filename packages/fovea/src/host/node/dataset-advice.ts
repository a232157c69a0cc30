/** What to do where a data set is not here: which files it needs, from which addresses, and in which folders they are looked for. */
import path from 'node:path'
import { type Problem, UserError } from '../../base/errors.ts'
import type { KindOfFile } from '../../base/file-kind.ts'
import type { CatalogEntry, CatalogFile } from '../../data/catalog.ts'
import { otherCopy } from '../../data/other-copy.ts'
import { cacheFolder, datasetCacheFolder } from './cache.ts'
import { SystemRefusal } from './system-errors.ts'

/** The data folder as it was given, and how. */
export interface GivenFolder {
  readonly root: string
  readonly by: string
}

export function givenFolder(dataDir: string | undefined): GivenFolder | undefined {
  if (dataDir) return { root: path.resolve(dataDir), by: 'this path as data folder' }
  const named = process.env['FOVEA_DATA']
  return named ? { root: path.resolve(named), by: 'this path in FOVEA_DATA' } : undefined
}

export function noFolder(entry: CatalogEntry, { root, by }: GivenFolder): UserError {
  return new UserError({
    what: `The data folder ${root} does not exist.`,
    received: by,
    fix: `${whereToPut(entry, path.join(root, entry.name))}\nName another folder with --data-dir (dataDir in code) or FOVEA_DATA, or none to have the files fetched; or use the built-in data set 'shapes'.`,
  })
}

/** `kind`: what the file is, where that is known. */
export function noFolderButFile(
  { name, npz }: CatalogEntry,
  { root, by }: GivenFolder,
  kind: KindOfFile | undefined,
): UserError {
  return new UserError({
    what: `The data folder ${root} is a file.`,
    ...(npz && { expected: `a folder, or ${npz.name} of Keras` }),
    received: kind ? `${by}: ${kind.name}` : by,
    fix: kind?.group === 'instead' ? kind.fix! : `Name the folder that holds the files of ${name}.`,
  })
}

/** `reason`: why the file could not be fetched. */
export function missing(
  entry: CatalogEntry,
  file: CatalogFile,
  urls: readonly string[],
  given: GivenFolder | undefined,
  reason: string,
): UserError {
  const folder = given === undefined ? datasetCacheFolder(entry.name) : path.join(given.root, entry.name)
  return new UserError({
    what: `${file.name} of the data set ${entry.name} was not found and could not be fetched.`,
    expected: `${file.name} in ${folder}, or at ${urls.join(' or ')}`,
    received: reason,
    fix: [whereToPut(entry, folder), otherFolder(entry), ...throughProxy(), shapes].join('\n'),
  })
}

/** Node asks no proxy on its own, where other programs of this machine do. */
function throughProxy(): string[] {
  const name = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY'].find(each => process.env[each])
  const isAsked = process.env['NODE_USE_ENV_PROXY'] === '1'
  return name === undefined || isAsked
    ? []
    : [`This machine goes through a proxy (${name}): Node 24 and newer ask it with NODE_USE_ENV_PROXY=1.`]
}

const shapes = "Or use the built-in data set 'shapes', which needs no files."

function whereToPut(entry: CatalogEntry, folder: string): string {
  const addresses = entry.files.map(file => `    ${entry.hosts[0]}${file.name}`)
  return `Put what these addresses give into the folder ${folder}:\n${addresses.join('\n')}`
}

/** The layout of a data folder. */
function otherFolder({ name, files, format, folder, npz, python }: CatalogEntry): string {
  const unpacked = [name, ...(format === 'cifar' ? [folder] : []), files[0]!.members[0]!.name].join('/')
  const places = [
    `DIR/${name}/${files[0]!.name}`,
    `unpacked as DIR/${unpacked} …`,
    ...(npz ? [`as Keras keeps them (DIR/${name}/${npz.name})`] : []),
    ...(python
      ? [
          `in the version for Python (DIR/${name}/${python.archives[0]}, DIR/${name}/${python.folder}/${python.members[0]!.name} …)`,
        ]
      : []),
  ]
  return `Or name a folder that has them, with --data-dir DIR (dataDir in code) or in the variable FOVEA_DATA. They are looked for as ${places.join(', ')}, and directly in DIR.`
}

/** A cache that cannot be used can lie elsewhere. */
export function withCacheAdvice(error: unknown): unknown {
  if (!(error instanceof SystemRefusal) || !error.problems[0]!.what.includes(cacheFolder())) return error
  return new SystemRefusal(
    error.problems.map(
      (problem): Problem => ({
        ...problem,
        fix: `${problem.fix}. The cache of data sets lies there: the variable FOVEA_CACHE names another folder for it, --data-dir DIR (or FOVEA_DATA) one that has the files.`,
      }),
    ),
  )
}

/** The same error where it is about a file of these in Fovea's own cache, the only ones that nobody else can need. */
export function withCopyAdvice(error: UserError, cached: readonly string[]): UserError {
  if (!cached.some(file => error.message.includes(file))) return error
  const fix =
    'It lies in the cache of Fovea: when the internet may be asked (no --offline, no FOVEA_OFFLINE), it is fetched anew and takes its place.'
  return new UserError(error.problems.map(problem => (problem.fix === otherCopy ? { ...problem, fix } : problem)))
}
