/** The four IDX files of an MNIST-like data set, from paths to a data set. Parsed before hashed: a parser says more precisely what is wrong. */
import path from 'node:path'
import type { CatalogEntry, CatalogFile } from '../../data/catalog.ts'
import type { LoadedDataset, Split } from '../../data/dataset.ts'
import { idxSplit, parseIdxLabels, parseIdxPictures } from '../../data/idx.ts'
import { checkMember } from './checksum.ts'
import { readUnpacked } from './unpack.ts'

/** Bytes allowed beyond the published size, so that the parser can tell how much too long a file is. */
const slack = 1 << 20

/** `paths` in the order of the catalogue: training pictures and labels, test pictures and labels. */
export async function readIdxFiles(entry: CatalogEntry, paths: readonly string[]): Promise<LoadedDataset> {
  const contents = await Promise.all(
    entry.files.map((file, index) => readUnpacked(paths[index]!, file.members[0]!.bytes + slack)),
  )
  const split = (pictures: number, labels: number): Split =>
    idxSplit(
      parseIdxPictures(contents[pictures]!, paths[pictures]!),
      parseIdxLabels(contents[labels]!, paths[labels]!, entry.classNames.length),
      path.basename(paths[pictures]!),
      paths[labels]!,
    )
  const train = split(0, 1)
  const test = split(2, 3)
  for (const [index, file] of entry.files.entries()) checkMember(contents[index]!, file.members[0]!, paths[index]!)
  return { name: entry.name, shape: entry.shape, classNames: entry.classNames, train, test }
}

/** @throws UserError when the file, packed or not, does not hold the published bytes. */
export async function checkIdxFile(file: CatalogFile, filePath: string): Promise<void> {
  const member = file.members[0]!
  checkMember(await readUnpacked(filePath, member.bytes + slack), member, filePath)
}
