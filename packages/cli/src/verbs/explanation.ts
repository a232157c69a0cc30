/** What `fovea explain` finds out, as a document and figures: of the prediction, of one number of a convolution, of a data set. */
import { UserError } from 'fovea/internal/base/errors'
import { largestOf } from 'fovea/internal/base/extremes'
import type { PictureSource } from 'fovea/internal/data/picture-source'
import { convolutionByHand } from 'fovea/internal/explain/convolution-by-hand'
import { gradientPicture, heatOver } from 'fovea/internal/explain/drawing'
import { gradCamOf } from 'fovea/internal/explain/grad-cam'
import { guidedGradient } from 'fovea/internal/explain/guided-gradients'
import { occlusion, occlusionByPixel } from 'fovea/internal/explain/occlusion'
import type { LayerValue, OpenModel } from 'fovea/internal/explain/open-model'
import { enlarged, outlined } from 'fovea/internal/explain/picture-grid'
import { type Plane, rowsOf } from 'fovea/internal/explain/plane'
import { receptiveField } from 'fovea/internal/explain/receptive-field'
import { strongestPatches } from 'fovea/internal/explain/strongest-patches'
import type { Model } from 'fovea/internal/network/model'
import type { Picture } from 'fovea/internal/preprocess/picture'
import type { ByHandDocument, ExplainDocument, PatchesDocument } from '../command/documents.ts'
import type { PageFigure } from './explanation-page.ts'
import { fieldsFigure, middleFields, patchesFigure } from './layer-figures.ts'
import type { SavedModel } from './saved-model.ts'

/** What is explained: a saved model, opened, and the picture as it takes it. */
export interface Subject {
  readonly saved: SavedModel
  readonly opened: OpenModel
  /** The picture's file. */
  readonly file: string
  readonly pixels: Uint8Array
  /** The picture's value in every layer. */
  readonly values: readonly LayerValue[]
}

export interface Found<Document> {
  readonly document: Document
  readonly figures: readonly PageFigure[]
  /** A line on what was not found. */
  readonly note?: string
}

/** The prediction, and what in the picture speaks for a class: by default the predicted one. `layer`: of Grad-CAM. */
export async function explainedPrediction(
  { saved, opened, file, pixels }: Subject,
  wanted: { readonly class?: number; readonly layer?: string },
): Promise<Found<Omit<ExplainDocument, 'files'>>> {
  const { model, path, classNames, spec } = saved
  const [probabilities] = await opened.predict([pixels])
  const predicted = probabilities!.indexOf(largestOf(probabilities!))
  if (predicted < 0) {
    throw new UserError({
      what: `${path} gives no probabilities for ${file}, but NaN.`,
      fix: 'Its weights are damaged, or its training broke down: take another model.',
    })
  }
  const classIndex = wanted.class ?? predicted
  const nameOf = (index: number): string => (opened.classes === classNames.length && classNames[index]) || String(index)
  const [height, width] = spec.shape
  const { shown, scale } = shownPicture(saved, pixels)
  const hasPictures = model.layers.some(({ layer }) => layer.traits.family === 'convolution')
  const gradient =
    hasPictures || wanted.layer !== undefined ? await gradCamOf(opened, pixels, classIndex, wanted.layer) : undefined
  const guided = await guidedGradient(opened, pixels, { class: classIndex })
  const covered = await occlusion(opened, pixels, classIndex)
  const fields = middleFields(model)
  const name = nameOf(classIndex)
  const silent = gradient && silentGradCam(gradient, name, model)
  return {
    document: {
      model: path,
      picture: file,
      class: predicted,
      className: nameOf(predicted),
      probabilities: [...probabilities!],
      classNames: [...probabilities!].map((_, index) => nameOf(index)),
      explainedClass: classIndex,
      ...(gradient && { gradCam: { layer: gradient.layer, map: rowsOf(gradient.map) } }),
      occlusion: { patch: covered.patch, stride: covered.stride, drops: rowsOf(covered.drops) },
      receptiveFields: fields,
    },
    figures: [
      { name: 'input', title: 'What the model is given', picture: shown },
      ...(gradient
        ? [
            {
              name: 'grad-cam',
              title: silent ?? `Grad-CAM of ${gradient.layer}: what speaks for ${name}`,
              picture: heatOver(shown, gradient.map),
            },
          ]
        : []),
      {
        name: 'guided-gradient',
        title: `Guided gradient: the pixels that speak for ${name}, the lighter they are (light) or the darker (dark)`,
        picture: enlarged(gradientPicture(guided, spec.shape), scale),
      },
      {
        name: 'occlusion',
        title: `Occlusion: where covering ${covered.patch}×${covered.patch} pixels takes from ${name} (red) or adds to it (blue)`,
        picture: heatOver(shown, occlusionByPixel(covered, height, width)),
      },
      ...fieldsFigure(shown, scale, fields),
    ],
    ...(silent !== undefined && { note: silent }),
  }
}

/** What to say of a map that is zero everywhere, so that nobody takes the plain picture for an answer. */
function silentGradCam({ layer, map }: { layer: string; map: Plane }, name: string, model: Model): string | undefined {
  if (map.data.some(value => value !== 0)) return undefined
  const others = model.layers.filter(call => call.layer.traits.family === 'convolution' && call.layer.name !== layer)
  const other = others.at(-1)?.layer.name
  const further = other === undefined ? 'see occlusion' : `see occlusion, or --layer ${other}`
  return `Grad-CAM of ${layer} is zero everywhere: nothing in this layer speaks for ${name} by this measure; ${further}`
}

/** One number of a convolution: its arithmetic, and where in the picture it looks. */
export async function explainedNumber(
  { saved, opened, pixels, values }: Subject,
  layer: string,
  at: readonly [number, number, number],
): Promise<Found<Omit<ByHandDocument, 'files'>>> {
  const byHand = convolutionByHand(saved.model, opened.weights, values, layer, at)
  const field = receptiveField(saved.model, layer, at)
  const { shown, scale } = shownPicture(saved, pixels)
  const guided = await guidedGradient(opened, pixels, { layer, at })
  const { height, width, top, left } = field
  return {
    document: { ...byHand, inputField: field },
    figures: [
      {
        name: 'input-field',
        title: `What ${layer} at ${at.join(',')} sees: ${height}×${width} pixels from row ${top}, column ${left}`,
        picture: outlined(shown, field, scale, [255, 60, 40]),
      },
      {
        name: 'guided-gradient',
        title: guided.some(value => value !== 0)
          ? 'Guided gradient: the pixels that make it larger, the lighter they are (light) or the darker (dark)'
          : 'Guided gradient: nothing, for the unit is not excited',
        picture: outlined(enlarged(gradientPicture(guided, saved.spec.shape), scale), field, scale, [255, 60, 40]),
      },
    ],
  }
}

export interface PatchesWanted {
  /** Its name. */
  readonly dataset: string
  /** In the model's size. */
  readonly pictures: PictureSource
  readonly layers: readonly string[]
  /** The first of each layer. */
  readonly filters: number
  readonly signal: AbortSignal
  readonly onProgress: (layer: string, done: number, of: number) => void
}

/** Patches of a filter. */
const patchCount = 9

/** The parts of a data set's test pictures that excite the filters of some layers most. */
export async function explainedFilters(
  { saved, opened }: Subject,
  { dataset, pictures, layers, signal, ...wanted }: PatchesWanted,
): Promise<Found<PatchesDocument>> {
  const found = []
  for (const layer of layers) {
    const units = saved.model.layers.find(call => call.layer.name === layer)?.outputShape.at(-1) ?? 0
    const patches = await strongestPatches(opened, layer, pictures, {
      filters: Array.from({ length: Math.min(wanted.filters, units) }, (_, filter) => filter),
      count: patchCount,
      signal,
      onProgress: (done, of) => wanted.onProgress(layer, done, of),
    })
    found.push({ layer, filters: patches })
  }
  return {
    document: {
      dataset,
      samples: pictures.count,
      layers: found.map(({ layer, filters }) => ({
        layer,
        filters: filters.map(({ filter, patches }) => ({
          filter,
          patches: patches.map(({ picture, at, value, field: { top, left, height, width } }) => ({
            ...{ picture, at, value },
            inputField: { top, left, height, width },
          })),
        })),
      })),
    },
    figures: found.map(({ layer, filters }) => patchesFigure(layer, filters, saved.spec.shape[2], patchCount)),
  }
}

/** Enlarged for looking at. */
function shownPicture({ spec }: SavedModel, pixels: Uint8Array): { readonly shown: Picture; readonly scale: number } {
  const [height, width, channels] = spec.shape
  const shown = enlarged({ height, width, channels: channels as Picture['channels'], data: pixels })
  return { shown, scale: shown.width / width }
}
