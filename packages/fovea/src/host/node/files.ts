/**
 * Files on Node's disk. A write goes to a temporary name beside the target and is moved into place, so that a reader (or a
 * machine that loses power) sees the old file or the new one, never half of one.
 */
import { appendFile, link, lstat, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { UserError } from '../../base/errors.ts'
import type { Files } from '../../base/host.ts'
import { checkFile, isFolder, placeOf } from './paths.ts'
import { readRegular } from './regular-file.ts'
import { told } from './system-errors.ts'

/** The files of this machine. */
export const nodeFiles: Files = {
  read: (path, kind = 'model') => readRegular(path, kind),
  async write(path, bytes) {
    await told(replace(path, bytes), `${path} cannot be written`)
  },
  async append(path, content) {
    await told(add(path, content), `${path} cannot be written`)
  },
  exists: async path => (await placeOf(path)) !== undefined,
  remove: path => told(rm(path, { force: true }), `${path} cannot be removed`),
  async list(folder) {
    const names = readdir(folder).catch(error => {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
      throw error
    })
    return (await told(names, `${folder} cannot be listed`)).sort()
  },
  join,
  async isWithin(folder, path) {
    const [inner, outer] = await told(Promise.all([realpath(path), realpath(folder)]), `${path} cannot be looked at`)
    return inner.startsWith(outer.endsWith(sep) ? outer : outer + sep)
  },
}

/** What stands in a folder, by its name. A `link` leads to a folder; one to a file is a file. */
export interface FolderEntry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
}

/** In no order. Throws UserError where there is no such folder. */
export async function entriesOf(folder: string): Promise<FolderEntry[]> {
  const entries = await told(readdir(folder, { withFileTypes: true }), `${folder} cannot be listed`)
  return Promise.all(
    entries.map(async entry => {
      const { name } = entry
      if (entry.isFile()) return { name, kind: 'file' }
      if (entry.isDirectory()) return { name, kind: 'folder' }
      const place = entry.isSymbolicLink() ? await placeOf(join(folder, name)) : undefined
      return { name, kind: place === 'file' ? 'file' : place === 'folder' ? 'link' : 'other' }
    }),
  )
}

/** Whether both paths lead to one file that is there. */
export async function isSameFile(path: string, other: string): Promise<boolean> {
  const [one, two] = await Promise.all([path, other].map(place => realpath(place).catch(() => undefined)))
  return one !== undefined && one === two
}

/** Makes the folder, with its parents; false where something of that name is there already. Only one of several callers gets true. */
export async function claimFolder(folder: string): Promise<boolean> {
  await told(makeFolder(dirname(folder)), `${folder} cannot be made`)
  const made = mkdir(folder).then(
    () => true,
    error => {
      if (codeOf(error) === 'EEXIST') return false
      throw error
    },
  )
  return told(made, `${folder} cannot be made`)
}

/** Node's own recursive mkdir never ends where a parent takes no folders, as in /proc. */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) await makeFolder(parent)
  await mkdir(folder).catch(async error => {
    // Another process may have been faster.
    if (!(await isFolder(folder))) throw error
  })
}

/**
 * Moves a file to a place where nothing is; nothing is ever replaced. Throws UserError where something is there, and for a symbolic link,
 * which would lead elsewhere.
 */
export async function moveFile(from: string, to: string): Promise<void> {
  await told(moveToFree(from, to), `${from} cannot be moved to ${to}`)
}

async function moveToFree(from: string, to: string): Promise<void> {
  if ((await lstat(from)).isSymbolicLink())
    throw new UserError({ what: `${from} cannot be moved: it is a symbolic link.`, fix: 'Move it by hand.' })
  await makeFolder(dirname(to))
  try {
    // A second name is refused where one is; to rename would replace it.
    await link(from, to)
  } catch (error) {
    const isTaken = codeOf(error) === 'EEXIST' || (await placeOf(to)) !== undefined
    if (isTaken) throw new UserError({ what: `${from} cannot be moved: ${to} is there already.` })
    // A file system without second names.
    await rename(from, to)
    return
  }
  await rm(from)
}

/** Of temporary names: several files may be written at once. */
let written = 0

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(dirname(path))
  const target = await writable(path)
  // A name of its own: with something added to it, a name of the greatest length would be too long.
  const temporary = join(dirname(target), `.${process.pid}-${++written}.part`)
  try {
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}

async function add(path: string, content: string | Uint8Array): Promise<void> {
  await makeFolder(dirname(path))
  await appendFile(await writable(path), content)
}

/** Where to write: a link leads on to its file. A device, which a new file would take the place of, is refused. */
async function writable(path: string): Promise<string> {
  const place = await placeOf(path)
  if (place === undefined) return path
  checkFile(path, place, 'written')
  return realpath(path)
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code)
