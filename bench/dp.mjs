/**
 * Measures decoding in a process of its own, with the packages as they are built: JPEG files of about 20 KB, listed, decoded, made to 64×64
 * and written into the pixel cache, beside what the decoder alone takes for the same files, in turn; then how soon the same set is there
 * again. Prints one JSON document. FOVEA_BENCH_FILES sets the number of files.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { listPictures } from '@fovea/pictures/internal/picture-set'
import { pixelCache } from '@fovea/pictures/internal/pixel-cache'
import sharp from 'sharp'

const rounds = 1
const unlike = 200
const count = Number(process.env['FOVEA_BENCH_FILES'] ?? 5000)
const preprocess = { shape: [64, 64, 3], channels: 'rgb', resize: 'stretch' }

const root = mkdtempSync(join(tmpdir(), 'fovea-bench-'))
try {
  const [set, cache] = [join(root, 'set'), join(root, 'cache')]
  const bytesPerFile = await writePhotos(set)
  const seconds = { decoder: [], cache: [], again: [] }
  for (let round = 0; round < rounds; round++) {
    if(!process.env.ONLYCACHE)seconds.decoder.push(await timed(() => decoderAlone(set)))
    rmSync(cache, { recursive: true, force: true })
    seconds.cache.push(await timed(() => intoCache(set, cache)))
    seconds.again.push(await timed(() => intoCache(set, cache)))
  }
  const peakBytes = process.resourceUsage().maxRSS * 1024
  process.stdout.write(`${JSON.stringify({ files: count, bytesPerFile, seconds, peakBytes })}\n`)
} finally {
  rmSync(root, { recursive: true })
}

/** Soft blots with grain, as sensors give it: a picture of 512×384 has about 20 KB. Bytes of a file on average. */
async function writePhotos(folder) {
  const photos = []
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
    await writeFile(join(folder, index % 2 === 0 ? 'one' : 'other', `${index}.jpg`), photos[index % unlike])
  return photos.reduce((sum, photo) => sum + photo.length, 0) / unlike
}

/** Each file read and decoded by sharp as it comes, several at a time, nothing kept. */
async function decoderAlone(folder) {
  const { files } = await listPictures(folder)
  let next = 0
  const lane = async () => {
    while (next < files.length)
      await sharp(await readFile(join(folder, files[next++].file)))
        .raw()
        .toBuffer()
  }
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, lane))
}

async function intoCache(folder, cache) {
  const { files } = await listPictures(folder)
  const names = files.map(({ file }) => file)
  await pixelCache(folder, names, preprocess, { cache, most: 1e12 })
}

async function timed(work) {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}
