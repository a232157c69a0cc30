/**
 * Reading the files that users name. Regular files only, and of a size that such a file can have: a device never ends, a pipe may
 * never begin, and both are seen before a byte is read or memory is taken.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { UserError } from '../../base/errors.ts'
import type { FileKind } from '../../base/host.ts'
import { inBytes } from '../../base/text.ts'
import { checkFile, checkNoStream, type PathKind, pathKind, placeOf } from './paths.ts'
import { told } from './system-errors.ts'

const MB = 1024 ** 2
const GB = 1024 ** 3

/** The most bytes that are read of a file of each kind, far above what is in use. */
const limits: Readonly<Record<FileKind, { readonly most: number; readonly of: string }>> = {
  picture: { most: 512 * MB, of: 'a picture' },
  text: { most: 64 * MB, of: 'a configuration or a table' },
  events: { most: GB, of: 'the events of a run' },
  data: { most: 4 * GB, of: 'a data set file' },
  model: { most: 4 * GB, of: 'a model' },
}

/** The system's own reads take at most 2 GiB. */
const CHUNK = 256 * MB

/**
 * The whole file. `seen`: what lies there, for those who looked already. Throws UserError for what is no regular file, what is too large,
 * and what the system refuses.
 */
export async function readRegular(path: string, kind: FileKind, seen?: PathKind): Promise<Uint8Array<ArrayBuffer>> {
  return told(readChecked(path, kind, seen), `${path} cannot be read`)
}

/** At most so many bytes of its beginning. Throws UserError where `readRegular` would. */
export async function readStart(path: string, kind: FileKind, most: number): Promise<Uint8Array> {
  const start = async (): Promise<Uint8Array> => {
    const { file } = await openChecked(path, kind)
    try {
      const { bytesRead, buffer } = await file.read(new Uint8Array(most), 0, most, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }
  return told(start(), `${path} cannot be read`)
}

async function readChecked(path: string, kind: FileKind, seen?: PathKind): Promise<Uint8Array<ArrayBuffer>> {
  const { file, size } = await openChecked(path, kind, seen)
  try {
    const bytes = new Uint8Array(size)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, Math.min(CHUNK, bytes.length - length), length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return length === bytes.length ? bytes : bytes.slice(0, length)
  } finally {
    await file.close()
  }
}

async function openChecked(path: string, kind: FileKind, seen?: PathKind) {
  // Opening a device or a pipe may already do something, or wait: it is looked at before, and once more when it is open.
  const place = seen ?? (await placeOf(path))
  if (place !== undefined) checkFile(path, place, 'read')
  else checkNoStream(path)
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const found = await file.stat()
    checkFile(path, pathKind(found), 'read')
    const { most, of } = limits[kind]
    if (found.size > most)
      throw new UserError({
        what: `${path} is too large for ${of}`,
        expected: `at most ${inBytes(most)}`,
        received: inBytes(found.size),
        fix: 'check that it is the right file',
      })
    return { file, size: found.size }
  } catch (error) {
    await file.close()
    throw error
  }
}
