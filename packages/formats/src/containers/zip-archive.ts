/**
 * The members of a zip archive, read by zip.js without its web workers. In: the bytes of an archive. Out: its members by name, each
 * unpacked when it is asked for. Sizes are known before anything is unpacked and counted while it is, checksums are compared, and an
 * archive that two programs could read differently is refused: two members of one name, names that lead out of a folder.
 */
import {
  configure,
  type Entry,
  type FileEntry,
  Uint8ArrayReader,
  ZipReader,
} from '@zip.js/zip.js/lib/zip-core-native.js'
import { UserError } from 'fovea/internal/base/errors'
import { mostUnpacked } from 'fovea/internal/base/packed-size'
import { allowance, damaged, damagedFix, type LimitedFile, limitsOf } from './limits.ts'

export interface ZipArchive {
  /** Of all members that are files, as the archive gives them; `\` of Windows is `/` here. */
  readonly names: readonly string[]
  /** Undefined where there is no such member. Throws UserError for one of more than `most` bytes, and for a damaged one. */
  read(name: string, most?: number): Promise<Uint8Array | undefined>
}

const mostMembers = 10_000

/** Throws UserError for a damaged archive. */
export async function openZip({ bytes, source, limits }: LimitedFile): Promise<ZipArchive> {
  configure({ useWebWorkers: false })
  const entries = await entriesOf(bytes, source)
  const members = new Map<string, FileEntry>()
  for (const entry of entries) {
    if (entry.directory) continue
    const name = entry.filename.replaceAll('\\', '/')
    if (members.has(name)) throw damaged(source, `two members called ${name}`)
    if (name.startsWith('/') || name.includes(':') || name.split('/').includes('..'))
      throw damaged(source, `a member called ${name}, which leads out of the archive`)
    if (!hasOneName(bytes, entry))
      throw damaged(source, `a member that is called ${name} in one place and otherwise in another`)
    members.set(name, entry)
  }
  const all = allowance(source, limitsOf({ limits }).bytes)
  return {
    names: [...members.keys()],
    async read(name, most) {
      const entry = members.get(name)
      if (!entry) return undefined
      if (most !== undefined && entry.uncompressedSize > most)
        allowance(source, most).take(entry.uncompressedSize, name)
      if (entry.uncompressedSize > mostUnpacked(entry.compressedSize))
        throw damaged(source, `${name} of ${entry.compressedSize} bytes, said to be ${entry.uncompressedSize}`)
      all.take(entry.uncompressedSize, name)
      return unpacked(entry, `${source}: ${name}`)
    },
  }
}

async function entriesOf(bytes: Uint8Array, source: string): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  try {
    const reader = new ZipReader(new Uint8ArrayReader(bytes))
    for await (const entry of reader.getEntriesGenerator()) {
      if (entries.length === mostMembers) throw new Error(`more than ${mostMembers} members`)
      entries.push(entry)
    }
  } catch (error) {
    throw damaged(source, `a zip archive whose list of members cannot be read (${reasonOf(error)})`)
  }
  return entries
}

/** A member has its name in the directory and in front of its bytes (at 30 of its header; its length at 26). */
function hasOneName(bytes: Uint8Array, { offset, rawFilename }: FileEntry): boolean {
  const header = bytes.subarray(offset, offset + 30)
  const length = (header[26] ?? 0) + 256 * (header[27] ?? 0)
  const name = bytes.subarray(offset + 30, offset + 30 + length)
  return name.length === rawFilename.length && rawFilename.every((byte, at) => byte === name[at])
}

/** The directory gives the size: no more than it is ever held. */
async function unpacked(entry: FileEntry, source: string): Promise<Uint8Array> {
  if (entry.encrypted)
    throw new UserError({
      what: `${source} is encrypted.`,
      fix: 'Unpack the archive with its password, and name the file in it.',
    })
  const content = new Uint8Array(entry.uncompressedSize)
  let filled = 0
  const writable = new WritableStream<Uint8Array>({
    write(piece) {
      if (filled + piece.length > content.length) throw new Error('more bytes than the archive says')
      content.set(piece, filled)
      filled += piece.length
    },
  })
  try {
    await entry.getData(writable, { checkSignature: true, checkOverlappingEntry: true, useWebWorkers: false })
  } catch (error) {
    throw new UserError({
      what: `${source} is damaged and cannot be unpacked.`,
      received: reasonOf(error),
      fix: damagedFix,
    })
  }
  if (filled === content.length) return content
  throw damaged(source, `${filled} bytes instead of ${content.length}`)
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
