/**
 * What weights in fewer bits cost: the accuracy on the pictures that a model was tested on; where they are not here, how many of the
 * pictures that its run keeps still get the same class.
 */
import { dirname, join } from 'node:path'
import { UserError } from 'fovea/internal/base/errors'
import { largestOf } from 'fovea/internal/base/extremes'
import { sizeOf } from 'fovea/internal/base/shape'
import { grouped, percent } from 'fovea/internal/base/text'
import { sourceRange } from 'fovea/internal/data/parts-of-source'
import { labelledPictures } from 'fovea/internal/engine/picture-rows'
import { inputRows } from 'fovea/internal/engine/rows'
import { nodeFiles } from 'fovea/internal/host/node/files'
import { pictureToInput } from 'fovea/internal/preprocess/input'
import { runFiles } from 'fovea/internal/run/run-files'
import { decodeSamples } from 'fovea/internal/run/samples'
import type { WeightBits } from 'fovea/internal/runtime/packed-weights'
import { packedStates } from 'fovea/internal/runtime/standalone-module'
import type { Context } from '../command/command.ts'
import type { ExportDocument } from '../command/documents.ts'
import { graphOf } from './export-classifier.ts'
import { evaluatorOf } from './saved-evaluator.ts'
import { predictorOf, type SavedModel, weightsByName } from './saved-model.ts'
import { testPictures } from './test-pictures.ts'

/** Enough to see a tenth of a point. */
const mostMeasured = 10_000

export type PackingLoss = Pick<ExportDocument, 'accuracy' | 'agreement'>

/** Empty where no pictures are here. */
export async function packingLoss(
  saved: SavedModel,
  packing: WeightBits,
  context: Context,
  signal: AbortSignal,
): Promise<PackingLoss> {
  const states = await packedStates(graphOf(saved), weightsByName(saved), packing)
  const weights = saved.weights.map(weight => ({ ...weight, data: states[weight.name] ?? weight.data }))
  const fewer: SavedModel = { ...saved, weights: weights as SavedModel['weights'] }
  const tested = await testPictures(saved, undefined, { offline: true }, context, signal).catch(error => {
    if (error instanceof UserError) return undefined
    throw error
  })
  if (!tested) return agreementOf(saved, fewer)
  const pictures = sourceRange(tested.pictures, 0, Math.min(mostMeasured, tested.pictures.count))
  const accuracy = async (model: SavedModel): Promise<number> => {
    const evaluator = evaluatorOf(model)
    try {
      const { logs } = await evaluator.evaluate(labelledPictures(model.model, evaluator.targets, pictures), { signal })
      signal.throwIfAborted()
      return logs['accuracy']!
    } finally {
      await evaluator.dispose()
    }
  }
  const [before, after] = [await accuracy(saved), await accuracy(fewer)]
  return { accuracy: { pictures: pictures.count, dataset: tested.name, before, after } }
}

async function agreementOf(saved: SavedModel, fewer: SavedModel): Promise<PackingLoss> {
  const path = join(dirname(saved.path), runFiles.samples)
  if (!(await nodeFiles.exists(path))) return {}
  const { first, drawn } = decodeSamples(await nodeFiles.read(path), path)
  const inputs = [...drawn, ...first].map(picture => pictureToInput(picture, saved.spec).pixels)
  const size = sizeOf(saved.spec.shape)
  const data = new Uint8Array(inputs.length * size)
  for (const [row, pixels] of inputs.entries()) data.set(pixels, row * size)
  const classes = async (model: SavedModel): Promise<number[]> => {
    const predictor = predictorOf(model)
    const rows = inputRows(model.model, { shape: [inputs.length, ...saved.spec.shape], data })
    const { predictions } = await predictor.predict(rows).finally(() => predictor.dispose())
    const values = Object.values(predictions)[0]!
    const units = values.length / inputs.length
    return inputs.map((_, row) => {
      const own = values.subarray(row * units, (row + 1) * units)
      return units === 1 ? Number(own[0]! > 0.5) : own.indexOf(largestOf(own))
    })
  }
  const [before, after] = [await classes(saved), await classes(fewer)]
  return { agreement: { pictures: inputs.length, same: before.filter((best, row) => best === after[row]).length } }
}

export function accuracyLossText(packing: WeightBits, { accuracy, agreement }: PackingLoss): string {
  const begin = `Weights as ${packing}`
  if (accuracy) {
    const { before, after, pictures, dataset } = accuracy
    const test = `${grouped(pictures)} test pictures of ${dataset}`
    return `${begin}: accuracy ${percent(before)} with all bits, ${percent(after)} with these, on ${test}.`
  }
  const unknown = `${begin}; what that costs is not measured: the test pictures are not here.`
  if (!agreement) return unknown
  return `${unknown} Of ${agreement.pictures} pictures that the run keeps, ${agreement.same} get the same class.`
}
