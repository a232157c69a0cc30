/** An MNIST-like data set from its four IDX files, or from the archive of NumPy that Keras keeps. Parsed before hashed: a parser says more precisely what is wrong. */
import path from 'node:path'
import type { CatalogEntry, CatalogFile } from '../../data/catalog.ts'
import type { LoadedDataset, Split } from '../../data/dataset.ts'
import { idxSplit, parseIdxLabels, parseIdxPictures } from '../../data/idx.ts'
import { idxOfNpy } from '../../data/npy.ts'
import { checkMember, fileSha256 } from './checksum.ts'
import { readRegular } from './regular-file.ts'
import { readUnpacked } from './unpack.ts'
import { zipMember } from './zip.ts'

/** Bytes allowed beyond the published size, so that the parser can tell how much too long a file is. */
const slack = 1 << 20

/** `paths` in the order of the catalogue: training pictures and labels, test pictures and labels. */
export async function readIdxFiles(entry: CatalogEntry, paths: readonly string[]): Promise<LoadedDataset> {
  const contents = await Promise.all(
    entry.files.map((file, index) => readUnpacked(paths[index]!, file.members[0]!.bytes + slack)),
  )
  const dataset = datasetOf(entry, contents, paths)
  for (const [index, file] of entry.files.entries()) checkMember(contents[index]!, file.members[0]!, paths[index]!)
  return dataset
}

/** Members of an archive of NumPy as Keras keeps a data set, in the order of the catalogue's files. */
const arrays = ['x_train.npy', 'y_train.npy', 'x_test.npy', 'y_test.npy']

/** The four files as arrays in an archive of NumPy (`mnist.npz`). It is the published one, or has the published numbers. */
export async function readNpz(entry: CatalogEntry, file: string): Promise<LoadedDataset> {
  const bytes = await readRegular(file, 'data')
  const contents: Uint8Array[] = []
  const names = arrays.map(name => `${name} in ${file}`)
  for (const [index, name] of arrays.entries()) {
    const most = entry.files[index]!.members[0]!.bytes + slack
    contents.push(idxOfNpy(await zipMember(bytes, name, most, file), names[index]!))
  }
  const dataset = datasetOf(entry, contents, names)
  if (fileSha256(bytes) === entry.npz?.sha256) return dataset
  for (const [index, each] of entry.files.entries()) checkMember(contents[index]!, each.members[0]!, names[index]!)
  return dataset
}

/** Four IDX files, whose places are named in errors. */
function datasetOf(
  { name, shape, classNames }: CatalogEntry,
  contents: readonly Uint8Array[],
  places: readonly string[],
): LoadedDataset {
  const split = (pictures: number, labels: number): Split =>
    idxSplit(
      parseIdxPictures(contents[pictures]!, places[pictures]!),
      parseIdxLabels(contents[labels]!, places[labels]!, classNames.length),
      path.basename(places[pictures]!),
      places[labels]!,
    )
  return { name, shape, classNames, train: split(0, 1), test: split(2, 3) }
}

/** @throws UserError when the file, packed or not, does not hold the published bytes. */
export async function checkIdxFile(file: CatalogFile, filePath: string): Promise<void> {
  const member = file.members[0]!
  checkMember(await readUnpacked(filePath, member.bytes + slack), member, filePath)
}
