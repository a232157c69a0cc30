/** `fovea explain` on many pictures, and on one of 224×224, whose page stays small and says what it leaves out. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ExplainDocument } from '../../packages/cli/src/command/documents.ts'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { maxPooling2d } from '../../packages/fovea/src/layers/pooling.ts'
import { rescaling } from '../../packages/fovea/src/layers/rescaling.ts'
import { flatten } from '../../packages/fovea/src/layers/shaping.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { network, pictureIn, savedIn } from './explain.testing.ts'
import { callFovea } from './fovea-call.testing.ts'

test('units of a dense layer are excited by pictures as wholes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-explain-'))
  try {
    const words = [savedIn(folder, network([32, 32, 3], 10)), await pictureIn(folder, [32, 32, 3])]
    const { stdout } = await callFovea(['explain', ...words, '--dataset', 'shapes', '--layer', 'dense', '--json'])
    const { gradCam, patches } = JSON.parse(stdout) as ExplainDocument
    expect(gradCam!.layer).toBe('conv2d_1')
    expect(patches!.layers.map(({ layer, filters }) => [layer, filters.length])).toEqual([['dense', 8]])
    expect(patches!.layers[0]!.filters[0]!.patches[0]!.inputField).toEqual({ top: 0, left: 0, height: 32, width: 32 })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('VGG16, an eighth as wide, 100 classes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-explain-'))
  try {
    const blocks = [8, 8, 0, 16, 16, 0, 32, 32, 32, 0, 64, 64, 64, 0, 96, 96, 96, 0]
    const model = sequential([
      rescaling({ scale: 1 / 255, inputShape: [224, 224, 3] }),
      ...blocks.map(filters =>
        filters === 0 ? maxPooling2d() : conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' }),
      ),
      flatten(),
      dense({ units: 64, activation: 'relu' }),
      dense({ units: 100, activation: 'softmax' }),
    ])
    const page = join(folder, 'page.html')
    const words = [savedIn(folder, model), await pictureIn(folder, [224, 224, 3])]
    const { code, stdout } = await callFovea(['explain', ...words, '--out', page, '--json'])
    expect(code).toBe(0)
    const document = JSON.parse(stdout) as ExplainDocument
    expect(document.probabilities).toHaveLength(100)
    expect(document.occlusion.drops.flat()).toHaveLength(49)
    // Published for VGG16: 196 pixels at the last convolution (Araujo et al., Computing Receptive Fields, 2019).
    expect(document.receptiveFields.at(-1)!.uncut).toMatchObject({ height: 196, width: 196 })
    expect(statSync(page).size).toBeLessThan(2_000_000)
    const html = readFileSync(page, 'utf8')
    expect(html).toContain('14×14×96, the first 64 of 96 channels')
    expect(html).toContain('3×3×96×96, the first 256 of 9216 planes')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
