/** Pictures in a page, from every form it holds them in to class names: the answers of Node, bit for bit where the pixels are the same. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dense, flatten, pictureToInput, rescaling, sequential } from '../../packages/fovea/src/index.ts'
import { opaque, rgb } from '../../packages/fovea/src/preprocess/picture.ts'
import { readPicture } from '../../packages/pictures/src/pictures.ts'
import { pngBytes } from '../../packages/pictures/src/png-bytes.testing.ts'
import { root } from '../source-files.testing.ts'
import { hasChromium, launchChromium, reportOf } from './chromium.testing.ts'
import { serveFolder } from './static-server.testing.ts'

interface Report {
  readonly answers: Readonly<Record<string, readonly { readonly className: string; readonly probability: number }[]>>
  readonly errors: Readonly<Record<string, string>>
  readonly means: Readonly<Record<string, { readonly size: readonly number[]; readonly mean: readonly number[] }>>
  readonly alpha: readonly number[]
}

const picture = {
  width: 50,
  height: 37,
  channels: 3 as const,
  data: Uint8Array.from({ length: 50 * 37 * 3 }, (_, at) => (at * 31 + (at >> 5)) % 256),
}

const awkward = join(process.env['FOVEA_CASES'] ?? '', '../pictures/awkward')
/** CMYK, transparency and two photographs with colour profiles of their own among them. Gamma (gAMA) is minded by browsers alone. */
const files = [
  ...['cmyk.jpg', 'exif-orientation-2.jpg', 'exif-orientation-6.jpg', 'lossless.webp', 'animated.gif', 'sample.avif'],
  ...['progressive-cat.jpg', 'lossy-alpha.webp', 'transparent.gif', 'rgb-adobe-transform0.jpg'],
].filter(name => existsSync(join(awkward, name)))

const program = `
import { decodePicture, loadPredictor } from ${JSON.stringify(join(root, 'packages/fovea/src/browser.ts'))}
const bytesOf = async path => new Uint8Array(await (await fetch(path)).arrayBuffer())
const model = await loadPredictor(await bytesOf('model.safetensors'))
const png = await bytesOf('picture.png')
const bitmap = await createImageBitmap(new Blob([png]))
const canvas = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height })
const context = canvas.getContext('2d')
context.drawImage(bitmap, 0, 0)
const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height)
offscreen.getContext('2d').drawImage(bitmap, 0, 0)
const image = Object.assign(new Image(), { src: 'picture.png' })
const forms = {
  bytes: png, buffer: png.buffer, blob: new Blob([png]), file: new File([png], 'a.png'), canvas, offscreen, bitmap, image,
  imageData: context.getImageData(0, 0, canvas.width, canvas.height), picture: await decodePicture(png),
}
const answers = {}
for (const [name, form] of Object.entries(forms)) answers[name] = await model.classify(form)
answers.response = await model.classify(new Response(png))
answers.list = (await model.classify(Object.values(forms))).at(-1)
const errors = {}
for (const [name, form] of Object.entries({ path: 'picture.png', text: new Blob(['hello']), damaged: png.subarray(0, 200), jpeg: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16), nothing: undefined, empty: new Uint8Array(0) }))
  await model.classify(form).catch(error => { errors[name] = error.name + ': ' + error.message })
const means = {}
for (const name of ${JSON.stringify(files)}) {
  const { width, height, channels, data } = await decodePicture(await bytesOf('awkward-' + name))
  const mean = [0, 0, 0]
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = channels === 4 ? data[4 * pixel + 3] / 255 : 1
    for (let c = 0; c < 3; c++) mean[c] += (data[channels * pixel + c] * alpha + 255 * (1 - alpha)) / (width * height)
  }
  means[name] = { size: [width, height], mean }
}
const clear = new OffscreenCanvas(2, 1)
clear.getContext('2d').fillRect(0, 0, 1, 1)
const alpha = [...(await decodePicture(await (await clear.convertToBlob()).arrayBuffer())).data]
globalThis.report = { answers, errors, means, alpha }
`

describe.skipIf(!hasChromium && !process.env['FOVEA_REQUIRE_BROWSER'])('pictures in a page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-classify-'))
  let expected: Report['answers'][string]
  let report: Report

  beforeAll(async () => {
    const model = sequential(
      [rescaling({ scale: 1 / 255, inputShape: [16, 16, 3] }), flatten(), dense({ units: 3, activation: 'softmax' })],
      { seed: 4 },
    )
    model.classNames = ['cat', 'dog', 'bird']
    model.preprocess = { shape: [16, 16, 3], channels: 'rgb', resize: 'cover' }
    writeFileSync(join(folder, 'model.safetensors'), await model.toBytes())
    writeFileSync(join(folder, 'picture.png'), pngBytes(picture))
    expected = await model.classify(picture)
    const { data } = await model.predict({
      shape: [1, 16, 16, 3],
      data: pictureToInput(picture, model.preprocess).pixels,
    })
    expect(expected.map(({ probability }) => probability)).toEqual([...data].sort((a, b) => b - a))
    await model.dispose()

    const input = join(folder, 'page.js')
    writeFileSync(input, program)
    writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="built/page.js"></script>')
    const bundle = await rolldown({ input, platform: 'browser' })
    await bundle.write({ dir: join(folder, 'built'), format: 'esm', minify: true })
    for (const name of files) {
      writeFileSync(join(folder, `awkward-${name}`), readFileSync(join(awkward, name)))
    }
    const server = await serveFolder(folder)
    const browser = await launchChromium()
    try {
      report = await reportOf<Report>(browser, server.url)
    } finally {
      await browser.close()
      await server.close()
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('are answered with the bits of Node, in whatever form they come', () => {
    const forms = [
      'bytes',
      'buffer',
      'blob',
      'file',
      'canvas',
      'offscreen',
      'bitmap',
      'image',
      'imageData',
      'picture',
      'response',
    ]
    for (const name of [...forms, 'list']) expect(report.answers[name], name).toEqual(expected)
  })

  test('are refused in a sentence', () => {
    expect(report.errors['path']).toMatch(/UserError: the picture cannot be opened[\s\S]*fetch/)
    expect(report.errors['text']).toMatch(
      /UserError: the picture cannot be read by this browser[\s\S]*a text file[\s\S]*Name a picture/,
    )
    expect(report.errors['damaged']).toMatch(/UserError: the picture is a damaged PNG file[\s\S]*Save it again/)
    expect(report.errors['jpeg']).toMatch(/UserError: the picture is a damaged JPEG file/)
    expect(report.errors['nothing']).toMatch(/UserError: the picture cannot be opened[\s\S]*undefined/)
    expect(report.errors['empty']).toMatch(/an empty file/)
  })

  test('keep what is transparent', () => {
    expect(report.alpha).toEqual([0, 0, 0, 255, 0, 0, 0, 0])
  })

  test.each(files)('%s looks as in Node', async name => {
    const { width, height, data } = rgb(opaque(await readPicture(join(awkward, name))))
    const { size, mean } = report.means[name]!
    expect(size).toEqual([width, height])
    for (let channel = 0; channel < 3; channel++) {
      let sum = 0
      for (let at = channel; at < data.length; at += 3) sum += data[at]!
      expect(Math.abs(sum / (width * height) - mean[channel]!), `channel ${channel}`).toBeLessThan(1.5)
    }
  })
})
