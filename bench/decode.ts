/**
 * How fast a folder of photographs becomes the pixels of a model: JPEG files of about 20 KB, listed, decoded, made to 64×64 and written
 * into the pixel cache, beside what the decoder alone takes for the same files, in turn. Then how soon the same set is there again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { listPictures } from '@fovea/pictures/internal/picture-set'
import { pixelCache } from '@fovea/pictures/internal/pixel-cache'
import sharp from 'sharp'
import { columns } from '../packages/fovea/src/base/text.ts'
import { ownVersions, signature } from './machine.ts'
import { least } from './statistics.ts'

const ROUNDS = 5
const unlike = 200
/** FOVEA_BENCH_FILES sets another number. */
const defaultFiles = 5000
const preprocess = { shape: [64, 64, 3], channels: 'rgb', resize: 'stretch' } as const

/** Least times of the rounds, in seconds. */
export interface Decoding {
  readonly files: number
  readonly bytesPerFile: number
  /** Each file read and decoded by sharp as it comes, several at a time, nothing kept. */
  readonly decoderSeconds: number
  readonly cacheSeconds: number
  /** Listed and opened again, nothing decoded. */
  readonly againSeconds: number
  readonly peakBytes: number
}

export type DecodingDocument = ReturnType<typeof signature> & {
  readonly versions: Readonly<Record<string, string>>
  readonly decoding: Decoding
}

export async function measureDecoding(say: (text: string) => void): Promise<DecodingDocument> {
  const root = mkdtempSync(join(tmpdir(), 'fovea-bench-'))
  try {
    const files = Number(process.env['FOVEA_BENCH_FILES'] ?? defaultFiles)
    const [set, cache] = [join(root, 'set'), join(root, 'cache')]
    say(`writing ${files} files …`)
    const bytesPerFile = await writePhotos(set, files)
    const seconds = { decoder: [] as number[], cache: [] as number[], again: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      say(`round ${round + 1} of ${ROUNDS} …`)
      seconds.decoder.push(await timed(() => decoderAlone(set)))
      rmSync(cache, { recursive: true, force: true })
      seconds.cache.push(await timed(() => intoCache(set, cache)))
      seconds.again.push(await timed(() => intoCache(set, cache)))
    }
    const decoding = {
      files,
      bytesPerFile,
      decoderSeconds: least(seconds.decoder),
      cacheSeconds: least(seconds.cache),
      againSeconds: least(seconds.again),
      peakBytes: process.resourceUsage().maxRSS * 1024,
    }
    return { ...signature(), versions: ownVersions(), decoding }
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** Soft blots with grain, as sensors give it: a picture of 512×384 has about 20 KB. Bytes of a file on average. */
async function writePhotos(folder: string, count: number): Promise<number> {
  const photos: Buffer[] = []
  for (let seed = 0; seed < unlike; seed++) {
    const [width, height] = [512, 384]
    const data = new Uint8Array(width * height * 3)
    for (let at = 0; at < data.length; at++) {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
      const blots = Math.sin(x / (9 + (seed % 13)) + seed) * Math.cos(y / (7 + (seed % 11))) * 60
      data[at] = 128 + blots + (((at * 2654435761 + seed * 40503) >>> 20) % 25) - 12 + 10 * (at % 3)
    }
    photos.push(
      await sharp(data, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: 72 })
        .toBuffer(),
    )
  }
  for (const name of ['one', 'other']) await mkdir(join(folder, name), { recursive: true })
  for (let index = 0; index < count; index++)
    await writeFile(join(folder, index % 2 === 0 ? 'one' : 'other', `${index}.jpg`), photos[index % unlike]!)
  return photos.reduce((sum, photo) => sum + photo.length, 0) / unlike
}

async function decoderAlone(folder: string): Promise<void> {
  const { files } = await listPictures(folder)
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < files.length)
      await sharp(await readFile(join(folder, files[next++]!.file)))
        .raw()
        .toBuffer()
  }
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, lane))
}

async function intoCache(folder: string, cache: string): Promise<void> {
  const { files } = await listPictures(folder)
  await pixelCache(
    folder,
    files.map(({ file }) => file),
    preprocess,
    { cache, most: 1e12 },
  )
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

export function decodingText({ decoding }: DecodingDocument): string {
  const { files, bytesPerFile, decoderSeconds, cacheSeconds, againSeconds, peakBytes } = decoding
  const row = (name: string, seconds: number) => [
    name,
    seconds.toFixed(2),
    (files / seconds).toFixed(0),
    `${((100 * decoderSeconds) / seconds).toFixed(0)} %`,
  ]
  const rows = [
    row('decoder alone', decoderSeconds),
    row('into the pixel cache', cacheSeconds),
    row('opened again', againSeconds),
  ]
  const titles = [`${files} files of ${(bytesPerFile / 1000).toFixed(1)} KB`, 'seconds', 'a second', 'of the decoder']
  return [
    columns(
      titles.map((title, at) => ({
        title,
        cells: rows.map(cells => cells[at]!),
        ...(at > 0 && { align: 'right' as const }),
      })),
    ),
    '',
    `peak memory ${(peakBytes / 1e6).toFixed(0)} MB`,
  ].join('\n')
}
