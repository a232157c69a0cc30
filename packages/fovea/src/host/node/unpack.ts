/**
 * Reading data set files packed or plain: gzip is recognised by its first two bytes, not by the name. Archives are streamed
 * member by member, so unpacking one of hundreds of megabytes needs the memory of its largest wanted member.
 */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip, gunzip } from 'node:zlib'
import { UserError } from '../../base/errors.ts'
import { type KindOfFile, kindOfFile } from '../../base/file-kind.ts'
import { inBytes } from '../../base/text.ts'
import { otherCopy } from '../../data/other-copy.ts'
import { readRegular, readStart } from './regular-file.ts'
import { refusalOf } from './system-errors.ts'
import { createTarDecoder } from './tar.ts'

const unzip = promisify(gunzip)

/** Of an archive, unpacked, and of its members: data sets that are known have a sixth of that and ten. */
const [mostBytes, mostMembers] = [2 ** 30, 10_000]

/** As much of a file as says what it is. */
export const START = 4096

/** The file's bytes, unpacked if it is gzip. At most `limit` bytes are unpacked. @throws UserError: damaged, oversized. */
export async function readUnpacked(file: string, limit: number): Promise<Uint8Array> {
  const bytes = await readRegular(file, 'data')
  if (!isGzip(bytes)) return bytes
  try {
    return await unzip(bytes, { maxOutputLength: limit })
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      throw new UserError({
        what: `${file} is oversized.`,
        expected: `at most ${limit} bytes unpacked`,
        received: 'more',
        fix: otherCopy,
      })
    throw refusalOf(error, `${file} cannot be unpacked`) ?? damaged(file, error)
  }
}

/**
 * Walks through a tar archive (gzip or not). `wanted(name)` gives the expected size of a file to be read, undefined to skip
 * it; `use` gets its bytes, which are overwritten afterwards. Names are without folders, and nothing is written to disk. What is unpacked is
 * counted, skipped members too. @throws UserError: damaged, oversized.
 */
export async function readArchive(
  file: string,
  wanted: (name: string) => number | undefined,
  use: (name: string, bytes: Uint8Array) => void,
): Promise<void> {
  const beginning = await readStart(file, 'data', START)
  const kind = beginning.length === 0 ? undefined : kindOfFile(beginning, false)
  if (kind && !['a gzip archive', 'a tar archive'].includes(kind.name)) throw noArchive(file, kind)
  const raw = createReadStream(file, { highWaterMark: 1 << 20 })
  const plain = isGzip(beginning) ? raw.pipe(createGunzip({ chunkSize: 1 << 18 })) : raw
  raw.on('error', error => plain.destroy(error))
  let buffer = new Uint8Array(0)
  try {
    const stream = Readable.toWeb(plain) as ReadableStream<Uint8Array<ArrayBuffer>>
    let members = 0
    for await (const entry of stream.pipeThrough(counted(file)).pipeThrough(createTarDecoder({ strict: true }))) {
      if (++members > mostMembers) throw oversizedArchive(file, `${mostMembers} members`)
      const name = entry.header.name.split('/').at(-1)!
      const size = entry.header.type === 'file' ? wanted(name) : undefined
      if (size === undefined) {
        // Read to the end: with `body.cancel()` the decoder never comes to the next entry.
        for await (const _ of entry.body);
        continue
      }
      // A member of another size than expected is still read whole, so that its user can say what came.
      if (buffer.length < entry.header.size) buffer = new Uint8Array(Math.min(entry.header.size, 2 * size))
      let length = 0
      for await (const chunk of entry.body) {
        if (length + chunk.length > buffer.length) throw oversized(file, name, size, entry.header.size)
        buffer.set(chunk, length)
        length += chunk.length
      }
      use(name, buffer.subarray(0, length))
    }
  } catch (error) {
    throw error instanceof UserError ? error : (refusalOf(error, `${file} cannot be read`) ?? damaged(file, error))
  } finally {
    raw.destroy()
    plain.destroy()
  }
}

/** Lets bytes through until they are too many. */
function counted(file: string): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let unpacked = 0
  return new TransformStream({
    transform(chunk, controller) {
      unpacked += chunk.length
      if (unpacked > mostBytes) throw oversizedArchive(file, `${inBytes(mostBytes)} unpacked`)
      controller.enqueue(chunk)
    },
  })
}

const oversizedArchive = (file: string, most: string): UserError =>
  new UserError({ what: `${file} is oversized.`, expected: `at most ${most}`, received: 'more', fix: otherCopy })

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

function noArchive(file: string, { name, fix = otherCopy }: KindOfFile): UserError {
  return new UserError({
    what: `${file} is no archive of pictures.`,
    expected: 'a tar archive, gzip or not',
    received: name,
    fix,
  })
}

function oversized(file: string, name: string, expected: number, size: number): UserError {
  return new UserError({
    what: `${file}: its member ${name} is oversized.`,
    expected: `${expected} bytes`,
    received: `${size} bytes`,
    fix: otherCopy,
  })
}

function damaged(file: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error)
  const truncated = codeOf(error) === 'Z_BUF_ERROR' || /truncat|unexpected end/i.test(reason)
  return new UserError({
    what: truncated ? `${file} is truncated.` : `${file} is damaged and cannot be unpacked.`,
    received: reason,
    fix: otherCopy,
  })
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code
}
