/**
 * Files on Node's disk. A write goes to a temporary name beside the target and is moved into place, so that a reader (or a
 * machine that loses power) sees the old file or the new one, never half of one.
 */
import { access, appendFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../../base/errors.ts'
import type { Files } from '../../base/host.ts'
import { isFolder } from './paths.ts'

export const nodeFiles: Files = {
  async read(path) {
    const bytes = await orUserError(readFile(path), path, 'read')
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  },
  async write(path, bytes) {
    await orUserError(replace(path, bytes), path, 'written')
  },
  async append(path, content) {
    await orUserError(
      makeFolder(dirname(path)).then(() => appendFile(path, content)),
      path,
      'written',
    )
  },
  exists: path =>
    access(path).then(
      () => true,
      () => false,
    ),
  remove: path => orUserError(rm(path, { force: true }), path, 'removed'),
  async list(folder) {
    try {
      return (await readdir(folder)).sort()
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
      throw error
    }
  },
  join,
}

/** Makes the folder, with its parents; false where something of that name is there already. Only one of several callers gets true. */
export async function claimFolder(folder: string): Promise<boolean> {
  await orUserError(makeFolder(dirname(folder)), folder, 'made')
  const made = mkdir(folder).then(
    () => true,
    error => {
      if (codeOf(error) === 'EEXIST') return false
      throw error
    },
  )
  return orUserError(made, folder, 'made')
}

/** Node's own recursive mkdir never ends where a parent takes no folders, as in /proc. */
async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) await makeFolder(parent)
  await mkdir(folder).catch(async error => {
    // Another process may have been faster.
    if (!(await isFolder(folder))) throw error
  })
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(dirname(path))
  const temporary = `${path}.${process.pid}.part`
  try {
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

const reasons: Record<string, { received: string; fix: string }> = {
  ENOENT: { received: 'no such file or folder', fix: 'check the path' },
  EBUSY: { received: 'a folder, or a file in use', fix: 'name a file' },
  EISDIR: { received: 'a folder', fix: 'name a file in it' },
  EEXIST: { received: 'there is a file where a folder is needed', fix: 'choose another place' },
  ENOTDIR: { received: 'a part of the path is a file, not a folder', fix: 'check the path' },
  EACCES: { received: 'permission denied', fix: 'choose a place you may use, or change its permissions' },
  EPERM: { received: 'operation not permitted', fix: 'choose a place you may use, or change its permissions' },
  EROFS: { received: 'a read-only file system', fix: 'choose another place' },
  ENOSPC: { received: 'the disk is full', fix: 'make room, or choose another place' },
}

async function orUserError<T>(work: Promise<T>, path: string, verb: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    const reason = reasons[codeOf(error)]
    if (!reason) throw error
    throw new UserError({ what: `${path} cannot be ${verb}`, ...reason })
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code)
