/** Readers of zip and tar archives. What is read of them is read into memory: no member is ever written to a disk. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readArchive } from 'fovea/internal/host/node/unpack'
import { zipMember } from 'fovea/internal/host/node/zip'
import { zipped } from '../../packages/fovea/src/host/node/pickled.testing.ts'
import { joined } from '../fuzz/mutate-bytes.ts'
import { tarMember } from '../fuzz/tar-file.ts'
import { json, refusal, refused, type Weakness } from './weakness.testing.ts'

const content = new TextEncoder().encode('x'.repeat(600))
const end = new Uint8Array(1024)

/** Reads the member `a.bin` of an archive of tar, and says what lies in the folder then. */
async function readTar(folder: string, archive: Uint8Array, wanted = 'a.bin'): Promise<string> {
  const path = join(folder, 'archive.tar')
  writeFileSync(path, archive)
  const met: string[] = []
  const told = await refusal(() =>
    readArchive(
      path,
      name => (name === wanted ? content.length : undefined),
      (name, bytes) => met.push(`${name} ${bytes.length}`),
    ),
  )
  return `${told}; met: ${met.join(', ')}; there: ${readdirSync(folder).join(', ')}`
}

/** A record of `pax`, which says its own length. */
function pax(key: string, value: string): Uint8Array {
  const rest = ` ${key}=${value}\n`
  const length = rest.length + String(rest.length + 2).length
  return new TextEncoder().encode(`${length}${rest}`)
}

const put = (bytes: Uint8Array, at: number, value: number): void =>
  new DataView(bytes.buffer).setUint32(at, value, true)
const find = (bytes: Uint8Array, sign: string, from = 0): number =>
  Buffer.from(bytes.buffer).indexOf(sign, from, 'latin1')
const entryMark = 'PK\x01\x02'

export const ofArchives: readonly Weakness[] = [
  {
    of: 'zip (JSZip)',
    names: 'CVE-2022-48285',
    was: 'members called `../x` are written out of the folder ("zip slip")',
    here: 'refused: a name that leads out of the archive is told, and nothing is written',
    try: () =>
      refused(
        zipped([
          ['../config.json', json({})],
          ['model.json', json({})],
        ]),
        'model.zip',
      ),
    says: /Unsafe filename|which leads out of the archive/,
  },
  {
    of: 'zip (Python)',
    names: 'CVE-2024-0450',
    was: 'members overlap, so that a small archive unpacks to a huge one',
    here: 'refused: a member has one name in both of its places, and bytes of its own',
    try() {
      const bytes = zipped([
        ['model.json', json({})],
        ['weights.bin', content],
      ])
      const second = find(bytes, entryMark, find(bytes, entryMark) + 4)
      put(bytes, second + 42, 0)
      return refused(bytes, 'model.zip')
    },
    says: /called weights\.bin in one place and otherwise in another/,
  },
  {
    of: 'zip (Python)',
    names: 'CVE-2025-8291',
    was: 'the locator of the 64-bit directory points elsewhere than where it is read',
    here: 'refused: the directory is read where the archive says it is',
    try() {
      const good = zipped([['model.json', json({})]])
      const at = find(good, 'PK\x05\x06')
      const locator = new Uint8Array(20)
      locator.set([0x50, 0x4b, 6, 7])
      put(locator, 8, good.length + 5000)
      put(locator, 16, 1)
      const bytes = joined(good.subarray(0, at), locator, good.subarray(at))
      new DataView(bytes.buffer).setUint32(at + 20 + 16, 0xffffffff, true)
      new DataView(bytes.buffer).setUint16(at + 20 + 10, 0xffff, true)
      return refused(bytes, 'model.zip')
    },
    says: /whose list of members cannot be read|is not a model that can be read/,
  },
  {
    of: 'zip (Python)',
    names: 'CVE-2024-8088',
    was: 'names of slashes alone make a walk through an archive endless',
    here: 'refused: a name that begins with a slash is told',
    try: () =>
      refused(
        zipped([
          ['/', new Uint8Array(1)],
          ['//', content],
          ['model.json', json({})],
        ]),
        'model.zip',
      ),
    says: /a member called \/|whose list of members/,
  },
  {
    of: 'zip',
    names: 'without a number',
    was: 'a member of a few bytes says that it unpacks to a gigabyte ("zip bomb")',
    here: 'refused before memory is taken: deflate unpacks to 1,032 times at most, and what comes is counted',
    async try() {
      const archive = (size: number): Uint8Array => {
        const bytes = zipped([['x_train.npy', content]], { deflate: true })
        for (const at of [find(bytes, 'PK\x03\x04') + 22, find(bytes, entryMark) + 24]) put(bytes, at, size)
        return bytes
      }
      const much = await refusal(() => zipMember(archive(2 ** 29), 'x_train.npy', 2 ** 30, 'a.npz'))
      return `${much}\n${await refusal(() => zipMember(archive(100), 'x_train.npy', 2 ** 30, 'a.npz'))}`
    },
    says: /said to be 536870912[\s\S]*cannot be unpacked/,
  },
  {
    of: 'zip',
    names: 'without a number',
    was: 'two members of one name, which two programs read differently',
    here: 'refused by the name, in models and in archives of NumPy',
    async try() {
      const model = await refused(
        zipped([
          ['model.json', json({})],
          ['model.json', content],
        ]),
        'model.zip',
      )
      const twice = zipped([
        ['x_train.npy', content],
        ['x_train.npy', content],
      ])
      return `${model}\n${await refusal(() => zipMember(twice, 'x_train.npy', 2 ** 20, 'a.npz'))}`
    },
    says: /two members called model\.json[\s\S]*two members called x_train\.npy/,
  },
  {
    of: 'tar (Python, node-tar, tar-fs, Keras, ONNX)',
    names:
      'CVE-2024-12718, CVE-2025-4138, CVE-2025-4330, CVE-2025-4517, CVE-2024-12905, CVE-2025-48387, CVE-2025-59343, CVE-2026-23745, CVE-2025-12060, CVE-2024-5187, CVE-2024-7776',
    was: 'names and links of members lead out of the folder that an archive is unpacked to',
    here: 'nothing is unpacked to a disk, and links are passed over',
    try: folder =>
      readTar(
        folder,
        joined(
          tarMember('link', new Uint8Array(), { 156: '2', 157: '/tmp' }),
          tarMember('hard', new Uint8Array(), { 156: '1', 157: '/etc/passwd' }),
          tarMember('link/escaped', content),
          tarMember('../../escaped', content),
          tarMember('/tmp/fovea-escaped', content),
          tarMember('a.bin', content),
          end,
        ),
      ),
    says: /^it is read; met: a\.bin 600; there: archive\.tar$/,
  },
  {
    of: 'tar (Python)',
    names: 'CVE-2025-8194',
    was: 'a member of negative size makes reading endless',
    here: 'refused: a size is a number of at least 0',
    async try(folder) {
      const minus = await readTar(folder, joined(tarMember('a.bin', content, { 124: '-0000001000' }), end))
      const binary = tarMember('a.bin', content)
      binary.fill(0xff, 124, 136)
      return `${minus}\n${await readTar(folder, joined(binary, end))}`
    },
    says: /is damaged[\s\S]*is damaged/,
  },
  {
    of: 'tar (tokio-tar)',
    names: 'CVE-2025-62518',
    was: 'two headers say two sizes, and what is content for one reader is a member for another',
    here: 'read as the extended header says, as other programs do: what lies in a member is no member',
    try(folder) {
      const inner = tarMember('a.bin', content)
      const record = pax('size', String(inner.length))
      const outer = tarMember('outer', inner, { 124: '00000000000' })
      return readTar(folder, joined(tarMember('pax', record, { 156: 'x' }), outer, end))
    },
    says: /^it is read; met: ; there/,
  },
  {
    of: 'tar (node-tar)',
    names: 'CVE-2024-28863',
    was: 'a path of thousands of folders takes all memory when they are made',
    here: 'no folder is made: a name is its last part',
    try(folder) {
      const path = pax('path', `${'a/'.repeat(20_000)}a.bin`)
      return readTar(folder, joined(tarMember('pax', path, { 156: 'x' }), tarMember('a.bin', content), end))
    },
    says: /^it is read; met: a\.bin 600; there: archive\.tar$/,
  },
  {
    of: 'gzip',
    names: 'without a number',
    was: 'an archive of a megabyte unpacks to terabytes, in members that nobody asked for',
    here: 'refused after 1 GiB, which is counted while it unpacks',
    try(folder) {
      const piece = gzipSync(new Uint8Array(2 ** 26), { level: 1 })
      const header = tarMember('other', new Uint8Array(), { 124: '77777777777' })
      return readTar(folder, joined(gzipSync(header), ...new Array<Uint8Array>(17).fill(piece)))
    },
    says: /archive\.tar is oversized[\s\S]*at most 1\.\d GB unpacked/,
  },
]
