/** Data sets as other programs keep them: the CIFARs for Python, CIFAR-100, Keras's `mnist.npz`. Tiny ones, and the published numbers of MNIST. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type CatalogEntry, catalog } from '../../data/catalog.ts'
import { cifarRowsOfPickle } from '../../data/cifar.ts'
import { cifar100Classes } from '../../data/cifar-classes.ts'
import { fileSha256, hasMd5 } from './checksum.ts'
import { readCifar } from './cifar-files.ts'
import { loadDataset } from './datasets.ts'
import { readNpz } from './idx-files.ts'
import { npy, pickled, pickledArray, pickledBatch, pickledList, zipped } from './pickled.testing.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fovea-versions-'))
  vi.stubEnv('FOVEA_CACHE', path.join(folder, 'cache'))
  vi.stubEnv('FOVEA_DATA', '')
  vi.stubEnv('FOVEA_OFFLINE', '1')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

async function write(name: string, bytes: Uint8Array | string): Promise<string> {
  const file = path.join(folder, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, bytes)
  return file
}

const entryOf = (name: string): CatalogEntry => catalog.find(each => each.name === name)!

/** Two pictures a batch of the binary version; every byte is its own. */
function tiny(name: 'cifar-10' | 'cifar-100') {
  const entry = entryOf(name)
  const labelBytes = entry.labels!.length
  const rowBytes = labelBytes + 3072
  const batches = entry.files[0]!.members.map((member, index) => {
    const content = Uint8Array.from({ length: 2 * rowBytes }, (_, at) => (at * 7 + index) % 251)
    for (const row of [0, 1])
      for (let at = 0; at < labelBytes; at++) content[row * rowBytes + at] = index + 3 * row + at
    return { ...member, content, bytes: content.length, sha256: fileSha256(content) }
  })
  const files = [{ name: 'tiny.tar.gz', members: batches }]
  return {
    batches,
    entry: { ...entry, trainCount: 2 * batches.length - 2, testCount: 2, files },
    labels: entry.labels!,
  }
}

const tarOf = (members: readonly { readonly name: string; readonly content: Uint8Array }[]) =>
  packTar(
    members.map(({ name, content }) => ({ header: { name: `any/${name}`, size: content.length }, body: content })),
  )

describe.each(['cifar-10', 'cifar-100'] as const)('%s', name => {
  const { batches, entry, labels } = tiny(name)
  const python = entry.python!.members.map((member, index) => ({
    name: member.name,
    content: pickledBatch(batches[index]!.content, labels, index === 0),
  }))

  it('for Python gives what the binary version gives, from a folder, a tar and a tar.gz', async () => {
    const binary = await readCifar(entry, await write('binary.tar.gz', gzipSync(await tarOf(batches))))
    expect([binary.train.count, binary.test.count]).toEqual([entry.trainCount, 2])
    expect([...binary.test.labels]).toEqual([0, 3].map(label => label + batches.length - 1 + labels.length - 1))
    for (const { name, content } of python) await write(`py/${name}`, content)
    const tar = await tarOf([{ name: 'readme.html', content: new Uint8Array(9) }, ...[...python].reverse()])
    for (const source of [path.join(folder, 'py'), await write('a', tar), await write('b', gzipSync(tar))])
      expect(await readCifar(entry, source)).toEqual(binary)
  })

  it('for Python is refused where its numbers are not the published ones, unless the file is', async () => {
    const other = batches[0]!.content.with(50, 1)
    const content = pickledBatch(other, labels)
    const source = await write('a', await tarOf([{ ...python[0]!, content }, ...python.slice(1)]))
    await expect(readCifar(entry, source)).rejects.toThrow(/does not hold the published data/)
    const { createHash } = await import('node:crypto')
    const md5 = createHash('md5').update(content).digest('hex')
    expect([hasMd5(content, md5), hasMd5(other, md5)]).toEqual([true, false])
    const members = [{ ...entry.python!.members[0]!, md5 }, ...entry.python!.members.slice(1)]
    const known = { ...entry, python: { ...entry.python!, members } }
    expect((await readCifar(known, source)).train.images).toHaveLength(entry.trainCount * 3072)
  })

  it('is missed by the names of the version that is there', async () => {
    await expect(readCifar(entry, await write('a', await tarOf(python.slice(1))))).rejects.toThrow(
      new RegExp(`not the whole of CIFAR-10[\\s\\S]*without ${python[0]!.name}$`, 'm'),
    )
  })

  it('is looked for where Keras, PyTorch and people put it', async () => {
    const { folder: bin, python } = entryOf(name)
    const [first] = python!.members
    const places = [
      `${name}/${python!.folder}/${first!.name}`,
      `${python!.folder}/${first!.name}`,
      `${name}/${first!.name}`,
      first!.name,
      `${python!.folder}-target/${python!.folder}/${first!.name}`,
      `${bin}/${entryOf(name).files[0]!.members[0]!.name}`,
    ]
    for (const [index, place] of places.entries()) {
      await write(`${index}/${place}`, 'x\n')
      const failure = loadDataset(name, { dataDir: path.join(folder, String(index)) })
      await expect(failure, place).rejects.toThrow(path.join(folder, String(index), place))
      await expect(failure, place).rejects.toThrow(/a text file/)
    }
    for (const [index, archive] of python!.archives.entries()) {
      await write(`a${index}/${archive}`, '<!doctype html>')
      await expect(loadDataset(name, { dataDir: path.join(folder, `a${index}`) })).rejects.toThrow(
        new RegExp(`${archive} is no archive of pictures[\\s\\S]*a web page[\\s\\S]*fetch the file itself`),
      )
    }
  })
})

describe('a batch for Python', () => {
  const data = pickledArray(2, 3072, new Uint8Array(2 * 3072))
  it.each([
    ['text', Buffer.from('x\n'), /received: a text file/],
    ['a dictionary without pictures', pickled([['labels', pickledList([1])]]), /received: labels$/m],
    [
      'too few labels',
      pickled([
        ['data', data],
        ['labels', pickledList([1])],
      ]),
      /received: data, labels, data of 2×3072/,
    ],
    [
      'pictures of another size',
      pickled([
        ['data', pickledArray(1, 3, new Uint8Array(3))],
        ['labels', pickledList([1])],
      ]),
      /data of 1×3/,
    ],
    ['no dictionary', Uint8Array.of(0x80, 2, 0x4e, 0x2e), /received: no dictionary/],
  ])('is no batch: %s', (_, bytes, message) => {
    expect(() => cifarRowsOfPickle(bytes, 'data_batch_1', ['labels'])).toThrow(message)
    expect(() => cifarRowsOfPickle(bytes, 'data_batch_1', ['labels'])).toThrow(/^data_batch_1 is not a batch of CIFAR/)
  })
})

it('the hundred classes are in the order of the alphabet, each once', () => {
  expect(cifar100Classes).toHaveLength(100)
  expect([...new Set(cifar100Classes)].sort()).toEqual(cifar100Classes)
})

describe('an archive of NumPy', () => {
  const arrays = {
    'x_train.npy': npy([3, 2, 2], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
    'y_train.npy': npy([3], Uint8Array.of(0, 1, 0)),
    'x_test.npy': npy([1, 2, 2], Uint8Array.of(1, 1, 1, 1)),
    'y_test.npy': npy([1], Uint8Array.of(1)),
  }
  const members = Object.entries(arrays)
  const archive = zipped(members, { deflate: true })
  const entry: CatalogEntry = {
    ...entryOf('mnist'),
    classNames: ['a', 'b'],
    npz: { name: 'a', sha256: fileSha256(archive) },
  }

  it('gives the four parts, whatever their order', async () => {
    const { train, test } = await readNpz(entry, await write('a.npz', archive))
    expect([...train.images, ...test.images]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 1, 1, 1])
    expect([...train.labels, ...test.labels]).toEqual([0, 1, 0, 1])
  })

  it('is refused where neither the file nor its numbers are the published ones', async () => {
    const file = await write('a.npz', zipped([...members].reverse()))
    await expect(readNpz(entry, file)).rejects.toThrow(/x_train\.npy in .*a\.npz is truncated/)
  })

  it('says which part is wrong', async () => {
    const without = zipped(members.slice(1))
    await expect(readNpz(entry, await write('a.npz', without))).rejects.toThrow(/has no member x_train\.npy/)
    const odd = zipped([['x_train.npy', npy([12], new Uint8Array(12))], ...members.slice(1)])
    await expect(readNpz(entry, await write('a.npz', odd))).rejects.toThrow(
      /x_train\.npy in .* is not an IDX picture[\s\S]*a label file/,
    )
  })

  it('is looked for in the data folder and may be named itself; another file is told by its name', async () => {
    for (const place of ['a/mnist/mnist.npz', 'b/mnist.npz', 'c/any.npz']) {
      const file = await write(place, archive)
      const dataDir = place.startsWith('c') ? file : path.join(folder, place[0]!)
      await expect(loadDataset('mnist', { dataDir }), place).rejects.toThrow(`in ${file} is truncated`)
    }
    const page = await write('page.npz', '<!doctype html>')
    await expect(loadDataset('mnist', { dataDir: page })).rejects.toThrow(
      /is a file[\s\S]*a web page[\s\S]*fetch the file/,
    )
    await expect(loadDataset('fashion-mnist', { dataDir: await write('x.npz', archive) })).rejects.toThrow(/is a file/)
  })

  const real = process.env['FOVEA_DATA']
  it.skipIf(!real)('with the numbers of MNIST is MNIST, whoever packed it (needs FOVEA_DATA)', async () => {
    const files = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1']
    const contents: [string, Uint8Array][] = []
    for (const [index, [name]] of members.entries()) {
      const idx = gunzipSync(await readFile(path.join(real!, 'mnist', `${files[index]}-ubyte.gz`)))
      const extents = Array.from({ length: idx[3]! }, (_, at) => idx.readUInt32BE(4 + 4 * at))
      contents.push([name, npy(extents, idx.subarray(4 + 4 * extents.length))])
    }
    await write('mnist.npz', zipped(contents))
    // Digests: comparing 55 million numbers one by one takes a minute.
    const digests = async (dataDir: string) => {
      const { train, test } = await loadDataset('mnist', { dataDir })
      return [train, test].flatMap(({ images, labels }) => [fileSha256(images), fileSha256(labels as Uint8Array)])
    }
    expect(await digests(folder)).toEqual(await digests(real!))
  })
})

it('MNIST and Fashion-MNIST are found where PyTorch puts them', async () => {
  for (const [name, place] of [
    ['mnist', 'MNIST/raw'],
    ['fashion-mnist', 'FashionMNIST/raw'],
  ] as const) {
    for (const { members } of entryOf(name).files) await write(`${place}/${members[0]!.name}`, 'x\n')
    await expect(loadDataset(name, { dataDir: folder })).rejects.toThrow(
      `${path.join(folder, place, 'train-images-idx3-ubyte')} is truncated`,
    )
  }
})
