/**
 * What the teachers of a recipe say of its training pictures: asked once, before training, of every picture as it is; augmentation is for
 * the network that learns. In: the recipe and its pictures. Out: the mean of their probabilities, classes in the data set's order.
 */
import { classOrder } from '../base/class-order.ts'
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import { type PreprocessSpec, parseSpec } from '../base/preprocess-spec.ts'
import type { PictureSource } from '../data/picture-source.ts'
import { modelOfFile } from '../engine/load-predictor.ts'
import { pictureRows } from '../engine/picture-rows.ts'
import { startPredictor } from '../engine/predictor.ts'
import { probabilityRows } from '../engine/probability-rows.ts'
import { meanOfMembers } from '../objectives/ensemble-scores.ts'
import type { RecipeConfig } from '../recipes/recipe.ts'
import { matchWeights } from '../store/model-file.ts'
import type { LearnerPlace } from '../train/learner.ts'
import { recipeModel } from './recipe-model.ts'

/** Pictures of a step of a teacher; it has no influence on what it says. */
const batchSize = 128

export interface TeacherPlace extends LearnerPlace {
  readonly files?: Files | undefined
  readonly signal?: AbortSignal | undefined
}

/** `picturesFor`: the training pictures as a teacher takes them. Throws UserError for teachers of other classes, and what a signal was aborted for. */
export async function teacherProbabilities(
  { teacher }: Pick<RecipeConfig, 'teacher'>,
  classNames: readonly string[],
  picturesFor: (preprocess: PreprocessSpec | undefined) => PictureSource,
  place: TeacherPlace,
): Promise<Float32Array | undefined> {
  if (!teacher) return undefined
  const said: Float32Array[] = []
  // One after the other: each has a program of its own.
  for (const each of teacher.models) said.push(await probabilitiesOf(each, classNames, picturesFor, place))
  return meanOfMembers(said)
}

async function probabilitiesOf(
  named: { readonly model: string; readonly weightsSha256: string },
  classNames: readonly string[],
  picturesFor: (preprocess: PreprocessSpec | undefined) => PictureSource,
  { files, signal, ...place }: TeacherPlace,
): Promise<Float32Array> {
  const path = named.model
  const file = await recipeModel(named, files, 'learns from')
  const model = await modelOfFile(file, path)
  const { places } = classOrder([
    { name: 'the data set', classNames },
    { name: path, classNames: file.classNames ?? classNames },
  ])
  const pictures = picturesFor(file.preprocess && parseSpec(file.preprocess))
  const predictor = startPredictor({ model, ...place, weights: matchWeights(file.weights, model.weights, path) })
  try {
    const rows = pictureRows(model, pictures)
    const { predictions, complete } = await predictor.predict(rows, { batchSize, ...(signal && { signal }) })
    if (!complete) throw signal!.reason
    const given = predictions[model.outputs[0]!.name]!
    checkUnits(path, given.length / rows.count, classNames.length)
    return probabilityRows(model, given, rows.count, places[1]!)
  } finally {
    await predictor.dispose()
  }
}

function checkUnits(path: string, units: number, classes: number): void {
  if (Math.max(2, units) === classes) return
  throw new UserError({
    what: `${path} cannot teach: it tells another number of classes apart.`,
    expected: String(classes),
    received: String(units),
  })
}
