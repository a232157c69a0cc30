/**
 * A set of own pictures as people keep it, listed: a subfolder for each class; or `train/`, `valid/`, `test/` with one each; or a table
 * (CSV) of files and labels. In: a path. Out: every picture with its class and, where it is said, its part. Nothing is decoded.
 */
import path from 'node:path'
import { csvCell, readCsv } from 'fovea/internal/base/csv'
import { UserError } from 'fovea/internal/base/errors'
import { shortList } from 'fovea/internal/base/text'
import { textOf } from 'fovea/internal/base/text-file'
import { isUnknownFolder, naturalOrder, partOfFolder } from 'fovea/internal/data/folder-names'
import { entriesOf } from 'fovea/internal/host/node/files'
import { isFolder, placeOf } from 'fovea/internal/host/node/paths'
import { readRegular } from 'fovea/internal/host/node/regular-file'
import type { PartName } from 'fovea/internal/run/run-pictures'
import { classFolders, noClasses, type PictureClass, picturesBelow, type SkippedEntry } from './picture-folder.ts'

/** A picture of a set. */
export interface LabelledFile {
  /** Relative to the set's folder, with `/`. */
  readonly file: string
  /** Its class: a place in `classNames`. */
  readonly label: number
  /** The part it was put into by its owner. */
  readonly part?: PartName
}

/** Labelled pictures on disk. */
export interface PictureSet {
  /** The folder, or the table, that was named. */
  readonly place: string
  /** Where the names of the files start. */
  readonly folder: string
  readonly classNames: readonly string[]
  readonly files: readonly LabelledFile[]
  /** Pictures that are none of the classes: those of a folder called `unknown`. */
  readonly unknown: readonly string[]
  readonly skipped: readonly SkippedEntry[]
}

/** A file before its class has a number. */
export type NamedFile = Omit<LabelledFile, 'label'> & { readonly className: string }

/** Throws UserError where there is no such folder or table, and where no picture is found. */
export async function listPictures(place: string): Promise<PictureSet> {
  const skipped: SkippedEntry[] = []
  if (!(await isFolder(place))) {
    const folder = path.dirname(place)
    return numberedSet({ place, folder, skipped }, await filesOfTable(place, folder, skipped))
  }
  const parts = await partsIn(place)
  const files: NamedFile[] = []
  for (const { name, part } of parts ?? [{ name: '', part: undefined }]) {
    const folder = path.join(place, name)
    const classes: readonly PictureClass[] =
      parts && isUnknownFolder(name)
        ? [{ name, files: await picturesBelow(folder, skipped) }]
        : await classFolders(folder, skipped)
    for (const { name: className, files: paths } of classes)
      for (const file of paths)
        files.push({ file: relative(place, file), className, ...(part === undefined ? {} : { part }) })
  }
  if (files.length === 0) throw noClasses(place, skipped)
  return numberedSet({ place, folder: place, skipped }, files)
}

const relative = (folder: string, file: string): string => path.relative(folder, file).split(path.sep).join('/')

/**
 * The folders of the parts, if these are what the folder holds. A class may be called `train` too: then its pictures lie in it, or
 * other classes lie beside it.
 */
async function partsIn(place: string): Promise<{ name: string; part: PartName | undefined }[] | undefined> {
  const folders = (await entriesOf(place)).filter(({ name, kind }) => kind === 'folder' && !name.startsWith('.'))
  const parts = folders
    .map(({ name }) => ({ name, part: partOfFolder(name) }))
    .sort((a, b) => naturalOrder(a.name, b.name))
  const train = parts.find(({ part }) => part === 'train')
  if (!train || !parts.every(({ name, part }) => part !== undefined || isUnknownFolder(name))) return undefined
  const inTrain = await entriesOf(path.join(place, train.name))
  return inTrain.some(({ name, kind }) => kind === 'folder' && !name.startsWith('.')) ? parts : undefined
}

/** The set of these files. Classes are numbered in natural order. Those without a picture to train on are passed over. */
export function numberedSet(
  set: Pick<PictureSet, 'place' | 'folder' | 'skipped'>,
  all: readonly NamedFile[],
): PictureSet {
  const unknown = all.filter(({ className }) => isUnknownFolder(className)).map(({ file }) => file)
  const own = all.filter(({ className }) => !isUnknownFolder(className))
  const isTrained = new Set(
    own.filter(({ part }) => part === undefined || part === 'train').map(({ className }) => className),
  )
  const classNames = [...isTrained].sort(naturalOrder)
  const labels = new Map(classNames.map((name, label) => [name, label]))
  const untrained = own.filter(({ className }) => !isTrained.has(className))
  return {
    ...set,
    classNames,
    files: own.flatMap(({ className, ...rest }) => {
      const label = labels.get(className)
      return label === undefined ? [] : [{ ...rest, label }]
    }),
    unknown,
    skipped: [
      ...set.skipped,
      ...untrained.map(({ file, className }) => ({
        path: path.join(set.folder, file),
        reason: `there are no pictures of ${className} to train on`,
      })),
    ],
  }
}

/** A table (CSV) that is read as this set again, wherever its own folder lies beside the files as `folder` does. */
export function tableOfSet({ classNames, files, unknown }: PictureSet): string {
  const rows = [
    ['file', 'label', 'part'],
    ...files.map(({ file, label, part = '' }) => [file, classNames[label]!, part]),
    ...unknown.map(file => [file, 'unknown', '']),
  ]
  return rows.map(cells => `${cells.map(cell => csvCell(cell, ',')).join(',')}\n`).join('')
}

const columnNames = {
  file: /^(file|path|image|img|picture|photo)?[ _-]?(file|path|name|id|image|picture)?$/i,
  label: /^(label|class|category|target|species|breed|tag)s?([ _-]?(name|label))?$/i,
  part: /^(part|split|set|subset|fold|usage)$/i,
}

/** The rows of a table whose files are there. Its first line may name the columns; else it is file, then label. */
async function filesOfTable(place: string, folder: string, skipped: SkippedEntry[]): Promise<NamedFile[]> {
  const { names, rows } = readCsv(textOf(await readRegular(place, 'text'), place), place)
  const find = (sign: RegExp): number => names.findIndex(name => name.trim() !== '' && sign.test(name.trim()))
  const [fileAt, labelAt, partAt] = [find(columnNames.file), find(columnNames.label), find(columnNames.part)]
  const isNamed = fileAt >= 0 && labelAt >= 0
  if (!isNamed && names.length !== 2)
    throw new UserError({
      what: `${place} does not say which column is the picture and which the label.`,
      expected: 'a first line with the names file and label (and part, where the parts are given), or two columns',
      received: shortList(names.map(name => `'${name}'`)) || 'an empty file',
      fix: 'name the two columns in the first line: file,label',
    })
  // Two columns without names: the first line is a picture too, unless there is no such file.
  const first = isNamed || !(await isPicture(folder, names[0]!)) ? [] : [names]
  const files: NamedFile[] = []
  for (const cells of [...first, ...rows.map(row => row.cells)]) {
    const [file, className, part] = isNamed
      ? [cells[fileAt]!, cells[labelAt]!, partAt < 0 ? '' : cells[partAt]!]
      : [cells[0]!, cells[1]!, '']
    const name = file.trim().replaceAll('\\', '/')
    const reason = className.trim() === '' ? 'the table gives it no label' : await missing(folder, name)
    if (reason !== undefined) skipped.push({ path: path.join(folder, name), reason })
    else {
      const own = partOfFolder(part.trim())
      const label = className.trim().normalize('NFC')
      files.push({
        file: relative(folder, path.resolve(folder, name)),
        className: label,
        ...(own === undefined ? {} : { part: own }),
      })
    }
  }
  if (files.length > 0) return files
  throw new UserError({
    what: `${place} names no picture that is there.`,
    expected: 'a table of files and labels; files are looked for from its own folder',
    received: skipped.length === 0 ? 'no rows' : `${skipped.length} rows, the first for ${skipped[0]!.path}`,
    fix: 'give the paths as seen from the folder of the table',
  })
}

const isPicture = async (folder: string, name: string): Promise<boolean> =>
  (await placeOf(path.resolve(folder, name))) === 'file'

async function missing(folder: string, name: string): Promise<string | undefined> {
  const place = await placeOf(path.resolve(folder, name))
  return place === 'file' ? undefined : place === undefined ? 'there is no such file' : `it is a ${place}`
}
