/** A folder of pictures where the name of a data set or a recipe was meant: what it is said to be, and how it is trained on. */
import path from 'node:path'
import { UserError } from '../../base/errors.ts'
import { hasPictureEnding } from '../../base/file-kind.ts'
import { shortList } from '../../base/text.ts'
import { entriesOf } from './files.ts'
import { isFolder } from './paths.ts'

/** Throws UserError for a folder with subfolders of pictures, by the names of their files; does nothing for all else. */
export async function refusePictureFolder(place: string, expected: string): Promise<void> {
  if (!(await isFolder(place))) return
  const classes: string[] = []
  for (const { name, kind } of await entriesOf(place))
    if (kind === 'folder' && !name.startsWith('.') && (await holdsPictures(path.join(place, name)))) classes.push(name)
  if (classes.length === 0) return
  throw new UserError({
    what: `${place} is a folder of pictures, not the name of a data set.`,
    expected,
    received: `subfolders ${shortList(classes.sort())}`,
    fix: 'train on it: fovea train FOLDER; in a recipe: "dataset": {"folder": "FOLDER"}; in a program: docs/guide/jobs.md, \'A folder of pictures\'',
  })
}

async function holdsPictures(folder: string): Promise<boolean> {
  return (await entriesOf(folder)).some(({ name, kind }) => kind === 'file' && hasPictureEnding(name))
}
