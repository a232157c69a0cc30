/** A folder of pictures where the name of a data set or a recipe was meant: what it is said to be, and how it is trained on. */
import path from 'node:path'
import { UserError } from '../../base/errors.ts'
import { hasPictureEnding } from '../../base/file-kind.ts'
import { shortList } from '../../base/text.ts'
import { entriesOf } from './files.ts'
import { isFolder } from './paths.ts'

/** Where the docs show how. */
const page = "the docs have the program: docs/guide/jobs.md, 'A folder of pictures'"

/** Throws UserError for a folder with subfolders of pictures, by the names of their files; does nothing for all else. */
export async function refusePictureFolder(place: string, expected: string): Promise<void> {
  if (!(await isFolder(place))) return
  const classes: string[] = []
  for (const { name, kind } of await entriesOf(place))
    if (kind === 'folder' && !name.startsWith('.') && (await holdsPictures(path.join(place, name)))) classes.push(name)
  if (classes.length > 0) throw pictureFolderError(place, expected, `subfolders ${shortList(classes.sort())}`)
}

export function pictureFolderError(place: string, expected: string, received: string): UserError {
  return new UserError({
    what: `${place} is a folder of pictures, which is not trained on by its name.`,
    expected,
    received,
    fix: `train on it with a program, as a picture source; ${page}`,
  })
}

async function holdsPictures(folder: string): Promise<boolean> {
  return (await entriesOf(folder)).some(({ name, kind }) => kind === 'file' && hasPictureEnding(name))
}
