/** Runs at the ends of what people have: 2 and 100 classes, grey and colour, 8×8 to 224×224 pictures. Each gets its report. */
import { describe, expect, test } from 'vitest'
import { nodeDevice } from '../../packages/cli/src/command/device.ts'
import { reportPage } from '../../packages/cli/src/report/page.ts'
import { readReportRun } from '../../packages/cli/src/report/report-run.ts'
import { escaped } from '../../packages/cli/src/report/svg.ts'
import { specOf } from '../../packages/fovea/src/base/preprocess-spec.ts'
import type { Dataset, Split } from '../../packages/fovea/src/data/dataset.ts'
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

interface Extreme {
  readonly name: string
  readonly shape: readonly [number, number, number]
  readonly classNames: readonly string[]
  readonly pictures: number
}

const named = (count: number, name: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => name(index))

const extremes: readonly Extreme[] = [
  { name: 'two classes, grey, 8×8', shape: [8, 8, 1], classNames: ['dark', 'light'], pictures: 64 },
  {
    name: 'a hundred classes, colour, 12×12',
    shape: [12, 12, 3],
    classNames: named(100, n => `a kind of thing ${n}`),
    pictures: 600,
  },
  {
    name: 'three classes, colour, 224×224',
    shape: [224, 224, 3],
    classNames: ['cat', '<dog> & co', '鳥'],
    pictures: 24,
  },
  { name: 'two classes, grey, wide', shape: [16, 48, 1], classNames: ['a', 'b'], pictures: 40 },
]

/** Pictures of even colours with a little grain; the brighter, the higher the class. */
function dataset({ name, shape, classNames, pictures }: Extreme): Dataset {
  const size = shape[0] * shape[1] * shape[2]
  const split = (count: number): Split => {
    const labels = Int32Array.from({ length: count }, (_, index) => (index * 7) % classNames.length)
    const images = Uint8Array.from({ length: count * size }, (_, at) => {
      const level = ((labels[Math.floor(at / size)]! + 0.5) / classNames.length) * 230
      return Math.round(level + ((at * 31) % 17))
    })
    return { images, labels, count }
  }
  return { name, shape, classNames, train: split(pictures), test: split(pictures) }
}

describe.each(extremes)('$name', extreme => {
  test('has a report that names every class and stays small', async () => {
    const { shape, classNames } = extreme
    const files = memoryFiles()
    const model = sequential([
      rescaling({ scale: 1 / 255, inputShape: shape }),
      conv2d({ filters: 4, kernelSize: 5, strides: shape[0] > 100 ? 8 : 2, activation: 'relu' }),
      globalAveragePooling2d(),
      dense({ units: classNames.length, activation: 'softmax' }),
    ])
    const recipe = makeRecipe({
      name: 'extreme',
      title: extreme.name,
      dataset: extreme.name,
      model: JSON.parse(JSON.stringify(modelToConfig(model))),
      preprocess: specOf(extreme),
      validation: { kind: 'first', count: 8 },
      optimizer: { type: 'Adam', config: { learningRate: 0.01 } },
      batchSize: 8,
      epochs: 2,
      test: 'last',
    })
    await runRecipe(recipe, dataset(extreme), { ...nodeDevice(), files, out: 'run', threads: 1 })
    const run = await readReportRun(files, 'run')
    const { html, figures } = await drawnWithPictures(pictureUrl =>
      reportPage([run], { tools: { pictureUrl }, version: '1.2.3' }),
    )
    for (const name of classNames) expect(html).toContain(escaped(name))
    // Apart from bytes of pictures, in which any letters may follow one another.
    expect(html.replace(/base64,[\w+/=]*/g, '')).not.toMatch(/NaN|undefined|Infinity|<dog>/)
    expect(html.length).toBeLessThan(3_000_000)
    expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length)
    for (const { svg, alt } of figures) {
      expect(svg).toMatch(/^<svg [\s\S]*<\/svg>$/)
      expect(alt.length).toBeGreaterThan(10)
    }
  })
})
