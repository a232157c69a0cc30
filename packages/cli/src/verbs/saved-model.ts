/** A saved model made ready to be asked: its layers, weights, preprocessing, class names, and a device to run it on. */
import { UserError } from 'fovea/internal/base/errors'
import { type PreprocessSpec, parseSpec, plainSpec } from 'fovea/internal/base/preprocess-spec'
import { type RunningPredictor, startPredictor } from 'fovea/internal/engine/predictor'
import { modelFromConfig } from 'fovea/internal/network/config'
import type { Model } from 'fovea/internal/network/model'
import type { RecipeConfig } from 'fovea/internal/recipes/recipe'
import { recipeFromJson } from 'fovea/internal/recipes/recipe-json'
import { checkClassNames } from 'fovea/internal/store/class-names'
import { type ModelFile, matchWeights } from 'fovea/internal/store/model-file'
import type { Context } from '../command/command.ts'
import { nodeDevice } from '../command/device.ts'
import { modelFileAt } from '../command/model-file.ts'
import { trainedModelPath } from '../command/model-words.ts'

export interface SavedModel {
  readonly path: string
  readonly model: Model
  readonly classNames: readonly string[]
  /** Whether the file names the classes; else they go by their numbers. */
  readonly classesNamed: boolean
  /** How pictures from outside become inputs. */
  readonly spec: PreprocessSpec
  /** The recipe it was trained by, if it was. */
  readonly recipe?: RecipeConfig
  readonly weights: ModelFile['weights']
}

/** The model of a file or run directory. Throws UserError when something needed is not in it. */
export async function savedModel(word: string, context: Partial<Pick<Context, 'note'>> = {}): Promise<SavedModel> {
  const path = await trainedModelPath(word)
  const file = await modelFileAt(path, context)
  if (file.model === undefined) {
    throw new UserError({
      what: `${path} holds weights, but not the model they belong to.`,
      expected: 'a file of a whole model',
    })
  }
  const model = modelFromConfig(file.model)
  checkClassNames(file.classNames, model, path)
  return {
    path,
    model,
    classNames:
      file.classNames ??
      Array.from({ length: Math.max(2, model.outputs[0]!.shape.at(-1) ?? 1) }, (_, index) => String(index)),
    classesNamed: file.classNames !== undefined,
    spec: file.preprocess === undefined ? specOfModel(model, path) : parseSpec(file.preprocess),
    ...(file.recipe === undefined ? {} : { recipe: recipeFromJson(file.recipe) }),
    weights: file.weights,
  }
}

function specOfModel(model: Model, path: string): PreprocessSpec {
  const { shape } = model.inputs[0]!
  const spec = plainSpec(shape)
  if (spec) return spec
  throw new UserError({
    what: `${path} takes no pictures.`,
    expected: 'an input of height × width × 1 or 3',
    received: shape.join('×'),
  })
}

/** Only to predict. Whoever calls disposes of it. */
export const predictorOf = (saved: SavedModel, threads?: number): RunningPredictor =>
  startPredictor({
    model: saved.model,
    ...nodeDevice(),
    ...(threads !== undefined && { threads }),
    weights: weightsByName(saved),
  })

/** The weights by name, checked against the model. */
export const weightsByName = ({ weights, model, path }: SavedModel) => matchWeights(weights, model.weights, path)
