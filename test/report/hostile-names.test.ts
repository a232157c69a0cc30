/**
 * Names of strangers are text on every page: of classes, layers, files, folders, recipes, metrics. The pages are taken apart as a browser
 * does it, and hold no element, attribute or address that a name brought along; and their content policy lets nothing else run.
 */
import { createHash } from 'node:crypto'
import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { nodeDevice } from '../../packages/cli/src/command/device.ts'
import { liveSection } from '../../packages/cli/src/report/live.ts'
import { reportPage } from '../../packages/cli/src/report/page.ts'
import { plainPage } from '../../packages/cli/src/report/plain-page.ts'
import { readReportRun } from '../../packages/cli/src/report/report-run.ts'
import { byHandPage, predictionPage } from '../../packages/cli/src/verbs/explanation-page.ts'
import { specOf } from '../../packages/fovea/src/base/preprocess-spec.ts'
import { conv2d } from '../../packages/fovea/src/layers/conv.ts'
import { dense } from '../../packages/fovea/src/layers/dense.ts'
import { globalAveragePooling2d } from '../../packages/fovea/src/layers/pooling.ts'
import { rescaling } from '../../packages/fovea/src/layers/rescaling.ts'
import { modelToConfig } from '../../packages/fovea/src/network/config.ts'
import { sequential } from '../../packages/fovea/src/network/sequential.ts'
import { makeRecipe } from '../../packages/fovea/src/recipes/common.ts'
import { runRecipe } from '../../packages/fovea/src/runner/run-recipe.ts'
import { memoryFiles } from '../../packages/fovea/src/store/memory-files.ts'
import { drawnWithPictures } from '../../packages/pictures/src/picture-urls.ts'

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title><svg onload=alert(1)>',
  '</style><a href="javascript:alert(1)">x</a>',
  '<!--<iframe src=//example.org>',
  '</section><link rel=stylesheet href=//example.org/x.css>',
  '\u202Egnp.exe&lt;b&gt;&#x3c;b>',
]
const [classA, classB, classC, title, folder] = hostile as [string, string, string, string, string]

/** What a page may hold, and where its addresses may lead. */
function expectHarmless(html: string, names: readonly string[], scripts: readonly string[]): void {
  const { document } = parseHTML(html)
  const elements = [...document.querySelectorAll('*')]
  const running = elements.filter(each => each.tagName === 'SCRIPT' && each.getAttribute('type') !== 'application/json')
  expect(running.map(each => each.textContent)).toEqual(scripts)
  expect(elements.filter(each => ['IFRAME', 'LINK', 'OBJECT', 'EMBED', 'BASE', 'FORM'].includes(each.tagName))).toEqual(
    [],
  )
  for (const element of elements) {
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^on/)
      if (/^(src|href|xlink:href|action)$/.test(name)) expect(value).toMatch(/^(#|data:image\/)/)
    }
  }
  const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content') ?? ''
  expect(policy).toMatch(
    /^default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'wasm-unsafe-eval'/,
  )
  const hashes = scripts.map(script => `'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  expect([...policy.matchAll(/'sha256-[^']*'/g)].map(([hash]) => hash).sort()).toEqual(hashes.sort())
  const text = elements
    .map(each => `${each.textContent} ${[...each.attributes].map(({ value }) => value).join(' ')}`)
    .join(' ')
  expect(names.filter(name => !text.includes(name))).toEqual([])
}

async function hostileRun(name: string, layer: string) {
  const shape = [8, 8, 1] as const
  const model = sequential([
    rescaling({ scale: 1 / 255, inputShape: [8, 8, 1] }),
    conv2d({ filters: 2, kernelSize: 3, activation: 'relu', name: 'named-layer' }),
    globalAveragePooling2d(),
    dense({ units: 3, activation: 'softmax' }),
  ])
  const count = 36
  const split = {
    count,
    labels: Int32Array.from({ length: count }, (_, at) => at % 3),
    images: Uint8Array.from({ length: count * 64 }, (_, at) => (at * 31) % 256),
  }
  const classNames = [classA, classB, classC]
  const recipe = makeRecipe({
    ...{ name, title, dataset: folder, model: JSON.parse(JSON.stringify(modelToConfig(model))) },
    preprocess: specOf({ name: folder, shape }),
    validation: { kind: 'first', count: 6 },
    optimizer: { type: 'SGD', config: { learningRate: 0.01 } },
    ...{ batchSize: 6, epochs: 2, test: 'last' as const },
  })
  const files = memoryFiles()
  const dataset = { name: folder, shape, classNames, train: split, test: split }
  await runRecipe(recipe, dataset, { ...nodeDevice(), files, out: 'run', threads: 1 })
  // As somebody else may have written them: a layer of another name.
  for (const file of ['run.jsonl', 'result.json']) {
    const text = new TextDecoder().decode(await files.read(`run/${file}`))
    const changed = text.replaceAll('"named-layer"', JSON.stringify(layer))
    await files.write(`run/${file}`, new TextEncoder().encode(changed))
  }
  return { ...(await readReportRun(files, 'run')), folder: `run-${name}/${hostile[6]}` }
}

describe('names of strangers', async () => {
  const runs = [await hostileRun('one', hostile[3]!), await hostileRun('two', hostile[5]!)]
  const script = 'console.log("figures </p>")'
  const parts = { version: '1.2.3', script }

  test('are text in a report, and in the section in which a model is tried', async () => {
    const [run] = runs as [(typeof runs)[number]]
    const absent = liveSection({ reason: hostile[1]!, command: hostile[0]! })
    const live = {
      [run.folder]: `${absent}<script type="application/json" id="x">{"a":"\\u003cb>"}</script>\n<script>let a = '\\x3c/script>'</script>`,
    }
    const commands = { [run.folder]: `fovea train "${hostile[0]}"` }
    const { html, figures } = await drawnWithPictures(pictureUrl =>
      reportPage([run], { ...parts, tools: { pictureUrl }, live, commands }),
    )
    expectHarmless(html, [classA, classB, classC, title], ["let a = '\\x3c/script>'", script])
    for (const { svg } of figures) {
      const drawn = [...parseHTML(`<!doctype html><body>${svg}</body>`).document.querySelectorAll('svg *')]
      expect(drawn.filter(({ tagName }) => /^(script|img|iframe|foreignObject)$/i.test(tagName))).toEqual([])
    }
  })

  test('are text in a comparison', async () => {
    const { html } = await drawnWithPictures(pictureUrl => reportPage(runs, { ...parts, tools: { pictureUrl } }))
    expectHarmless(html, [classA, classB, classC], [script])
  })

  test('are text in the frame of other pages', () => {
    const sections = [{ id: 'a', title: hostile[3]!, html: '<p>x</p>', figures: [] }]
    const html = plainPage({ title: hostile[1]!, about: hostile[0]!, origin: '', sections })
    expectHarmless(html, [hostile[0]!, hostile[1]!, hostile[3]!], [])
  })

  test('are text in an explanation, and in arithmetic by hand', async () => {
    const { pageScript } = await import('../../packages/cli/src/verbs/page-script.ts')
    const own = pageScript('figures-page')
    const url = 'data:image/png;base64,AAAA'
    const picture = { width: 2, height: 2, channels: 1 as const, data: new Uint8Array(4) }
    const figures = hostile.map((name, at) => ({
      name,
      title: name,
      picture,
      url,
      part: at === 0 ? undefined : ('maps' as const),
    }))
    const document = {
      ...{ model: hostile[6]!, picture: `folder/${hostile[1]}`, class: 0, className: classA, explainedClass: 1 },
      ...{ probabilities: [0.5, 0.3, 0.2], classNames: [classA, classB, classC] },
    }
    expectHarmless(predictionPage(document as never, figures as never), hostile.slice(0, 3), [own])
    const cube = [[[1]]]
    const byHand = {
      ...{ layer: hostile[3]!, at: [1, 2], corner: [0, 0], receptiveField: cube, kernel: cube, products: cube },
      ...{ sum: 1, bias: 1, activation: hostile[5]!, value: 1, networkValue: 1 },
      inputField: { height: 1, width: 1, top: 0, left: 0, uncut: { height: 1, width: 1 }, stride: [1, 1] },
    }
    expectHarmless(byHandPage(byHand as never, figures as never), [hostile[3]!, hostile[5]!], [own])
  })
})
