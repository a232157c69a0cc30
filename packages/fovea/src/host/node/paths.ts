/** What a path stands for. */
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { UserError } from '../../base/errors.ts'
import { told } from './system-errors.ts'

export type PathKind = 'file' | 'folder' | 'pipe' | 'socket' | 'device'

export async function isFolder(target: string): Promise<boolean> {
  return (await placeOf(target)) === 'folder'
}

/** False for a folder and where nothing is. Throws UserError for what can never be read as a file: a device, a pipe, a socket. */
export async function isFile(target: string): Promise<boolean> {
  const place = await placeOf(target)
  if (place === undefined) checkNoStream(target)
  else if (place !== 'folder') checkFile(target, place, 'read')
  return place === 'file'
}

/** Undefined only where nothing is there; a place that may not be looked at is an error of its own. Links are followed. */
export async function placeOf(target: string): Promise<PathKind | undefined> {
  try {
    return pathKind(await stat(target))
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    return told(Promise.reject(error), `${target} cannot be looked at`)
  }
}

export function pathKind(found: Stats): PathKind {
  if (found.isFile()) return 'file'
  if (found.isDirectory()) return 'folder'
  if (found.isFIFO()) return 'pipe'
  return found.isSocket() ? 'socket' : 'device'
}

/** Throws UserError for a place that is no regular file. */
export function checkFile(target: string, place: PathKind, use: 'read' | 'written'): void {
  if (place === 'file') return
  throw new UserError({
    what: `${target} cannot be ${use}`,
    expected: 'a regular file',
    received: `a ${place}`,
    fix:
      place === 'folder'
        ? 'name a file in it'
        : use === 'written'
          ? 'name a file on a disk'
          : 'save what it gives to a file, and name that',
  })
}

/** Throws UserError for the name other programs give to standard input. */
export function checkNoStream(target: string): void {
  if (target !== '-') return
  throw new UserError({
    what: 'Standard input is not read',
    expected: 'the name of a file',
    received: '-',
    fix: 'save what comes from it to a file, and name that',
  })
}
