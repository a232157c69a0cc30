/** CIFAR-10 from its archive (`.tar.gz`, streamed) or from a folder with the six batch files. */
import path from 'node:path'
import { UserError } from '../../base/errors.ts'
import type { CatalogEntry, CatalogMember } from '../../data/catalog.ts'
import { cifarRowBytes, readCifarBatch } from '../../data/cifar.ts'
import { type LoadedDataset, rangeOf } from '../../data/dataset.ts'
import { otherCopy } from '../../data/other-copy.ts'
import { checkMember } from './checksum.ts'
import { pythonVersion } from './dataset-advice.ts'
import { nodeFiles } from './files.ts'
import { isFile, isFolder } from './paths.ts'
import { readRegular } from './regular-file.ts'
import { readArchive } from './unpack.ts'

/** `source` is the archive or the folder. Training pictures keep the order of the batches 1 to 5. */
export async function readCifar(entry: CatalogEntry, source: string): Promise<LoadedDataset> {
  const count = entry.trainCount + entry.testCount
  const images = new Uint8Array(count * (cifarRowBytes - 1))
  const labels = new Uint8Array(count)
  const members = entry.files[0]!.members
  await eachMember(entry, source, (member, bytes, file) => {
    const rows = member.bytes / cifarRowBytes
    readCifarBatch(bytes, file, rows, images, labels, members.indexOf(member) * rows)
    checkMember(bytes, member, file)
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

/** @throws UserError when the archive is damaged or one of the six members is missing or not as published. */
export async function checkCifarArchive(entry: CatalogEntry, source: string): Promise<void> {
  await eachMember(entry, source, (member, bytes, file) => checkMember(bytes, member, file))
}

/** Files and folders of the version for Python. */
const pythonNames = ['cifar-10-batches-py', 'cifar-10-batches-py.tar.gz', 'cifar-10-python.tar.gz', 'data_batch_1']

/** Where in a folder the python version of CIFAR-10 lies, if it does. */
export async function findPythonVersion(folder: string): Promise<string | undefined> {
  const names = await nodeFiles.list(folder)
  const name = pythonNames.find(each => names.includes(each))
  if (name === undefined) return undefined
  return name === 'data_batch_1' ? folder : path.join(folder, name)
}

async function eachMember(
  entry: CatalogEntry,
  source: string,
  use: (member: CatalogMember, bytes: Uint8Array, file: string) => void,
): Promise<void> {
  const { members } = entry.files[0]!
  const seen = new Set<CatalogMember>()
  if (await isFolder(source)) {
    for (const member of members) {
      const file = path.join(source, member.name)
      if (!(await isFile(file))) continue
      use(member, await readRegular(file, 'data'), file)
      seen.add(member)
    }
  } else {
    const named = new Map(members.map(member => [member.name, member]))
    await readArchive(
      source,
      name => {
        if (pythonNames.includes(name)) throw pythonVersion(entry, source)
        return named.get(name)?.bytes
      },
      (name, bytes) => {
        use(named.get(name)!, bytes, `${name} in ${source}`)
        seen.add(named.get(name)!)
      },
    )
  }
  const absent = members.filter(member => !seen.has(member))
  if (absent.length > 0)
    throw new UserError({
      what: `${source} is not the whole of CIFAR-10.`,
      expected: members.map(member => member.name).join(', '),
      received: `without ${absent.map(member => member.name).join(', ')}`,
      fix: otherCopy,
    })
}
