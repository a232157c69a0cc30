/**
 * A saved model as a page can carry it, to be tried out there (report/live.ts), or why it cannot: pages hold small models on small
 * pictures. Kernels are float32 where that fits the bytes allowed, else float16.
 */

import { grouped, inBytes, shellWord } from 'fovea/internal/base/text'
import { lookGraph } from 'fovea/internal/explain/open-model'
import { outputScale } from 'fovea/internal/network/output-scale'
import { inputType } from 'fovea/internal/network/summary'
import { standaloneProgram } from 'fovea/internal/runtime/standalone'
import { documentLength, standaloneDocument, type WeightPrecision } from 'fovea/internal/runtime/standalone-document'
import type { AbsentModel, LiveModel } from '../report/live.ts'
import { pageScript } from './page-script.ts'
import type { SavedModel } from './saved-model.ts'

/** Of the whole section: what the rest of a page on small pictures (some 1 MB) leaves of 3 MB. */
const MOST_BYTES = 1_900_000
const LARGEST_SIDE = 64

export interface LiveOptions {
  /** Bytes of the section, nearly all of them code and weights in base64. */
  readonly most?: number
  readonly side?: number
  /** As few bits as fit by default. */
  readonly precision?: WeightPrecision | undefined
}

/** `word`: how the user names the model. */
export async function liveModel(
  saved: SavedModel,
  word: string,
  { most = MOST_BYTES, side = LARGEST_SIDE, precision: wanted }: LiveOptions = {},
): Promise<LiveModel | AbsentModel> {
  const { model, spec } = saved
  const absent = (because: string): AbsentModel => ({
    reason: `This model cannot be tried in the page: ${because}.`,
    command: `npx fovea predict ${shellWord(word)} picture.png`,
  })
  const [input] = model.inputs
  const [output] = model.outputs
  if (model.inputs.length !== 1 || model.outputs.length !== 1 || !input || !output)
    return absent(`it has ${model.inputs.length} inputs and ${model.outputs.length} outputs`)
  const [height, width] = spec.shape
  if (Math.max(height, width) > side)
    return absent(`its pictures are ${width}×${height}, a page takes up to ${side}×${side}`)
  const count = model.weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  const tooLarge = (size: number): AbsentModel =>
    absent(`its ${grouped(count)} weights and its code take ${inBytes(size)}, more than ${inBytes(most)}`)
  if (2 * count > most) return tooLarge(2 * count)

  const graph = lookGraph(model, 'u8')
  const { classNames } = saved
  const units = output.shape.at(-1)!
  // One unit tells two classes apart.
  if (classNames.length !== Math.max(2, units))
    return absent(`it gives ${units} numbers for ${classNames.length} classes`)
  const script = pageScript('live-page')
  const weights = Object.fromEntries(saved.weights.map(({ name, data }) => [name, data]))
  const program = await standaloneProgram(graph, weights)
  const size = (precision: WeightPrecision): number => script.length + documentLength(program, precision)
  const precision = wanted ?? (['float32', 'float16'] as const).find(each => size(each) <= most)
  if (precision === undefined) return tooLarge(size('float16'))
  const layers = model.layers.map(({ layer, outputShape }) => ({
    layer: layer.name,
    type: layer.type,
    shape: outputShape,
  }))
  return {
    document: {
      program: standaloneDocument(program, precision),
      layers: [{ layer: input.name, type: inputType, shape: input.shape }, ...layers],
      // The first convolution, where there is one; else the input.
      shown: model.layers.findIndex(({ layer }) => layer.traits.family === 'convolution') + 1,
      probabilities: output.value,
      scale: outputScale(model),
      spec,
      classNames,
    },
    script,
  }
}
