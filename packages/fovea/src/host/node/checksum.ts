/** SHA-256 of bytes, and the check of an unpacked data set file against the catalogue. */
import { createHash, getHashes } from 'node:crypto'
import { UserError } from '../../base/errors.ts'
import { type CatalogMember, catalog } from '../../data/catalog.ts'
import { otherCopy } from '../../data/other-copy.ts'

export function fileSha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Whether the bytes have this MD5, which guards against damage alone; false where the system has switched MD5 off (FIPS). */
export function hasMd5(bytes: Uint8Array, md5: string): boolean {
  return getHashes().includes('md5') && createHash('md5').update(bytes).digest('hex') === md5
}

/** `file` names the place in errors. @throws UserError when the bytes are not those published. */
export function checkMember(bytes: Uint8Array, member: CatalogMember, file: string): void {
  if (bytes.length !== member.bytes)
    throw new UserError({
      what: `${file} is ${bytes.length < member.bytes ? 'truncated' : 'oversized'}.`,
      expected: `${member.bytes} bytes unpacked, as published`,
      received: `${bytes.length} bytes`,
      fix: otherCopy,
    })
  const found = fileSha256(bytes)
  if (found === member.sha256) return
  const owner = catalog.find(entry => entry.files.some(each => each.members.some(one => one.sha256 === found)))
  throw new UserError({
    what: `${file} does not hold the published data.`,
    expected: `SHA-256 ${member.sha256}`,
    received: `SHA-256 ${found}${owner === undefined ? '' : `, a file of ${owner.name}`}`,
    fix:
      owner === undefined
        ? otherCopy
        : `Keep it: ${owner.name} needs it. Move it into a folder called ${owner.name}: the files of two data sets have the same names, and each is looked for in the folder of its own name first.`,
  })
}
