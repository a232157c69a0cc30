/** Gives a page's user a file, as a download: what saving means where programs have no files. */
import { UserError } from '../../base/errors.ts'

/** Throws UserError outside of a page (in a worker). */
export async function offerDownload(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if (typeof document === 'undefined') {
    throw new UserError({
      what: `${path} cannot be saved: a worker has no page that could offer it as a download`,
      fix: 'take the bytes of toBytes() and post them to the page',
    })
  }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([bytes]))
  link.download = path.split('/').at(-1)!
  link.click()
  // The browser reads the address after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
