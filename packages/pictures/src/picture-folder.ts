/**
 * A folder of pictures as people have it: a subfolder for each class, pictures in it and below it, and what systems, editors and
 * websites leave behind. In: its path. Out: the classes with the paths of their files, both in natural order, and what was passed over,
 * with the reason. Files are listed, not decoded: one that is damaged shows when it is read.
 */

import path from 'node:path'
import type { Problem } from 'fovea'
import { checkArguments, path as folderPath } from 'fovea/internal/base/arguments'
import { UserError } from 'fovea/internal/base/errors'
import { hasPictureEnding, kindOfFile } from 'fovea/internal/base/file-kind'
import { naturalOrder, passedOverName } from 'fovea/internal/data/folder-names'
import { entriesOf, type FolderEntry } from 'fovea/internal/host/node/files'
import { readStart } from 'fovea/internal/host/node/regular-file'
import { isReadKind } from './pictures.ts'

/** The pictures of one class. */
export interface PictureClass {
  /** Of its subfolder. */
  readonly name: string
  /** Paths that begin with the folder's. */
  readonly files: readonly string[]
}

/** What is no picture, or lies where no class is. */
export interface SkippedEntry {
  readonly path: string
  /** As a sentence goes on with it: `a hidden file`. */
  readonly reason: string
}

/** A folder of pictures: a subfolder for each class. */
export interface PictureFolder {
  readonly folder: string
  /** Those with pictures; the place of a class is the number of its label. */
  readonly classes: readonly PictureClass[]
  readonly skipped: readonly SkippedEntry[]
}

/** Throws UserError where there is no such folder, or none in it that holds pictures. */
export async function pictureFolder(folder: string): Promise<PictureFolder> {
  checkArguments('pictureFolder', { folder: folderPath }, { folder })
  const skipped: SkippedEntry[] = []
  const classes = await classFolders(folder, skipped)
  if (classes.length === 0) throw noClasses(folder, skipped)
  return { folder, classes, skipped }
}

/** The subfolders that hold pictures; what is passed over is added to `skipped`. */
export async function classFolders(folder: string, skipped: SkippedEntry[]): Promise<PictureClass[]> {
  const classes: PictureClass[] = []
  for (const entry of inOrder(await entriesOf(folder))) {
    const place = path.join(folder, entry.name)
    const reason =
      passedOver(entry) ?? (entry.kind === 'folder' ? undefined : 'it lies beside the folders of the classes')
    const files = reason === undefined ? await picturesBelow(place, skipped) : []
    if (reason !== undefined) skipped.push({ path: place, reason })
    else if (files.length === 0) skipped.push({ path: place, reason: 'a folder without pictures' })
    else classes.push({ name: entry.name.normalize('NFC'), files })
  }
  return classes
}

/** What a folder is in which no class was found. */
export function noClasses(folder: string, skipped: readonly SkippedEntry[]): Error {
  const beside = skipped.some(({ path: place }) => hasPictureEnding(place))
  return new UserError({
    what: `${folder} holds no folder with pictures.`,
    expected: 'a subfolder for each class, with its pictures',
    received: beside
      ? 'pictures without folders'
      : skipped.length === 0
        ? 'an empty folder'
        : 'other files and folders',
    fix: beside
      ? 'make a folder for each class, and move its pictures there'
      : 'name the folder that holds those of the classes',
  })
}

/** What lies in a folder and below it. */
export interface FoundPictures {
  readonly files: readonly string[]
  readonly skipped: readonly SkippedEntry[]
  /** Folders and files that the system refuses. */
  readonly refused: readonly { readonly path: string; readonly problems: readonly Problem[] }[]
}

/**
 * The pictures in a folder and in all folders in it, whatever these are called, in natural order; among them those of kinds that are not
 * read. Throws UserError where there is no such folder.
 */
export async function picturesIn(folder: string): Promise<FoundPictures> {
  const [skipped, refused] = [[] as SkippedEntry[], [] as FoundPictures['refused'][number][]]
  const files = await picturesBelow(folder, skipped, (place, { problems }) => refused.push({ path: place, problems }))
  return { files, skipped, refused }
}

/** Of a folder and of all folders in it; what is passed over is added to `skipped`. What is refused is thrown, or told. */
export async function picturesBelow(
  folder: string,
  skipped: SkippedEntry[],
  tellRefused?: (place: string, error: { readonly problems: readonly Problem[] }) => void,
): Promise<string[]> {
  const files: string[] = []
  for (const entry of inOrder(await entriesOf(folder))) {
    const place = path.join(folder, entry.name)
    try {
      const reason =
        passedOver(entry) ?? (entry.kind === 'file' ? await noPicture(place, tellRefused !== undefined) : undefined)
      if (reason !== undefined) skipped.push({ path: place, reason })
      else if (entry.kind === 'file') files.push(place)
      else for (const file of await picturesBelow(place, skipped, tellRefused)) files.push(file)
    } catch (error) {
      if (!(tellRefused && error instanceof UserError)) throw error
      tellRefused(place, error)
    }
  }
  return files
}

/** Why nobody would look at it; undefined for files and folders that may be meant. */
function passedOver({ name, kind }: FolderEntry): string | undefined {
  const reason = passedOverName(name, kind === 'folder')
  if (reason !== undefined) return reason
  if (kind === 'link') return 'a link to a folder'
  return kind === 'other' ? 'neither a file nor a folder' : undefined
}

/** The names of kinds that are read are believed, all other files are looked into. */
const hasReadEnding = (file: string): boolean => /\.(png|jpe?g|jpe|jfif|webp|gif|tiff?|avif|bmp)$/i.test(file)

/** `orUnread`: what is called as pictures of other kinds are is one too. */
async function noPicture(file: string, orUnread: boolean): Promise<string | undefined> {
  if (hasReadEnding(file) || (orUnread && hasPictureEnding(file))) return undefined
  const start = await readStart(file, 'picture', 64)
  if (isReadKind(start)) return undefined
  const kind = kindOfFile(start, false)
  return kind?.group === 'picture' ? `${kind.name}, which is not read: save it as JPEG` : 'not a picture that is read'
}

const inOrder = (entries: readonly FolderEntry[]): FolderEntry[] =>
  entries.toSorted((a, b) => naturalOrder(a.name, b.name))

/** Paths in the order in which the walk finds them. */
export function pathOrder(a: string, b: string): number {
  const [left, right] = [a, b].map(place => place.split(path.sep)) as [string[], string[]]
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const order = naturalOrder(left[at]!, right[at]!)
    if (order !== 0) return order
  }
  return left.length - right.length
}
