/**
 * CIFAR-10 and CIFAR-100 from their archive (`.tar.gz`, streamed) or from a folder with the batch files, in the binary version or in the
 * one for Python. A batch for Python is turned into rows of the binary version, and read and checked as these.
 */
import path from 'node:path'
import { UserError } from '../../base/errors.ts'
import type { CatalogEntry } from '../../data/catalog.ts'
import { type CifarBatch, cifarPictureBytes, cifarRowsOfPickle, readCifarBatch } from '../../data/cifar.ts'
import { type LoadedDataset, rangeOf } from '../../data/dataset.ts'
import { otherCopy } from '../../data/other-copy.ts'
import { checkMember, hasMd5 } from './checksum.ts'
import { isFile, isFolder } from './paths.ts'
import { readRegular } from './regular-file.ts'
import { readArchive } from './unpack.ts'

/** A batch as it is met: which one, its rows in the binary version, whether its file is a published one. */
interface Met {
  readonly index: number
  readonly rows: Uint8Array
  readonly file: string
  readonly published: boolean
}

/** `source` is the archive or the folder. Training pictures keep the order of the batches. */
export async function readCifar(entry: CatalogEntry, source: string): Promise<LoadedDataset> {
  const count = entry.trainCount + entry.testCount
  const images = new Uint8Array(count * cifarPictureBytes)
  const labels = new Uint8Array(count)
  const batches = batchesOf(entry)
  const firsts = batches.map((_, index) => batches.slice(0, index).reduce((sum, { rows }) => sum + rows, 0))
  await eachBatch(entry, source, met => {
    readCifarBatch(met.rows, met.file, batches[met.index]!, images, labels, firsts[met.index]!)
    check(entry, met)
  })
  const all = { images, labels, count }
  return {
    name: entry.name,
    shape: entry.shape,
    classNames: entry.classNames,
    train: rangeOf(all, 0, entry.trainCount),
    test: rangeOf(all, entry.trainCount, count),
  }
}

/** @throws UserError when the archive is damaged or one of its members is missing or not as published. */
export async function checkCifarArchive(entry: CatalogEntry, source: string): Promise<void> {
  await eachBatch(entry, source, met => check(entry, met))
}

function check(entry: CatalogEntry, { index, rows, file, published }: Met): void {
  if (!published) checkMember(rows, entry.files[0]!.members[index]!, file)
}

function batchesOf({ files, labels = [], classNames }: CatalogEntry): CifarBatch[] {
  const labelBytes = labels.length
  return files[0]!.members.map(({ bytes }) => ({
    rows: bytes / (labelBytes + cifarPictureBytes),
    labelBytes,
    classes: classNames.length,
  }))
}

async function eachBatch(entry: CatalogEntry, source: string, use: (met: Met) => void): Promise<void> {
  const binary = entry.files[0]!.members
  const python = entry.python?.members ?? []
  const indexOf = (list: readonly { readonly name: string }[], name: string) =>
    list.findIndex(member => member.name === name)
  const seen = new Set<string>()
  const meet = (name: string, bytes: Uint8Array, file: string): void => {
    const index = indexOf(binary, name)
    if (index >= 0) use({ index, rows: bytes, file, published: false })
    else {
      const at = indexOf(python, name)
      const rows = cifarRowsOfPickle(bytes, file, entry.labels ?? [])
      use({ index: at, rows, file, published: hasMd5(bytes, python[at]!.md5) })
    }
    seen.add(name)
  }
  if (await isFolder(source)) {
    for (const members of [binary, python]) {
      for (const { name } of seen.size === 0 ? members : []) {
        const file = path.join(source, name)
        if (await isFile(file)) meet(name, await readRegular(file, 'data'), file)
      }
    }
  } else {
    const sizeOf = (name: string): number | undefined => {
      const at = indexOf(python, name)
      return at < 0 ? binary[indexOf(binary, name)]?.bytes : pickledSize(binary[at]!.bytes)
    }
    await readArchive(source, sizeOf, (name, bytes) => meet(name, bytes, `${name} in ${source}`))
  }
  const expected = python.some(({ name }) => seen.has(name)) ? python : binary
  const absent = expected.filter(({ name }) => !seen.has(name))
  if (absent.length === 0) return
  const names = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join(', ')
  throw new UserError({
    what: `${source} is not the whole of ${entry.title.split(',')[0]}.`,
    expected: names(expected),
    received: `without ${names(absent)}`,
    fix: otherCopy,
  })
}

/** Beside the pictures a pickle file has their names and labels. */
const pickledSize = (bytes: number): number => Math.ceil(1.05 * bytes)
