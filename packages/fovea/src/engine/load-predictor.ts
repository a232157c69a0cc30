/**
 * A saved model that is only asked. Five stations: file → model → entry of an engine → feed → outputs. No optimizer, no training and no
 * gradients are loaded for it.
 */

import { checkArguments, pathOrBytes } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import type { Files } from '../base/host.ts'
import type { JsonRecord } from '../base/json.ts'
import { oneOf, optional, parse, record, that, whole } from '../base/schema.ts'
import type { Model } from '../network/model.ts'
import { modelOfFileConfig } from '../network/saved-config.ts'
import type { Device, Numerics, ProgramInfo } from '../runtime/device.ts'
import { decodeModelFile, type ModelFile, matchWeights } from '../store/model-file.ts'
import { plainRows } from './feed-rows.ts'
import { type Float32NdArray, outputArrays, passFields, type WalkOptions } from './pass.ts'
import { startPredictor } from './predictor.ts'
import type { Inputs } from './rows.ts'
import type { Clock } from './steps.ts'

export interface PredictorPlatform {
  device(): Device
  readonly clock: Clock
  /** Missing where paths mean nothing. */
  readonly files?: Pick<Files, 'read'>
}

/** What `loadPredictor` takes. */
export interface LoadPredictorOptions {
  /** WebAssembly by default. */
  readonly device?: Device
  /** Compute threads; one for each core by default. */
  readonly threads?: number
  /** `reproducible` (default): the same bits everywhere. */
  readonly numerics?: Numerics
}

/**
 * A saved model that is only asked.
 * @typeParam Output what `predict` gives: one array, or one per output for a model with several.
 */
export interface SavedPredictor<Output = Float32NdArray> {
  readonly model: Model
  /** What the classes are called, if the file says so. */
  readonly classNames: readonly string[] | undefined
  /** How a picture becomes the input, if the file says so: what `pictureToInput` takes after `parseSpec`. */
  readonly preprocess: JsonRecord | undefined
  /** Of the program in use; undefined before the first prediction. */
  readonly info: ProgramInfo | undefined
  /**
   * The outputs, rows in the order of the samples. Calls that arrive together are computed together; a sample's bits are the same alone
   * and with others.
   */
  predict(x: Inputs, options?: Pick<WalkOptions, 'batchSize' | 'signal'>): Promise<Output>
  /** Gives memory and workers back; a later call compiles again. */
  dispose(): Promise<void>
}

const device = that<Device>('a device, like wasmDevice()', value => typeof Object(value).compile === 'function')
const fields = record({
  device: optional(device),
  threads: optional(whole(1, 256)),
  numerics: optional(oneOf(['reproducible', 'fast'])),
})

/** Throws UserError when the file is malformed or holds weights without a model. */
export async function loadPredictor<Output = Float32NdArray>(
  platform: PredictorPlatform,
  source: string | Uint8Array,
  given: LoadPredictorOptions = {},
): Promise<SavedPredictor<Output>> {
  checkArguments('loadPredictor', { source: pathOrBytes }, { source })
  const options = parse(fields, given, 'loadPredictor')
  const name = typeof source === 'string' ? source : 'the model file'
  const file = decodeModelFile(typeof source === 'string' ? await read(platform, source) : source, name)
  const model = await modelOfFile(file, name)
  const predictor = startPredictor({
    model,
    device: options.device ?? platform.device(),
    clock: platform.clock,
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(options.numerics !== undefined && { numerics: options.numerics }),
    weights: matchWeights(file.weights, model.weights, name),
  })
  return {
    model,
    classNames: file.classNames,
    preprocess: file.preprocess,
    get info() {
      return predictor.engine.info
    },
    async predict(x, asked = {}) {
      parse(record(passFields), asked, 'predict')
      const rows = plainRows(model, x) ?? (await import('./rows.ts')).inputRows(model, x)
      const predicted = await predictor.predict(rows, asked)
      if (!predicted.complete) throw asked.signal?.reason
      const arrays = outputArrays(model, rows.count, predicted)
      return (arrays.length > 1 ? arrays : arrays[0]) as Output
    },
    dispose: predictor.dispose,
  }
}

/** The model that a file describes. Throws UserError where it holds weights alone. */
export async function modelOfFile(file: ModelFile, name: string): Promise<Model> {
  if (file.model) return modelOfFileConfig(file.model)
  throw new UserError({
    what: `${name} holds weights, but not the model they belong to`,
    expected: 'a model saved by Fovea, with its configuration',
    fix: 'build the model, then loadWeights',
  })
}

function read({ files }: PredictorPlatform, path: string): Promise<Uint8Array> {
  if (files) return files.read(path)
  throw new UserError({
    what: `${path} cannot be reached: there are no files here`,
    expected: 'bytes',
    fix: 'fetch them and give a Uint8Array',
  })
}
