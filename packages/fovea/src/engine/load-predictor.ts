/**
 * A saved model that is only asked. Five stations: file → model → entry of an engine → feed → outputs. No optimizer, no training and no
 * gradients are loaded for it.
 */

import { checkArguments, pathOrBytes } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import type { OpenPicture } from '../base/picture.ts'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import { oneOf, optional, parse, record, that, whole } from '../base/schema.ts'
import type { Model } from '../network/model.ts'
import { modelOfFileConfig } from '../network/saved-config.ts'
import type { Device, Numerics, ProgramInfo } from '../runtime/device.ts'
import { type ModelFile, matchWeights } from '../store/model-file.ts'
import { type OpenedFile, openedBytes, type ReadLimits, readLimits, readModel } from '../store/model-formats.ts'
import { type Classify, type Classifying, classifyOf } from './answer.ts'
import { plainRows } from './feed-rows.ts'
import { askingFields, type Float32NdArray, outputArrays, type WalkOptions } from './pass.ts'
import { startPredictor } from './predictor.ts'
import type { Inputs } from './rows.ts'
import type { Clock } from './steps.ts'

export interface PredictorPlatform {
  device(): Device
  readonly clock: Clock
  /** Missing where paths mean nothing. */
  readonly open?: ((path: string) => Promise<OpenedFile>) | undefined
  /** Missing where pixels are all that a picture can be given as. */
  readonly openPicture?: OpenPicture | undefined
}

/** What `loadPredictor` takes. */
export interface LoadPredictorOptions {
  /** WebAssembly by default. */
  readonly device?: Device | undefined
  /** Compute threads; one for each core by default. */
  readonly threads?: number | undefined
  /** `reproducible` (default): the same bits everywhere. */
  readonly numerics?: Numerics | undefined
  /** How much the file may unpack to. */
  readonly limits?: ReadLimits | undefined
}

/**
 * A saved model that is only asked.
 * @typeParam Output what `predict` gives: one array, or one per output for a model with several.
 */
export interface SavedPredictor<Output = Float32NdArray> {
  readonly model: Model
  /** What the classes are called, if the file says so. */
  readonly classNames: readonly string[] | undefined
  /** How a picture becomes the input, if the file says so: what `pictureToInput` takes. */
  readonly preprocess: PreprocessSpec | undefined
  /** Of the program in use; undefined before the first prediction. */
  readonly info: ProgramInfo | undefined
  /**
   * The outputs, rows in the order of the samples. Calls that arrive together are computed together; a sample's bits are the same alone
   * and with others.
   */
  predict(x: Inputs, options?: Pick<WalkOptions, 'batchSize' | 'signal' | 'views'>): Promise<Output>
  /**
   * The classes of a picture, the most probable first; of a list of pictures a list of answers. Pictures are pixels, the bytes of a
   * file, its path (in Node), a `Blob`, a canvas or an image (in browsers); they are made to fit as the file says, else by filling
   * the model's input. Throws UserError for what is no picture, and where the model gives no probabilities.
   */
  readonly classify: Classify
  /** Gives memory and workers back; a later call compiles again. */
  dispose(): Promise<void>
}

const device = that<Device>('a device, like wasmDevice()', value => typeof Object(value).compile === 'function')
const fields = record({
  device: optional(device),
  threads: optional(whole(1, 256)),
  numerics: optional(oneOf(['reproducible', 'fast'])),
  limits: readLimits,
})

/** Throws UserError when the file is malformed or holds weights without a model. */
export async function loadPredictor<Output = Float32NdArray>(
  platform: PredictorPlatform,
  source: string | Uint8Array,
  given: LoadPredictorOptions = {},
): Promise<SavedPredictor<Output>> {
  checkArguments('loadPredictor', { source: pathOrBytes }, { source })
  const options = parse(fields, given, 'loadPredictor')
  const opened = typeof source === 'string' ? await opening(platform, source) : openedBytes(source, 'the model file')
  const name = opened.source
  const file = await readModel({ ...opened, limits: options.limits })
  const model = await modelOfFile(file, name)
  const predictor = startPredictor({
    model,
    device: options.device ?? platform.device(),
    clock: platform.clock,
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(options.numerics !== undefined && { numerics: options.numerics }),
    weights: matchWeights(file.weights, model.weights, name),
  })
  const { classNames } = file
  const preprocess = file.preprocess && (await import('./spec-of-file.ts')).specOfFile(file.preprocess)
  const predict: SavedPredictor<Output>['predict'] = async (x, asked = {}) => {
    parse(record(askingFields), asked, 'predict')
    const rows = plainRows(model, x) ?? (await import('./rows.ts')).inputRows(model, x)
    const predicted = await predictor.predict(rows, asked)
    if (!predicted.complete) throw asked.signal?.reason
    const arrays = outputArrays(model, rows.count, predicted)
    return (arrays.length > 1 ? arrays : arrays[0]) as Output
  }
  const { openPicture } = platform
  const asked = { model, classNames, preprocess, ...(openPicture && { openPicture }), predict }
  return {
    model,
    classNames,
    preprocess,
    get info() {
      return predictor.engine.info
    },
    predict,
    classify: classifyBy(asked as Classifying),
    dispose: predictor.dispose,
  }
}

/** What turns pictures into inputs is loaded with the first one. */
export const classifyBy = (asked: Classifying): Classify =>
  classifyOf(async (given, options) => (await import('./classify.ts')).answersOf(asked, given, options))

/** The model that a file describes. Throws UserError where it holds weights alone. */
export async function modelOfFile(file: ModelFile, name: string): Promise<Model> {
  if (file.model) return modelOfFileConfig(file.model)
  throw new UserError({
    what: `${name} holds weights, but not the model they belong to`,
    expected: 'a model saved by Fovea, with its configuration',
    fix: 'build the model, then loadWeights',
  })
}

async function opening({ open }: PredictorPlatform, path: string): Promise<OpenedFile> {
  if (open) return open(path)
  throw new UserError({
    what: `${path} cannot be reached: there are no files here`,
    expected: 'bytes',
    fix: 'fetch them and give a Uint8Array',
  })
}
