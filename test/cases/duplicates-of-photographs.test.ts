/**
 * Near duplicates among real photographs: 480 of things on one white table (TrashNet), and copies of 50 of them, each resized, saved again,
 * mirrored, made lighter. All copies are found, and no two different photographs are taken for one.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Sharp } from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import type { PreprocessSpec } from '../../packages/fovea/src/base/preprocess-spec.ts'
import { pictureToInput } from '../../packages/fovea/src/preprocess/input.ts'
import { duplicateGroups } from '../../packages/pictures/src/near-duplicates.ts'
import { signatureBytes, signatureOf, withoutBars } from '../../packages/pictures/src/picture-signature.ts'
import { decodePicture } from '../../packages/pictures/src/pictures.ts'

const cases = process.env['FOVEA_CASES']
const folder = join(cases ?? '', '../pictures/trashnet')
const found = cases !== undefined && existsSync(folder)
const sharp = createRequire(new URL('../../packages/pictures/src/', import.meta.url))('sharp') as (
  bytes: Uint8Array,
) => Sharp

const copies: Readonly<Record<string, (bytes: Uint8Array) => Sharp>> = {
  half: bytes => sharp(bytes).resize(128).jpeg({ quality: 85 }),
  larger: bytes => sharp(bytes).resize(384).jpeg({ quality: 85 }),
  'saved at 60': bytes => sharp(bytes).jpeg({ quality: 60 }),
  mirrored: bytes => sharp(bytes).flop().jpeg({ quality: 85 }),
  'mirrored, small and lighter': bytes =>
    sharp(bytes).flop().resize(128).modulate({ brightness: 1.05 }).jpeg({ quality: 60 }),
}
/** These two are one file, once as glass and once as plastic. */
const twins = ['glass/glass389.jpg', 'plastic/plastic332.jpg']

/** What pictures are made to, before their signatures. */
const specs = (
  [
    [32, 'cover'],
    [96, 'stretch'],
    [160, 'cover'],
    [64, 'contain'],
  ] as const
).map(([side, resize]): PreprocessSpec => ({ shape: [side, side, 3], channels: 'rgb', resize }))

describe.skipIf(!found)(`photographs of one table${found ? '' : ' (FOVEA_CASES has no pictures beside it)'}`, () => {
  const files: string[] = []
  const copied: { readonly at: number; readonly name: string }[] = []
  const hashes: string[] = []
  const signatures: Uint8Array[] = []

  // Every picture is decoded once, and its signature taken as each specification makes it.
  beforeAll(async () => {
    files.push(
      ...readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map(file => file.replaceAll('\\', '/'))
        .filter(file => file.endsWith('.jpg'))
        .sort(),
    )
    const contents: Uint8Array[] = files.map(file => readFileSync(join(folder, file)))
    for (const at of [...files.keys()].filter(at => at % 10 === 3 || at % 240 === 8)) {
      for (const [name, make] of Object.entries(copies)) {
        contents.push(await make(contents[at]!).toBuffer())
        copied.push({ at, name })
      }
    }
    hashes.push(...contents.map(bytes => createHash('sha256').update(bytes).digest('hex')))
    signatures.push(...specs.map(() => new Uint8Array(contents.length * signatureBytes)))
    for (const [at, bytes] of contents.entries()) {
      const picture = await decodePicture(bytes)
      for (const [index, spec] of specs.entries()) {
        const { pixels } = pictureToInput(picture, spec)
        signatures[index]!.set(signatureOf(...withoutBars(pixels, spec, picture)), at * signatureBytes)
      }
    }
  }, 120_000)

  test('there are enough of them', () => {
    expect(files).toHaveLength(480)
    expect(copied).toHaveLength(250)
  })

  test.each(specs.map(({ shape: [side], resize }, index) => [side, resize, index] as const))(
    'made to %i pixels by %s: copies are found, and nothing else',
    (_side, _resize, index) => {
      const { groups, pairs } = duplicateGroups(signatures[index]!, hashes)
      const lost = copied.filter(({ at }, place) => groups[files.length + place] !== groups[at])
      expect(lost.map(({ at, name }) => `${files[at]} ${name}`)).toEqual([])
      const alike = files.filter(
        (_, at) => groups.indexOf(groups[at]!) !== at || groups.slice(at + 1, 480).includes(groups[at]!),
      )
      expect(alike).toEqual(twins)
      expect(pairs).toHaveLength(251)
      const mirrors = pairs.filter(({ kind }) => kind === 'mirrored')
      expect(mirrors.length).toBeGreaterThan(50)
    },
  )
})
