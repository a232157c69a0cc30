import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { type CatalogEntry, catalog } from '../../data/catalog.ts'
import { fileSha256 } from './checksum.ts'
import { readCifar } from './cifar-files.ts'
import { datasetCacheFolder, loadDataset } from './datasets.ts'
import { serve, startServer, status, type TestServer } from './http-server.testing.ts'
import { readIdxFiles } from './idx-files.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fovea-data-'))
  vi.stubEnv('FOVEA_CACHE', path.join(folder, 'cache'))
  vi.stubEnv('FOVEA_DATA', '')
  vi.stubEnv('FOVEA_OFFLINE', '')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

function idx(magic: number, extents: number[], content: number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * extents.length + content.length)
  const view = new DataView(bytes.buffer)
  for (const [at, value] of [magic, ...extents].entries()) view.setUint32(4 * at, value)
  bytes.set(content, 4 + 4 * extents.length)
  return bytes
}

/** The four files of a data set of 2×2 pictures, by name, and its catalogue entry. */
function tinyIdx() {
  const parts = [
    idx(2051, [3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    idx(2049, [3], [0, 1, 0]),
    idx(2051, [1, 2, 2], [1, 1, 1, 1]),
    idx(2049, [1], [1]),
  ]
  const mnist = catalog[0]!
  const files = mnist.files.map((file, index) => {
    const bytes = parts[index]!
    return {
      name: file.name,
      members: [{ name: file.members[0]!.name, bytes: bytes.length, sha256: fileSha256(bytes) }],
    }
  })
  const entry: CatalogEntry = { ...mnist, name: 'tiny', shape: [2, 2, 1], classNames: ['a', 'b'], files }
  return { parts, entry }
}

async function write(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(path.join(folder, name), bytes)
  return path.join(folder, name)
}

describe('IDX files', () => {
  it('reads packed and plain ones alike', async () => {
    const { parts, entry } = tinyIdx()
    const paths: string[] = []
    for (const [index, bytes] of parts.entries())
      paths.push(await write(`f${index}`, index % 2 === 0 ? gzipSync(bytes) : bytes))
    const { train, test } = await readIdxFiles(entry, paths)
    expect([...train.images]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect([...train.labels, ...test.labels]).toEqual([0, 1, 0, 1])
  })

  it.each([
    ['truncated gzip', 0, (bytes: Uint8Array) => gzipSync(bytes).subarray(0, -9), /f0 is truncated/],
    ['damaged gzip', 0, (bytes: Uint8Array) => gzipSync(bytes).fill(77, 12, 20), /f0 is damaged|f0 is truncated/],
    ['truncated plain', 2, (bytes: Uint8Array) => bytes.subarray(0, -1), /f2 is truncated[\s\S]*20 bytes/],
    ['oversized gzip', 0, (bytes: Uint8Array) => gzipSync(new Uint8Array([...bytes, 9])), /f0 is oversized/],
    ['a gzip bomb', 0, () => gzipSync(new Uint8Array(3 << 20)), /f0 is oversized/],
    ['count mismatch', 1, () => idx(2049, [2], [0, 1]), /do not belong together/],
    ['label out of range', 1, () => idx(2049, [3], [0, 1, 2]), /label 2 is out of range/],
    ['other contents', 2, () => idx(2051, [1, 2, 2], [1, 1, 1, 2]), /f2 does not hold the published data/],
  ] as const)('refuses: %s', async (_, which, change, message) => {
    const { parts, entry } = tinyIdx()
    const paths: string[] = []
    for (const [index, bytes] of parts.entries())
      paths.push(await write(`f${index}`, index === which ? change(bytes) : bytes))
    await expect(readIdxFiles(entry, paths)).rejects.toThrow(UserError)
    await expect(readIdxFiles(entry, paths)).rejects.toThrow(message)
  })
})

describe('CIFAR-10 files', () => {
  /** Six batches of two pictures. */
  function tinyCifar() {
    const cifar = catalog.find(entry => entry.name === 'cifar-10')!
    const batches = cifar.files[0]!.members.map((member, index) => {
      const bytes = new Uint8Array(2 * 3073).fill(10 * index)
      bytes[0] = index
      bytes[3073] = 9 - index
      return { ...member, content: bytes, bytes: bytes.length, sha256: fileSha256(bytes) }
    })
    const entry = { ...cifar, trainCount: 10, testCount: 2, files: [{ name: 'tiny.tar.gz', members: batches }] }
    return { batches, entry }
  }

  type Batch = { name: string; content: Uint8Array }
  const archive = async (batches: readonly Batch[]) =>
    packTar(
      [{ name: 'readme.html', content: new Uint8Array(700) }, ...batches].map(({ name, content }) => ({
        header: { name: `cifar-10-batches-bin/${name}`, size: content.length },
        body: content,
      })),
    )

  it.each(['tar.gz', 'tar', 'folder'])('reads a %s', async kind => {
    const { batches, entry } = tinyCifar()
    let source = folder
    if (kind === 'folder') for (const batch of batches) await write(batch.name, batch.content)
    else {
      // Members may come in any order: their names say where they belong.
      const tar = await archive([...batches].reverse())
      source = await write('archive', kind === 'tar' ? tar : gzipSync(tar))
    }
    const { train, test } = await readCifar(entry, source)
    expect([...train.labels]).toEqual([0, 9, 1, 8, 2, 7, 3, 6, 4, 5])
    expect([...test.labels]).toEqual([5, 4])
    expect([train.images.length, train.images[4 * 3072], test.images[0]]).toEqual([10 * 3072, 20, 50])
  })

  it.each([
    [
      'a member is missing',
      (batches: Batch[]) => batches.slice(1),
      /not the whole of CIFAR-10[\s\S]*without data_batch_1.bin/,
    ],
    [
      'a member is truncated',
      (b: Batch[]) => [{ ...b[0]!, content: b[0]!.content.subarray(1) }, ...b.slice(1)],
      /truncated/,
    ],
    [
      'a member is oversized',
      (b: Batch[]) => [{ ...b[0]!, content: new Uint8Array(2 * 3073 + 1) }, ...b.slice(1)],
      /oversized/,
    ],
    [
      'a member has other bytes',
      (b: Batch[]) => [{ ...b[0]!, content: b[0]!.content.with(9, 1) }, ...b.slice(1)],
      /data_batch_1.bin in .* does not hold the published data/,
    ],
    [
      'a label is out of range',
      (b: Batch[]) => [{ ...b[0]!, content: b[0]!.content.with(3073, 10) }, ...b.slice(1)],
      /label 1 is out of range/,
    ],
  ])('refuses an archive where %s', async (_, change, message) => {
    const { batches, entry } = tinyCifar()
    const source = await write('archive.tar.gz', gzipSync(await archive(change([...batches]))))
    await expect(readCifar(entry, source)).rejects.toThrow(message)
  })

  it.each([0, 300, 5000, 20_000])('refuses an archive cut after %i bytes', async bytes => {
    const { batches, entry } = tinyCifar()
    const tar = await archive(batches)
    await expect(readCifar(entry, await write('a', tar.subarray(0, bytes)))).rejects.toThrow(/is truncated/)
    const packed = gzipSync(tar, { level: 0 })
    await expect(readCifar(entry, await write('b', packed.subarray(0, bytes)))).rejects.toThrow(/is truncated/)
  })
})

describe('loadDataset', () => {
  it('suggests the nearest name', async () => {
    await expect(loadDataset('minst')).rejects.toThrow(/no data set called minst[\s\S]*mean mnist/)
  })

  it('has shapes built in', async () => {
    const { train, test } = await loadDataset('shapes', { offline: true })
    expect([train.count, test.count]).toEqual([12_000, 2_000])
  })

  it.each(['mnist', 'fashion-mnist', 'cifar-10', 'cifar-100'])(
    '%s offline and missing: names address, folder and shapes',
    async name => {
      const entry = catalog.find(each => each.name === name)!
      const failure = loadDataset(name, { offline: true })
      await expect(failure).rejects.toThrow(UserError)
      const message = await failure.catch((error: Error) => error.message)
      for (const host of entry.hosts) expect(message).toContain(host + entry.files[0]!.name)
      for (const file of entry.files) expect(message).toContain(entry.hosts[0] + file.name)
      expect(message).toContain(datasetCacheFolder(name))
      expect(message).toContain("'shapes'")
      for (const way of ['--data-dir', 'dataDir', 'FOVEA_DATA', `DIR/${name}/${entry.files[0]!.name}`]) {
        expect(message).toContain(way)
      }
    },
  )

  it('names the way through a proxy where there is one', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://proxy.example:3128')
    await expect(loadDataset('mnist', { offline: true })).rejects.toThrow(/\(HTTPS_PROXY\).*NODE_USE_ENV_PROXY=1/)
  })

  it('with a data folder, names the place in it', async () => {
    const message = await loadDataset('mnist', { offline: true, dataDir: folder }).catch(
      (error: Error) => error.message,
    )
    expect(message).toContain(`into the folder ${path.join(folder, 'mnist')}`)
    const absent = path.join(folder, 'absent')
    await expect(loadDataset('mnist', { dataDir: absent })).rejects.toThrow(`${absent} does not exist`)
    await expect(loadDataset('mnist', { dataDir: absent })).rejects.toThrow(/--data-dir[\s\S]*FOVEA_DATA/)
  })

  it('a damaged file in the cache is fetched anew when it may be, and nothing is removed before', async () => {
    const cache = datasetCacheFolder('mnist')
    await mkdir(cache, { recursive: true })
    for (const { name } of catalog[0]!.files) await writeFile(path.join(cache, name), 'damaged')
    const names = await readdir(cache)
    await expect(loadDataset('mnist', { offline: true })).rejects.toThrow(/cache of Fovea[\s\S]*takes its place/)
    const server = await startServer(status(404))
    try {
      await expect(loadDataset('mnist', { hosts: [server.url] })).rejects.toThrow(/HTTP 404/)
    } finally {
      await server.close()
    }
    expect(await readdir(cache)).toEqual(names)
  })

  it('FOVEA_OFFLINE keeps it from asking, whatever the caller says', async () => {
    const server = await startServer(status(404))
    vi.stubEnv('FOVEA_OFFLINE', '1')
    try {
      await expect(loadDataset('mnist', { hosts: [server.url], offline: false })).rejects.toThrow(/\(offline\)/)
      expect(server.ranges).toEqual([])
    } finally {
      await server.close()
    }
  })

  it('says what every host answered', async () => {
    const server = await startServer(status(404))
    try {
      const failure = loadDataset('mnist', { hosts: [`${server.url}a/`, `${server.url}b/`] })
      await expect(failure).rejects.toThrow(
        /\/a\/train-images-idx3-ubyte.gz: HTTP 404[\s\S]*\/b\/.*HTTP 404[\s\S]*'shapes'/,
      )
      expect(await readdir(datasetCacheFolder('mnist'))).toEqual([])
    } finally {
      await server.close()
    }
  })
})

const real = process.env['FOVEA_DATA']
const countsOf = (labels: Iterable<number>) => {
  const counts = new Array<number>(10).fill(0)
  for (const label of labels) counts[label]!++
  return counts
}

describe.skipIf(!real)('published data (needs FOVEA_DATA)', () => {
  beforeEach(() => vi.stubEnv('FOVEA_DATA', real!))

  it('mnist: counts per class, first labels, mean', async () => {
    const { train, test } = await loadDataset('mnist', { offline: true })
    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    expect(countsOf(train.labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
    expect(countsOf(test.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    expect(train.images.reduce((sum, byte) => sum + byte, 0) / train.images.length / 255).toBeCloseTo(0.1307, 4)
  })

  it('fashion-mnist: counts per class, mean', async () => {
    const { train, test } = await loadDataset('fashion-mnist', { offline: true })
    expect(countsOf(train.labels)).toEqual(new Array(10).fill(6000))
    expect(countsOf(test.labels)).toEqual(new Array(10).fill(1000))
    expect(train.images.reduce((sum, byte) => sum + byte, 0) / train.images.length / 255).toBeCloseTo(0.286, 4)
  })

  it('cifar-10 from its archive: counts per class, first labels, mean and deviation of each colour', async () => {
    const { train, test } = await loadDataset('cifar-10', { offline: true })
    expect(countsOf(train.labels)).toEqual(new Array(10).fill(5000))
    expect(countsOf(test.labels)).toEqual(new Array(10).fill(1000))
    expect([...train.labels.subarray(0, 5)]).toEqual([6, 9, 9, 4, 1])
    for (const [channel, mean, deviation] of [
      [0, 0.4914, 0.247],
      [1, 0.4822, 0.2435],
      [2, 0.4465, 0.2616],
    ] as const) {
      let sum = 0
      let squares = 0
      for (let at = channel; at < train.images.length; at += 3) {
        sum += train.images[at]!
        squares += train.images[at]! ** 2
      }
      const count = train.images.length / 3
      expect(sum / count / 255).toBeCloseTo(mean, 4)
      expect(Math.sqrt(squares / count - (sum / count) ** 2) / 255).toBeCloseTo(deviation, 3)
    }
  })

  it('files directly in the folder, unpacked ones too; another data set under the same names is told apart', async () => {
    const source = path.join(real!, 'mnist')
    const { readFile } = await import('node:fs/promises')
    for (const name of await readdir(source)) {
      if (name.includes('labels'))
        await write(name.replace('.gz', ''), gunzipSync(await readFile(path.join(source, name))))
      else await cp(path.join(source, name), path.join(folder, name))
    }
    expect((await loadDataset('mnist', { dataDir: folder, offline: true })).train.count).toBe(60_000)
    await expect(loadDataset('fashion-mnist', { dataDir: folder, offline: true })).rejects.toThrow(
      /a file of mnist[\s\S]*Keep it: mnist needs it\. Move it into a folder called mnist/,
    )
  })

  it('fetches what is missing into the cache, once, and replaces what was damaged there', async () => {
    const { readFile } = await import('node:fs/promises')
    const entry = catalog[0]!
    const files = new Map<string, Uint8Array>()
    for (const { name } of entry.files) files.set(`/${name}`, await readFile(path.join(real!, 'mnist', name)))
    const server: TestServer = await startServer((request, response) =>
      serve(files.get(request.url!)!)(request, response),
    )
    vi.stubEnv('FOVEA_DATA', '')
    try {
      const options = { hosts: [server.url] }
      expect((await loadDataset('mnist', options)).train.labels[0]).toBe(5)
      expect((await readdir(datasetCacheFolder('mnist'))).sort()).toEqual(entry.files.map(file => file.name).sort())
      expect(server.ranges.length).toBe(4)
      await loadDataset('mnist', { ...options, offline: true })
      expect(server.ranges.length).toBe(4)
      await mkdir(datasetCacheFolder('mnist'), { recursive: true })
      await writeFile(path.join(datasetCacheFolder('mnist'), entry.files[1]!.name), 'damaged')
      await expect(loadDataset('mnist', { ...options, offline: true })).rejects.toThrow(/truncated|magic/)
      expect((await loadDataset('mnist', options)).train.labels[0]).toBe(5)
      expect(server.ranges.length).toBe(5)
    } finally {
      await server.close()
    }
  })
})
