/** The whole of CIFAR-10 in the version for Python, its batches pickled from the published pictures: the same pictures, by their contents. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { catalog } from '../../data/catalog.ts'
import type { Split } from '../../data/dataset.ts'
import { loadDataset } from './datasets.ts'
import { pickledBatch } from './pickled.testing.ts'
import { readArchive } from './unpack.ts'

const real = process.env['FOVEA_DATA']

it.skipIf(!real)(
  'CIFAR-10 for Python is CIFAR-10 (needs FOVEA_DATA)',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fovea-python-'))
    try {
      const { files, python, labels } = catalog.find(({ name }) => name === 'cifar-10')!
      const pickles: Promise<void>[] = []
      await readArchive(
        path.join(real!, 'cifar-10', files[0]!.name),
        name => files[0]!.members.find(member => member.name === name)?.bytes,
        (name, rows) => {
          const index = files[0]!.members.findIndex(member => member.name === name)
          pickles.push(writeFile(path.join(folder, python!.members[index]!.name), pickledBatch(rows, labels!)))
        },
      )
      await Promise.all(pickles)
      const digests = async (dataDir: string) => {
        const { train, test } = await loadDataset('cifar-10', { dataDir, offline: true })
        return [train, test].map(({ images, labels }: Split) =>
          createHash('sha256').update(images).update(labels).digest('hex'),
        )
      }
      expect(await digests(folder)).toEqual(await digests(real!))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  120_000,
)
