/**
 * Near duplicates among real photographs: 480 of things on one white table (TrashNet), and copies of 50 of them, each resized, saved again,
 * mirrored, made lighter. All copies are found, and no two different photographs are taken for one.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
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

describe.skipIf(!found)(`photographs of one table${found ? '' : ' (FOVEA_CASES has no pictures beside it)'}`, () => {
  test.each<[number, PreprocessSpec['resize']]>([
    [32, 'cover'],
    [96, 'stretch'],
    [160, 'cover'],
    [64, 'contain'],
  ])('made to %i pixels by %s: copies are found, and nothing else', { timeout: 120_000 }, async (side, resize) => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map(file => file.replaceAll('\\', '/'))
      .filter(file => file.endsWith('.jpg'))
      .sort()
    expect(files).toHaveLength(480)
    const spec: PreprocessSpec = { shape: [side, side, 3], channels: 'rgb', resize }
    const contents = files.map(file => readFileSync(join(folder, file)))
    const chosen = [...files.keys()].filter(at => at % 10 === 3 || at % 240 === 8)
    const copied = chosen.flatMap(at => Object.entries(copies).map(([name, make]) => ({ at, name, make })))
    expect(copied).toHaveLength(250)
    for (const { at, make } of copied) contents.push(await make(contents[at]!).toBuffer())

    const signatures = new Uint8Array(contents.length * signatureBytes)
    for (const [at, bytes] of contents.entries()) {
      const picture = await decodePicture(bytes)
      const { pixels } = pictureToInput(picture, spec)
      signatures.set(signatureOf(...withoutBars(pixels, spec, picture)), at * signatureBytes)
    }
    const { groups, pairs } = duplicateGroups(
      signatures,
      contents.map(bytes => createHash('sha256').update(bytes).digest('hex')),
    )

    const lost = copied.filter(({ at }, place) => groups[files.length + place] !== groups[at])
    expect(lost.map(({ at, name }) => `${files[at]} ${name}`)).toEqual([])
    const alike = files.filter(
      (_, at) => groups.indexOf(groups[at]!) !== at || groups.slice(at + 1, 480).includes(groups[at]!),
    )
    expect(alike).toEqual(twins)
    expect(pairs).toHaveLength(251)
    const mirrors = pairs.filter(({ kind }) => kind === 'mirrored')
    expect(mirrors.length).toBeGreaterThan(50)
  })
})
