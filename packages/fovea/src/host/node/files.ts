/**
 * Files on Node's disk. A write goes to a temporary name beside the target, is flushed and moved into place, and the folder is flushed: a
 * reader, or a machine that loses power, sees the old file or the new one, never half of one. What is added to a file is all there or not
 * at all, and is flushed before a file beside it is replaced: a checkpoint never knows more than the story of its run.
 */
import { type FileHandle, lstat, readdir, realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { UserError } from '../../base/errors.ts'
import type { Files } from '../../base/host.ts'
import { disk, writeWhole } from './disk.ts'
import { lockFolder } from './folder-lock.ts'
import { checkFile, isFolder, placeOf } from './paths.ts'
import { readRegular } from './regular-file.ts'
import { ownProcess } from './running.ts'
import { told } from './system-errors.ts'

/** The files of this machine. */
export const nodeFiles: Files = {
  read: (path, kind = 'model') => readRegular(path, kind),
  async write(path, bytes, former) {
    await told(replace(path, bytes, former), `${path} cannot be written`)
  },
  async append(path, content) {
    await told(add(path, content), `${path} cannot be written`)
  },
  exists: async path => (await placeOf(path)) !== undefined,
  remove: path => told(disk.remove(path), `${path} cannot be removed`),
  async list(folder) {
    const names = readdir(folder).catch(error => {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
      throw error
    })
    return (await told(names, `${folder} cannot be listed`)).sort()
  },
  lock: folder => lockFolder(nodeFiles, folder),
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
  const made = disk.makeFolder(folder).then(
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
  try {
    await disk.makeFolder(folder)
  } catch (error) {
    // Another process may have been faster.
    if (!(await isFolder(folder))) throw error
  }
  await disk.syncFolder(parent)
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
    await disk.link(from, to)
  } catch (error) {
    const isTaken = codeOf(error) === 'EEXIST' || (await placeOf(to)) !== undefined
    if (isTaken) throw new UserError({ what: `${from} cannot be moved: ${to} is there already.` })
    // A file system without second names.
    await disk.rename(from, to)
    return
  }
  await disk.remove(from)
}

/** Of temporary names: several files may be written at once. */
let temporaries = 0

/** A name of its own: with something added to it, a name of the greatest length would be too long. */
const temporaryIn = (folder: string): string => join(folder, `.${ownProcess()}-${++temporaries}.part`)

async function replace(path: string, bytes: Uint8Array, former: string | undefined): Promise<void> {
  await makeFolder(dirname(path))
  const target = await writable(path)
  const folder = dirname(target)
  const temporary = temporaryIn(folder)
  try {
    await written(await disk.open(temporary, 'wx'), file => writeWhole(file, bytes))
    if (former !== undefined) {
      await prove(temporary, bytes)
      await keep(target, former)
    }
    await flushAdded(folder)
    await disk.rename(temporary, target)
  } catch (error) {
    await disk.remove(temporary).catch(() => {})
    throw error
  }
  await disk.syncFolder(folder)
}

/** The work on an open file, flushed; the file is closed in any case. */
async function written(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file)
    await disk.sync(file)
  } catch (error) {
    await disk.close(file).catch(() => {})
    throw error
  }
  await disk.close(file)
}

/** A disk may take what it does not give back. */
async function prove(path: string, bytes: Uint8Array): Promise<void> {
  const back = await readRegular(path, 'model')
  if (Buffer.compare(back, bytes) === 0) return
  throw Object.assign(new Error('what was written comes back as something else'), { code: 'EIO', syscall: 'read' })
}

/** What lies there gets this name too, so that no moment is without it. */
async function keep(target: string, former: string): Promise<void> {
  if ((await placeOf(target)) === undefined) return
  const second = temporaryIn(dirname(target))
  try {
    await disk.link(target, second)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EOPNOTSUPP'].includes(codeOf(error))) throw error
    // A file system without second names.
    return disk.rename(target, former)
  }
  try {
    await disk.rename(second, former)
  } finally {
    // Of two names of one file, as a process leaves them that is ended right here, the system moves neither.
    await disk.remove(second).catch(() => {})
  }
}

/** Files that were added to since they were flushed, by their folder. */
const added = new Map<string, Set<string>>()

async function add(path: string, content: string | Uint8Array): Promise<void> {
  await makeFolder(dirname(path))
  const target = await writable(path)
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const file = await disk.open(target, 'a')
  try {
    const { size } = await file.stat()
    await writeWhole(file, bytes).catch(async error => {
      // Half a line would be in the way of the next one.
      await disk.truncate(file, size).catch(() => {})
      throw error
    })
  } finally {
    await disk.close(file)
  }
  const folder = dirname(target)
  added.set(folder, (added.get(folder) ?? new Set()).add(target))
}

async function flushAdded(folder: string): Promise<void> {
  const paths = added.get(folder) ?? []
  added.delete(folder)
  for (const path of paths) {
    // It may have been moved or removed since.
    if ((await placeOf(path)) === 'file') await written(await disk.open(path, 'a'), async () => {})
  }
}

/** Where to write: a link leads on to its file. A device, which a new file would take the place of, is refused. */
async function writable(path: string): Promise<string> {
  const place = await placeOf(path)
  if (place === undefined) return path
  checkFile(path, place, 'written')
  return realpath(path)
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code)
