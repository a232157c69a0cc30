/**
 * From picture files to what a model sees in them. Some files are read and decoded at once, on the threads of the decoder, while the
 * pictures before them are predicted, together where they come together; answers come in the order of the files. Of a picture no more
 * is kept than what goes into the model, so memory does not grow with their number.
 */

import { availableParallelism } from 'node:os'
import { readPicture } from '@fovea/pictures/internal/pictures'
import { UserError } from 'fovea/internal/base/errors'
import { largestOf } from 'fovea/internal/base/extremes'
import type { Picture } from 'fovea/internal/base/picture'
import { classProbabilities } from 'fovea/internal/base/probabilities'
import { sizeOf } from 'fovea/internal/base/shape'
import type { TestViews } from 'fovea/internal/base/test-views'
import type { RunningPredictor } from 'fovea/internal/engine/predictor'
import { inputRows } from 'fovea/internal/engine/rows'
import { outputScale } from 'fovea/internal/network/output-scale'
import { type InputOptions, pictureToInput } from 'fovea/internal/preprocess/input'
import { meanProbabilities, viewsOf } from 'fovea/internal/preprocess/views'
import type { FailedPicture, PicturePrediction } from '../command/predict-documents.ts'
import { inTurn, limited } from './in-turn.ts'
import type { Member } from './several-models.ts'

/** Node's threads for files and decoders: four, unless its environment says otherwise. */
const decoderThreads = Number(process.env['UV_THREADPOOL_SIZE']) || 4
/** One for each of them that has a core, and one that waits: a photograph takes some ten megabytes before it is made to fit, or a hundred. */
const decodedAtOnce = Math.min(decoderThreads, availableParallelism()) + 1
/** Read, decoded or in the model at once: enough for the steps of the model to be full. */
const underWay = 64

/** A model that is asked, alone or with others. */
export interface AskedModel extends Member {
  readonly predictor: RunningPredictor
}

export interface Asking {
  /** Of several, the mean of the probabilities is the answer. */
  readonly models: readonly AskedModel[]
  readonly classNames: readonly string[]
  readonly input: InputOptions
  /** The mean over several views of a picture. */
  readonly augment: boolean
  /** The mean over several views of the input. */
  readonly views?: TestViews | undefined
}

/** An answer without what is made of it: names, thresholds. */
export interface PictureAnswer extends Pick<PicturePrediction, 'picture' | 'probabilities' | 'notes'> {
  /** What each of several models says, classes in the order of the answer. */
  readonly each?: readonly (readonly number[])[]
}

/** Of every file, in order: its answer, or why there is none. */
export async function* answersTo(
  files: readonly string[],
  asking: Asking,
  signal: AbortSignal,
): AsyncGenerator<PictureAnswer | FailedPicture, void, undefined> {
  const decoding = limited(decodedAtOnce)
  const ask = async (picture: string): Promise<PictureAnswer | FailedPicture> => {
    try {
      // Decoded once; each model sees it by its own preprocessing.
      const inputs = await decoding(async () => {
        signal.throwIfAborted()
        const decoded = await readPicture(picture)
        return asking.models.map(model => viewsIn(decoded, model, asking))
      })
      const each = await Promise.all(
        asking.models.map((model, index) => seenIn(picture, inputs[index]!, model, asking)),
      )
      const notes = [...new Set(inputs.flatMap(views => views[0].notes))]
      if (each.length === 1) return { picture, probabilities: each[0]!, notes }
      return { picture, probabilities: meanProbabilities(each), notes, each }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      return { picture, problems: error.problems }
    }
  }
  yield* inTurn(files, underWay, ask)
}

type Views = ReturnType<typeof viewsOf>

function viewsIn(picture: Picture, { saved }: AskedModel, { input, augment }: Asking): Views {
  return augment ? viewsOf(picture, saved.spec, input) : [pictureToInput(picture, saved.spec, input)]
}

/** Classes in the order that is asked for. */
async function seenIn(
  picture: string,
  seen: Views,
  { saved, predictor, places }: AskedModel,
  { views }: Asking,
): Promise<number[]> {
  const { model, spec, path } = saved
  const size = sizeOf(spec.shape)
  const data = new Uint8Array(seen.length * size)
  for (const [index, { pixels }] of seen.entries()) data.set(pixels, index * size)
  const { predictions } = await predictor.predict(inputRows(model, { shape: [seen.length, ...spec.shape], data }), {
    views,
  })
  const all = predictions[model.outputs[0]!.name]!
  const units = all.length / seen.length
  const scale = outputScale(model)
  const each = seen.map((_, index) => classProbabilities(all.subarray(index * units, (index + 1) * units), scale))
  const probabilities = each.length === 1 ? each[0]! : meanProbabilities(each)
  if (!Number.isNaN(largestOf(probabilities))) return places.map(place => probabilities[place]!)
  throw new UserError({
    what: `${path} gives no probabilities for ${picture}, but NaN.`,
    fix: 'Its weights are damaged, or its training broke down: take another model.',
  })
}

/** The class with the largest probability, or `unsure` where that is below `min`. */
export function predictionOf(
  { picture, probabilities, notes, each }: PictureAnswer,
  { classNames, models }: Pick<Asking, 'classNames' | 'models'>,
  { min = 0, top }: { readonly min?: number | undefined; readonly top?: number | undefined },
): PicturePrediction {
  const probability = largestOf(probabilities)
  const winner = probabilities.indexOf(probability)
  const named = (index: number) => ({ class: index, className: classNames[index] ?? String(index) })
  return {
    picture,
    ...(probability < min ? { class: null, className: 'unsure' } : named(winner)),
    probability,
    probabilities,
    ...(top !== undefined && {
      top: probabilities
        .map((value, index) => ({ ...named(index), probability: value }))
        .sort((a, b) => b.probability - a.probability)
        .slice(0, top),
    }),
    ...(each && {
      each: each.map((own, index) => {
        const best = largestOf(own)
        return { model: models[index]!.saved.path, ...named(own.indexOf(best)), probability: best, probabilities: own }
      }),
    }),
    notes,
  }
}
