/** A model among files that somebody chose in a page: nothing is read but what the model needs. */
import { UserError } from '../base/errors.ts'
import { type BlobLike, isBlob } from '../base/picture.ts'
import { kindOf } from '../base/show.ts'
import type { ChosenFile } from '../preprocess/dataset-from-files.ts'
import { mainOf } from '../store/model-among-files.ts'
import { type OpenedFile, openedBytes } from '../store/model-formats.ts'
import { openedAmong } from '../store/opened-file.ts'

/** Throws UserError where there is no model among them, or more than one. `name` is what messages call a file without a name. */
export async function openedChosen(source: BlobLike | Iterable<ChosenFile>, name: string): Promise<OpenedFile> {
  const files = isBlob(source) ? [source] : [...source]
  const other = files.find(file => !isBlob(file))
  if (files.length === 0 || other !== undefined)
    throw new UserError({
      what: 'A model cannot be loaded from this list.',
      expected: 'a list of File',
      received: other === undefined ? 'an empty list' : `a list with ${kindOf(other)}`,
    })
  const byPath = new Map(files.map(file => [pathOf(file) ?? name, file]))
  const read = async (path: string): Promise<Uint8Array | undefined> => {
    const file = byPath.get(path)
    return file && new Uint8Array(await file.arrayBuffer())
  }
  // One file is meant, whatever it is called.
  const [only, second] = byPath.keys()
  if (second === undefined) return openedBytes((await read(only!))!, only!)
  return openedAmong(read, await mainOf([...byPath.keys()], 'The list of files'))
}

/** Undefined for a `Blob`. */
function pathOf(file: BlobLike): string | undefined {
  const { webkitRelativePath, name } = file as Partial<ChosenFile>
  return webkitRelativePath || name
}
