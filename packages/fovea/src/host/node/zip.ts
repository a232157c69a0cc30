/**
 * Members of a zip archive by name, as far as NumPy's archives (`.npz`) need it: stored or deflated, sizes below 4 GiB. In: the bytes of
 * the archive. Out: the bytes of its members. Nothing is unpacked beyond the size that the directory gives and the caller allows. Node
 * brings the unpacking itself, so the directory is all that is left to read, and no library is copied for it.
 * Source: PKWARE's APPNOTE.TXT 6.3.10 (4.3.7, 4.3.12, 4.3.16).
 */
import { promisify } from 'node:util'
import { crc32, inflateRaw } from 'node:zlib'
import { UserError } from '../../base/errors.ts'
import { kindOfFile } from '../../base/file-kind.ts'
import { mostUnpacked } from '../../base/packed-size.ts'
import { otherCopy } from '../../data/other-copy.ts'
import { refusalOf } from './system-errors.ts'

const inflate = promisify(inflateRaw)

interface Member {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  /** Of its header in front of the bytes. */
  readonly at: number
}

/** Signatures, and how long what they begin is without names and remarks. */
const [endMark, end] = [0x06054b50, 22]
const [entryMark, entry] = [0x02014b50, 46]
const [memberMark, member] = [0x04034b50, 30]
const longestRemark = 0xffff

/** The member of this name, of at most `most` bytes. `file` names the archive in errors. @throws UserError: missing, damaged, too large. */
export async function zipMember(bytes: Uint8Array, name: string, most: number, file: string): Promise<Uint8Array> {
  const damaged = (received: string): UserError =>
    new UserError({ what: `${file} is damaged and cannot be unpacked.`, received, fix: otherCopy })
  const members = directoryOf(bytes)
  if (members === undefined) throw damaged(kindOfFile(bytes)?.name ?? 'a file without a list of members')
  const [found, twin] = members.filter(each => each.name === name)
  if (twin !== undefined) throw damaged(`two members called ${name}`)
  if (found === undefined)
    throw new UserError({
      what: `${file} has no member ${name}.`,
      received: members.map(each => each.name).join(', '),
      fix: otherCopy,
    })
  if (found.size > most)
    throw new UserError({
      what: `${file}: its member ${name} is oversized.`,
      expected: `at most ${most} bytes`,
      received: `${found.size} bytes`,
      fix: otherCopy,
    })
  if (found.size > mostUnpacked(found.packed))
    throw damaged(`${name} of ${found.packed} bytes, said to be ${found.size}`)
  const packed = packedBytes(bytes, found)
  if (packed === undefined) throw damaged(`${name} lies beyond the end, or is packed in another way`)
  const unpacked = found.method === 0 ? packed : await inflated(packed, found.size, file, damaged)
  if (unpacked.length !== found.size || crc32(unpacked) !== found.crc) throw damaged(`${name} has a wrong checksum`)
  return unpacked
}

async function inflated(
  packed: Uint8Array,
  size: number,
  file: string,
  damaged: (received: string) => UserError,
): Promise<Uint8Array> {
  try {
    return await inflate(packed, { maxOutputLength: Math.max(1, size) })
  } catch (error) {
    const isDamage = error instanceof Error && 'code' in error && /^(Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code))
    throw isDamage ? damaged(error.message) : (refusalOf(error, `${file} cannot be unpacked`) ?? error)
  }
}

/** The list at the end; undefined where there is none that lies within the file. */
function directoryOf(bytes: Uint8Array): Member[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = bytes.length - end
  const first = Math.max(0, at - longestRemark)
  while (at >= first && view.getUint32(at, true) !== endMark) at--
  if (at < first) return undefined
  const count = view.getUint16(at + 10, true)
  let next = view.getUint32(at + 16, true)
  const members: Member[] = []
  while (members.length < count) {
    if (next + entry > at || view.getUint32(next, true) !== entryMark) return undefined
    const nameEnd = next + entry + view.getUint16(next + 28, true)
    members.push({
      name: new TextDecoder().decode(new Uint8Array(bytes.subarray(next + entry, nameEnd))),
      method: view.getUint16(next + 10, true),
      crc: view.getUint32(next + 16, true),
      packed: view.getUint32(next + 20, true),
      size: view.getUint32(next + 24, true),
      at: view.getUint32(next + 42, true),
    })
    next = nameEnd + view.getUint16(next + 30, true) + view.getUint16(next + 32, true)
  }
  return members
}

/** Behind the member's own header, whose name and remarks may be longer than the directory's. */
function packedBytes(bytes: Uint8Array, { method, packed, at }: Member): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (at + member > bytes.length || view.getUint32(at, true) !== memberMark) return undefined
  const begin = at + member + view.getUint16(at + 26, true) + view.getUint16(at + 28, true)
  return begin + packed > bytes.length || (method !== 0 && method !== 8)
    ? undefined
    : bytes.subarray(begin, begin + packed)
}
