/** `fovea explain MODEL PICTURE`: what the model sees in the picture, layer by layer, and where; or one number of a convolution by hand. */
import { mkdir, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { UserError } from '../base/errors.ts'
import type { Picture } from '../base/picture.ts'
import { percent, shellWord } from '../base/text.ts'
import { convolutionByHand } from '../explain/convolution-by-hand.ts'
import { channelPlanes, enlarged, filterPlanes, gradientPicture, heatOver, mosaic } from '../explain/drawing.ts'
import { gradCamOf } from '../explain/grad-cam.ts'
import { guidedGradient } from '../explain/guided-gradients.ts'
import { occlusion, occlusionByPixel } from '../explain/occlusion.ts'
import { type LayerValue, type OpenModel, openModel } from '../explain/open-model.ts'
import { rowsOf } from '../explain/plane.ts'
import { readPicture } from '../host/node/pictures.ts'
import { encodePng } from '../host/node/png.ts'
import { pictureToInput } from '../preprocess/input.ts'
import { command, type Outcome } from './command.ts'
import { nodeDevice } from './device.ts'
import type { ByHandDocument, ExplainDocument } from './documents.ts'
import { explanationPage, type Figure } from './explanation-page.ts'
import { commonOptions, flag, type Option, text, whole } from './options.ts'
import { byHandText } from './plane-text.ts'
import { type SavedModel, savedModel } from './saved-model.ts'

const unit: Option<readonly [number, number, number]> = {
  help: 'with --layer: write out this number of a convolution, counted from 0',
  value: 'ROW,COLUMN,FILTER',
  read: written => {
    const match = /^(\d+)\s*,\s*(\d+)\s*,\s*(\d+)$/.exec(written)
    return match
      ? { value: [Number(match[1]), Number(match[2]), Number(match[3])] }
      : { expected: 'three whole numbers: 4,5,0' }
  },
}

export const explain = command({
  name: 'explain',
  summary: 'what a model sees in a picture: feature maps, filters, Grad-CAM, a convolution by hand',
  positional: { name: 'MODEL PICTURE', help: 'a model file or a run directory, then a PNG or JPEG', least: 2, most: 2 },
  options: {
    out: text('FILE|DIR', 'a page (ends in .html), or a folder of PNG files and numbers (default: none)'),
    layer: text('NAME', 'the layer of Grad-CAM, or of --at'),
    at: unit,
    class: whole('N', 'the class to explain, counted from 0 (default: the predicted one)', 0),
    'no-invert': flag('digits: never turn dark strokes on light paper into light ones on dark'),
    raw: flag('no preprocessing but the size and the channels'),
    ...commonOptions,
  },
  examples: [
    'explain runs/mnist-cnn-1-1 digit.png --out digit.html',
    'explain runs/mnist-cnn-1-1 digit.png --layer conv2d --at 4,5,0',
  ],
  run: async (context, { values, words: [word, file] }): Promise<Outcome<ExplainDocument | ByHandDocument>> => {
    const saved = await savedModel(word!)
    const how = { noInvert: values['no-invert'] === true, raw: values.raw === true }
    const { pixels, notes } = pictureToInput(await readPicture(file!), saved.spec, how)
    for (const note of notes) context.say(note)
    const weights = Object.fromEntries(saved.weights.map(({ name, data }) => [name, data]))
    const opened = await openModel({ model: saved.model, weights, device: nodeDevice().device })
    try {
      const layers = await opened.look(pixels)
      if (values.at !== undefined) {
        if (values.layer === undefined)
          throw new UserError({ what: '--at needs --layer.', fix: 'Give --layer NAME too.' })
        const byHand = convolutionByHand(saved.model, weights, layers, values.layer, values.at)
        return {
          document: byHand,
          text: byHandText(byHand),
          next: `explain ${shellWord(word!)} ${shellWord(file!)} --out page.html`,
        }
      }
      const explained = await explanation(opened, saved, pixels, values, file!)
      const files = values.out === undefined ? [] : await write(values.out, explained, saved, layers, weights)
      const document: ExplainDocument = { ...explained.document, files }
      const first = saved.model.layers.find(({ layer }) => layer.type === 'Conv2D')?.layer.name ?? 'conv2d'
      const next = `explain ${shellWord(word!)} ${shellWord(file!)} ${values.out === undefined ? '--out page.html' : `--layer ${first} --at 0,0,0`}`
      return { document, text: report(document), next }
    } finally {
      await opened.dispose()
    }
  },
})

interface Explanation {
  readonly document: Omit<ExplainDocument, 'files'>
  readonly figures: readonly Figure[]
}

async function explanation(
  opened: OpenModel,
  { path, model, classNames, spec }: SavedModel,
  pixels: Uint8Array,
  wanted: { readonly class?: number; readonly layer?: string },
  file: string,
): Promise<Explanation> {
  const [probabilities] = await opened.predict([pixels])
  const predicted = probabilities!.indexOf(Math.max(...probabilities!))
  const classIndex = wanted.class ?? predicted
  const [height, width, channels] = spec.shape
  const picture: Picture = { height, width, channels: channels as Picture['channels'], data: pixels }
  const shown = enlarged(picture)
  const figures: Figure[] = [{ name: 'input', title: 'What the model is given', picture: shown }]
  const hasPictures = model.layers.some(({ layer }) => layer.type.includes('Conv2D'))
  const gradient =
    hasPictures || wanted.layer !== undefined ? await gradCamOf(opened, pixels, classIndex, wanted.layer) : undefined
  const covered = await occlusion(opened, pixels, classIndex)
  const name = classNames[classIndex] ?? String(classIndex)
  if (gradient) {
    figures.push({
      name: 'grad-cam',
      title: `Grad-CAM of ${gradient.layer}: what speaks for ${name}`,
      picture: heatOver(shown, gradient.map),
    })
  }
  const guided = await guidedGradient(opened, pixels, { class: classIndex })
  figures.push({
    name: 'guided-gradient',
    title: `Guided gradient: the pixels that speak for ${name} where they are brighter (light) or darker (dark)`,
    picture: enlarged(gradientPicture(guided, spec.shape)),
  })
  figures.push({
    name: 'occlusion',
    title: `Occlusion: where covering ${covered.patch}×${covered.patch} pixels takes from ${name} (red) or adds to it (blue)`,
    picture: heatOver(shown, occlusionByPixel(covered, height, width)),
  })
  return {
    document: {
      model: path,
      picture: file,
      class: predicted,
      className: classNames[predicted] ?? String(predicted),
      probabilities: [...probabilities!],
      classNames,
      explainedClass: classIndex,
      ...(gradient && { gradCam: { layer: gradient.layer, map: rowsOf(gradient.map) } }),
      occlusion: { patch: covered.patch, stride: covered.stride, drops: rowsOf(covered.drops) },
    },
    figures,
  }
}

/** Feature maps of every layer that gives numbers to look at, and the filters of every convolution. */
function layerFigures(
  saved: SavedModel,
  layers: readonly LayerValue[],
  weights: Readonly<Record<string, ArrayLike<number>>>,
): Figure[] {
  const filters = saved.model.weights.filter(
    ({ name, shape }) => name.endsWith('/kernel') && shape.length === 4 && shape[0]! * shape[1]! > 1,
  )
  return [
    ...layers.slice(1).map(value => ({
      name: `maps-${value.layer}`,
      title: `${value.layer} (${value.type}): ${value.shape.join('×')}`,
      picture: mosaic(
        channelPlanes(value),
        value.shape.length === 3 ? {} : { scale: Math.max(1, Math.floor(640 / value.data.length)) },
      ),
    })),
    ...filters.map(({ name, layer, shape }) => ({
      name: `filters-${layer}`,
      title: `Filters of ${layer}: ${shape.join('×')}`,
      picture: mosaic(filterPlanes(weights[name]!, shape), {
        columns: 32,
        scale: Math.max(2, Math.round(24 / shape[1]!)),
      }),
    })),
  ]
}

async function write(
  out: string,
  { document, figures }: Explanation,
  saved: SavedModel,
  layers: readonly LayerValue[],
  weights: Readonly<Record<string, ArrayLike<number>>>,
): Promise<string[]> {
  const all = [...figures, ...layerFigures(saved, layers, weights)]
  if (/^\.html?$/i.test(extname(out))) {
    await writeFile(out, explanationPage(document, all))
    return [out]
  }
  await mkdir(out, { recursive: true })
  const files: string[] = []
  for (const { name, picture } of all) {
    files.push(join(out, `${name}.png`))
    await writeFile(files.at(-1)!, encodePng(picture))
  }
  files.push(join(out, 'explanation.json'))
  await writeFile(files.at(-1)!, `${JSON.stringify({ ...document, layers: layers.map(plain) }, null, 1)}\n`)
  return files
}

function plain({ layer, type, shape, data }: LayerValue) {
  return { layer, type, shape, values: Array.from(data) }
}

function report({ picture, className, classNames, probabilities, files }: ExplainDocument): string {
  const ranked = probabilities
    .map((value, index) => ({ value, name: classNames[index] ?? String(index) }))
    .sort((a, b) => b.value - a.value)
  const others = ranked.slice(1, 3).map(({ name, value }) => `${name} ${percent(value)}`)
  const lines = [
    `${picture}: ${className} ${percent(ranked[0]!.value)}${others.length > 0 ? ` (then ${others.join(', ')})` : ''}`,
  ]
  return [...lines, ...(files.length > 0 ? [`Written: ${files.join(', ')}`] : [])].join('\n')
}
