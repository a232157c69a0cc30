/** `fovea explain` on models of few and many classes, small and middling pictures, grey and colour; the slow suite has the large ones. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ByHandDocument, ErrorDocument, ExplainDocument } from '../../packages/cli/src/command/documents.ts'
import type { PredictDocument } from '../../packages/cli/src/command/predict-documents.ts'
import { randomFlip } from '../../packages/fovea/src/layers/augmentation.ts'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { dropout } from '../../packages/fovea/src/layers/noise.ts'
import { rescaling } from '../../packages/fovea/src/layers/rescaling.ts'
import { flatten } from '../../packages/fovea/src/layers/shaping.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { readPicture } from '../../packages/pictures/src/pictures.ts'
import { network, pictureIn, savedIn } from './explain.testing.ts'
import { callFovea } from './fovea-call.testing.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-explain-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function explained<Document = ExplainDocument>(...words: string[]) {
  const { code, stdout } = await callFovea(['explain', ...words, '--json'])
  return { code, document: JSON.parse(stdout) as Document & ErrorDocument }
}

const sizes = [
  { inputShape: [8, 8, 1], units: 2, classes: 2 },
  { inputShape: [9, 8, 3], units: 1, classes: 2 },
  { inputShape: [28, 28, 1], units: 100, classes: 100 },
  { inputShape: [64, 48, 3], units: 3, classes: 3 },
] as const

test('of one sigmoid unit predict and explain give both classes, named or not', async () => {
  for (const names of [['cat', 'dog'], undefined]) {
    const words = [savedIn(folder, network([9, 8, 3], 1), names), await pictureIn(folder, [9, 8, 3])]
    const { document } = await explained(...words)
    const { stdout } = await callFovea(['predict', ...words, '--json'])
    const [predicted] = (JSON.parse(stdout) as PredictDocument).predictions
    expect(predicted!.probabilities).toHaveLength(2)
    for (const [index, value] of predicted!.probabilities.entries())
      expect(value).toBeCloseTo(document.probabilities[index]!, 5)
    expect(predicted).toMatchObject({ class: document.class, className: (names ?? ['0', '1'])[document.class] })
  }
})

test('--out makes the folders above a page, and tells where it cannot write', async () => {
  const words = [savedIn(folder, network([8, 8, 1], 2)), await pictureIn(folder, [8, 8, 1])]
  const page = join(folder, 'new', 'pages', 'seen.html')
  expect((await explained(...words, '--out', page)).document.files).toEqual([page])
  expect(readFileSync(page, 'utf8')).toContain('<!doctype html>')
  for (const out of [page, join(page, 'folder')]) {
    const { code, document } = await explained(...words, '--out', out === page ? `${page}/other.html` : out)
    expect(code).toBe(1)
    expect(document.error[0]).toMatchObject({ what: expect.stringContaining('cannot be written') })
  }
})

describe('without --out', () => {
  test('the page lies beside the model and says what it is about', async () => {
    const words = [savedIn(folder, network([28, 28, 1], 3)), await pictureIn(folder, [28, 28, 1])]
    const { code, stdout } = await callFovea(['explain', ...words])
    const path = join(folder, 'explain-picture.html')
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`Written: ${path}`) })
    expect(readFileSync(path, 'utf8')).toMatch(/<title>\d: picture\.png, seen by [^<]*model\.safetensors<\/title>/)
    expect(readFileSync(path, 'utf8')).toContain('>5</span>')
  })

  test('what comes next is the largest number of a convolution, and then its parameters', async () => {
    const words = [savedIn(folder, network([28, 28, 1], 3)), await pictureIn(folder, [28, 28, 1])]
    const { stdout } = await callFovea(['explain', ...words])
    const [, layer, at] = /^Next: .* --layer (\w+) --at ([\d,]+)$/m.exec(stdout)!
    const { document } = await explained<ByHandDocument>(...words, '--layer', layer!, '--at', at!)
    expect(document.value).toBeGreaterThan(0)
    const byHand = await callFovea(['explain', ...words, '--layer', layer!, '--at', at!])
    expect(byHand.stdout).toMatch(/^Next: fovea summary .* --formulas$/m)
  })

  test('with --json there is no page', async () => {
    const words = [savedIn(folder, network([28, 28, 1], 3)), await pictureIn(folder, [28, 28, 1])]
    expect((await explained(...words)).document.files).toEqual([])
    expect(readdirSync(folder).sort()).toEqual(['model.safetensors', 'picture.png'])
  })
})

test('a Grad-CAM map that is zero everywhere is told in the terminal and at the figure', async () => {
  // Nothing excites a layer whose biases are far below zero.
  const silent = sequential([
    conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
    conv2d({
      filters: 4,
      kernelSize: 3,
      activation: 'relu',
      biasInitializer: { type: 'Constant', value: -1e6 },
    }),
    flatten(),
    dense({ units: 2, activation: 'softmax' }),
  ])
  const words = [savedIn(folder, silent), await pictureIn(folder, [8, 8, 1])]
  const { stdout } = await callFovea(['explain', ...words])
  const told =
    /Grad-CAM of conv2d_1 is zero everywhere: nothing in this layer speaks for \d by this measure; see occlusion, or --layer conv2d/
  expect(stdout).toMatch(told)
  expect(readFileSync(join(folder, 'explain-picture.html'), 'utf8')).toMatch(told)
})

describe('models of all sizes', () => {
  test.each(sizes)('$inputShape, $units units', async ({ inputShape, units, classes }) => {
    const words = [savedIn(folder, network(inputShape, units)), await pictureIn(folder, inputShape)]
    const out = join(folder, 'seen')
    const { code, document } = await explained(...words, '--out', out, '--class', '1')
    expect(code).toBe(0)
    expect(document.probabilities).toHaveLength(classes)
    expect(document.probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
    expect(document.classNames[document.class]).toBe(document.className)
    expect(document.explainedClass).toBe(1)
    expect(document.gradCam!.layer).toBe('conv2d_1')
    expect(document.receptiveFields.map(({ layer, uncut }) => [layer, uncut.height])).toEqual([
      ['conv2d', 3],
      ['conv2d_1', 8],
    ])
    expect(
      readdirSync(out)
        .map(file => join(out, file))
        .sort(),
    ).toEqual([...document.files].sort())
    for (const name of ['guided-gradient', 'receptive-fields', 'occlusion', 'maps-conv2d', 'filters-conv2d']) {
      const { width, data } = await readPicture(join(out, `${name}.png`))
      expect(new Set(data).size, name).toBeGreaterThan(2)
      expect(width, name).toBeLessThanOrEqual(1024)
    }
  })

  test('a class that is not there', async () => {
    const words = [savedIn(folder, network([8, 8, 1], 1)), await pictureIn(folder, [8, 8, 1])]
    const { code, document } = await explained(...words, '--class', '2')
    expect(code).toBe(1)
    expect(document.error[0]).toMatchObject({ what: 'There is no such class.', expected: '0 to 1' })
  })

  test('layers for training alone are not drawn', async () => {
    const model = sequential([
      rescaling({ scale: 1 / 255, inputShape: [8, 8, 1] }),
      randomFlip({ mode: 'horizontal' }),
      conv2d({ filters: 2, kernelSize: 3 }),
      dropout({ rate: 0.5 }),
      flatten(),
      dense({ units: 2, activation: 'softmax' }),
    ])
    const out = join(folder, 'passing')
    const words = [savedIn(folder, model), await pictureIn(folder, [8, 8, 1])]
    const { document } = await explained(...words, '--out', out)
    const maps = document.files.map(file => file.split('/').at(-1)!).filter(name => name.startsWith('maps-'))
    expect(maps).toEqual(['maps-rescaling.png', 'maps-conv2d.png', 'maps-flatten.png', 'maps-dense.png'])
  })

  test('a class by its name', async () => {
    const words = [savedIn(folder, network([8, 8, 1], 2), ['glass', 'metal']), await pictureIn(folder, [8, 8, 1])]
    const [named, numbered] = [await explained(...words, '--class', 'metal'), await explained(...words, '--class', '1')]
    expect(named.document.explainedClass).toBe(1)
    expect(numbered.document).toEqual(named.document)
    const { document } = await explained(...words, '--class', 'metall')
    expect(document.error[0]).toMatchObject({ expected: '0 to 1, or glass, metal', fix: "Did you mean 'metal'?" })
  })

  test('a network without convolutions', async () => {
    const model = sequential([flatten({ inputShape: [8, 8, 3] }), dense({ units: 5, activation: 'softmax' })])
    const words = [savedIn(folder, model, ['a', 'b', 'c', 'd', 'e']), await pictureIn(folder, [8, 8, 3])]
    const { document } = await explained(...words, '--out', join(folder, 'seen'))
    expect(document.classNames).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(document.gradCam).toBeUndefined()
    expect(document.receptiveFields).toEqual([])
    expect(document.files.map(file => file.split('/').at(-1))).toContain('guided-gradient.png')
  })
})

describe('one number of a convolution', () => {
  test('says where in the picture it looks, and draws it', async () => {
    const words = [savedIn(folder, network([12, 10, 3], 4)), await pictureIn(folder, [12, 10, 3])]
    const at = ['--layer', 'conv2d_1', '--at', '1,0,2']
    const { document } = await explained<ByHandDocument>(...words, ...at, '--out', join(folder, 'hand'))
    expect(document.value).toBeCloseTo(document.networkValue, 5)
    expect(document.inputField).toEqual({
      layer: 'conv2d_1',
      at: [1, 0, 2],
      ...{ top: 1, left: 0, height: 8, width: 7 },
      uncut: { top: 1, left: -1, height: 8, width: 8 },
      stride: [2, 2],
      centre: [4.5, 2.5],
    })
    expect(readdirSync(join(folder, 'hand')).sort()).toEqual([
      'explanation.json',
      'guided-gradient.png',
      'input-field.png',
    ])
    const picture = await readPicture(join(folder, 'hand', 'input-field.png'))
    const scale = picture.width / 10
    // Its upper left pixel is red: row 1, column 0.
    expect([...picture.data.subarray(scale * picture.width * 3, scale * picture.width * 3 + 3)]).toEqual([255, 60, 40])
    const page = join(folder, 'hand.html')
    const { stdout } = await callFovea(['explain', ...words, ...at, '--out', page])
    expect(stdout).toContain(
      'it sees 8×7 pixels from row 1, column 0; without borders 8×8, 2×2 pixels from unit to unit',
    )
    expect(readFileSync(page, 'utf8')).toContain('sum of the products')
  })
})

describe('patches of a data set', () => {
  test('for each filter the pictures that excite it most, and their guided gradients', async () => {
    const words = [savedIn(folder, network([32, 32, 3], 10)), await pictureIn(folder, [32, 32, 3])]
    const few = ['--dataset', 'shapes', '--limit', '40', '--filter-count', '2']
    const { document } = await explained(...words, ...few, '--out', join(folder, 'seen'))
    const { dataset, samples, layers } = document.patches!
    expect([dataset, samples]).toEqual(['shapes', 40])
    expect(layers.map(({ layer, filters }) => [layer, filters.length])).toEqual([
      ['conv2d', 2],
      ['conv2d_1', 2],
    ])
    for (const { patches } of layers.flatMap(({ filters }) => filters)) {
      const strengths = patches.map(({ value }) => value)
      expect(strengths).toEqual([...strengths].sort((a, b) => b - a))
      expect(new Set(patches.map(({ picture }) => picture)).size).toBe(patches.length)
      expect(patches.every(({ picture, inputField }) => picture < 40 && inputField.height <= 8)).toBe(true)
    }
    expect(layers[0]!.filters.some(({ patches }) => patches.length === 9)).toBe(true)
    expect(document.files.map(file => file.split('/').at(-1))).toContain('patches-conv2d_1.png')
  })

  test('options that need it say so', async () => {
    const words = [savedIn(folder, network([32, 32, 3], 10)), await pictureIn(folder, [32, 32, 3])]
    const { code, document } = await explained(...words, '--filter-count', '2')
    expect(code).toBe(2)
    expect(document.error[0]!.what).toBe('--filter-count needs --dataset.')
  })
})
