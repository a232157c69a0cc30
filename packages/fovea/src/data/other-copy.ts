/**
 * What to do about a data set file that cannot be used. A reader does not know whose file it is (the user's, another program's,
 * another data set's under the same name), so nothing it says may cost the user the file.
 */
import { kindOfFile } from '../base/file-kind.ts'

export const otherCopy =
  'Copy this file again, if it is a copy of yours. Else leave it to whom it belongs: put the published one into another folder and name that as data folder, or name none to have it fetched.'

/** What came where other bytes were expected: by its name, if it is sure to be something else, and what to do about that. */
export function whatCame(bytes: Uint8Array): { readonly received: string; readonly fix: string } {
  const kind = kindOfFile(bytes)
  // Pixels may look like a model, and data are what they should be.
  if (kind === undefined || kind.group === 'model' || kind.group === 'data')
    return { received: `${bytes.length} bytes`, fix: otherCopy }
  return { received: `${bytes.length} bytes, ${kind.name}`, fix: kind.fix ?? otherCopy }
}
