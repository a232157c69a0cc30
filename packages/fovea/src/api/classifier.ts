/**
 * The object a user works with: a model that can be compiled, trained, asked, looked at, saved. Its methods only delegate.
 * Programs are compiled when first needed; `dispose` gives back their memory and workers (a later call compiles again).
 */

import { anyText, checkArguments, path as filePath } from '../base/arguments.ts'
import type { JsonRecord } from '../base/json.ts'
import { type PreprocessSpec, parseSpec } from '../base/preprocess-spec.ts'
import { boolean, list, optional, parse } from '../base/schema.ts'
import { checkedPart } from '../data/dataset.ts'
import { isPictureSource } from '../data/picture-source.ts'
import { adaptToData } from '../engine/adapt-to-data.ts'
import type { Classify } from '../engine/answer.ts'
import { weightsInOrder } from '../engine/arrays.ts'
import { trainingRows } from '../engine/labelled-rows.ts'
import { classifyBy } from '../engine/load-predictor.ts'
import { readWeights } from '../engine/model-weights.ts'
import { type Float32NdArray, outputArrays } from '../engine/pass.ts'
import { type Inputs, inputRows, type Targets } from '../engine/rows.ts'
import { modelToConfig } from '../network/config.ts'
import { layerNamed, layersWithWeights, type Model, withTrainable } from '../network/model.ts'
import { summary } from '../network/summary.ts'
import { type Freeze, freezeValue, withFrozen } from '../network/transfer.ts'
import { type ParameterCounts, parameterCounts } from '../network/weights.ts'
import { optimizer, optimizerFromConfig } from '../optimizer/factories.ts'
import type { ProgramInfo } from '../runtime/device.ts'
import { encodeModelFile } from '../store/model-encoder.ts'
import type { ModelFile, NamedWeight } from '../store/model-file.ts'
import { readModel } from '../store/model-formats.ts'
import { saveModel } from '../store/model-writers.ts'
import type { History } from '../train/callbacks/history.ts'
import { warningLine } from '../train/callbacks/progress-bar.ts'
import { checkPreprocess, datasetFacts } from '../train/dataset-facts.ts'
import { fit as train } from '../train/fit.ts'
import { fitOnFeatures } from '../train/fit-on-features.ts'
import type { LearningRateSearch } from '../train/rate-range.ts'
import { checkFinite } from '../train/sample-warnings.ts'
import { gradientsOnBatch, trainOnBatch } from '../train/single-step.ts'
import { trainedFile } from '../train/training-state.ts'
import { currentEngine } from './current-engine.ts'
import { fitJob, fitSamples } from './fit-job.ts'
import {
  type CompileOptions,
  checkOptions,
  type EvaluateOptions,
  type FindLearningRateOptions,
  type FitOptions,
  isDataset,
  isLabelledPictures,
  type LabelledPictures,
  type PassOptions,
  type StepOptions,
  type TrainingData,
} from './options.ts'
import { labelledSamples, pictureSamples } from './picture-samples.ts'
import {
  type LoadModelOptions,
  loadFields,
  type ModelSource,
  modelSource,
  opening,
  type Platform,
  savingTo,
} from './platform.ts'
import { checkUntaught, distillationOf } from './teacher-answers.ts'

type Samples = Inputs | TrainingData | LabelledPictures

/** The loss (with penalties, weighted as told) and every metric by name. */
export interface Scores {
  readonly loss: number
  readonly [name: string]: number
}

/**
 * A network that can be compiled, trained, asked, looked at and saved.
 * @typeParam Output what `predict` gives: one array, or one per output for a model with a list of outputs.
 */
export interface Classifier<Output = Float32NdArray> {
  /** The network: inputs, outputs, layers, weights. */
  readonly model: Model
  /** What the classes are called; set by training on a data set, saved with the model. */
  classNames: readonly string[] | undefined
  /**
   * How a picture becomes the input, what `pictureToInput` takes; saved with the model. Training takes it over from a data set or a
   * source that says it (`preprocess`), unless you set it.
   */
  preprocess: PreprocessSpec | undefined
  /** Of the program in use (device, threads, bytes); undefined before the first. */
  readonly info: ProgramInfo | undefined

  /**
   * Chooses optimizer, loss and metrics; the optimizer begins anew, the weights stay. Throws UserError for names that do not
   * exist (with the nearest) and for losses that do not suit the outputs.
   */
  compile(options: CompileOptions): void
  /**
   * Computes what the network takes from its training pictures before training: kernels with `kernelInitializer: 'patchWhitening'`, from
   * the first 5,000. `fit` does it by itself with its own, unless they have their values. Of a data set: from its training part. Throws
   * UserError where there is nothing to compute.
   */
  adapt(x: Samples): Promise<void>
  /**
   * Trains. Samples: `{shape, data}`, a typed array, a list of typed arrays, nested numbers; several inputs as a list or record.
   * Labels: class numbers or one-hot rows, whichever the loss. Or a data set, a part of one, a picture source: they have their own
   * labels. Throws UserError when shapes do not fit.
   */
  fit(x: Inputs, y: Targets, options?: FitOptions): Promise<History>
  fit(dataset: TrainingData | LabelledPictures, options?: FitOptions): Promise<History>
  /** Loss and metrics by name; of a data set: on its test part. Throws UserError where it has none. */
  evaluate(x: Inputs, y: Targets, options?: EvaluateOptions): Promise<Scores>
  evaluate(dataset: TrainingData | LabelledPictures, options?: EvaluateOptions): Promise<Scores>
  /**
   * The outputs, rows in the order of the samples; a sample's bits do not depend on the others. A call that takes two
   * milliseconds or less (a small picture) may compute on the caller's thread, everything else is the workers'. Of a data set: of its test part.
   */
  predict(x: Samples, options?: PassOptions): Promise<Output>
  /**
   * The classes of a picture, the most probable first; of a list of pictures a list of answers. Pictures are pixels, the bytes of a
   * file, its path (in Node), a `Blob`, a canvas or an image (in browsers); they are made to fit as `preprocess` says, else by filling
   * the model's input. Throws UserError for what is no picture, and where the model gives no probabilities.
   */
  readonly classify: Classify
  /**
   * A learning rate to begin with, by the range test (Smith 2015): on a copy, the rate rises with every step from `from` to `to`, until
   * the loss explodes. The suggestion is a fifth of the rate at which the smoothed loss is lowest. The model is left as it is, also where
   * its optimizer has a schedule. Throws UserError as `fit` does.
   */
  findLearningRate(x: Inputs, y: Targets, options?: FindLearningRateOptions): Promise<LearningRateSearch>
  findLearningRate(
    dataset: TrainingData | LabelledPictures,
    options?: FindLearningRateOptions,
  ): Promise<LearningRateSearch>
  /** One step on all these samples together; gives its loss and metrics. */
  trainOnBatch(x: Inputs, y: Targets, options?: StepOptions): Promise<Scores>
  /** The loss gradient of every trained weight, as training would see it on these samples together. Nothing changes. */
  gradients(x: Inputs, y: Targets, options?: StepOptions): Promise<NamedWeight[]>
  /** In Keras's order and layout, copied. */
  getWeights(): Promise<NamedWeight[]>
  /** Throws UserError listing every difference when they do not fit. */
  setWeights(weights: readonly NamedWeight[]): Promise<void>
  /** From a file of weights or of a model: its path, its bytes, or files that were chosen in a page. Throws UserError listing what does not fit. */
  loadWeights(source: ModelSource, options?: LoadModelOptions): Promise<void>
  /**
   * Writes the model with weights, configuration, preprocessing and class names, in the format of the path's ending: `model.safetensors`;
   * with `@fovea/formats`, `model.keras`, `model.json` and others, and what the optimizer remembers where the format has a place for it.
   * What the format does not say is told. In a page it is a download. Throws UserError where the format cannot say the model.
   */
  save(path: string): Promise<void>
  /** What `save` would write. */
  toBytes(): Promise<Uint8Array<ArrayBuffer>>
  /** Keras's table as text. */
  summary(options?: { readonly formulas?: boolean | undefined }): string
  countParams(): ParameterCounts
  /** Freezes or thaws a layer, or all; takes effect with the next `compile`. */
  setTrainable(trainable: boolean, layer?: string): void
  /**
   * Freezes all but the last layer that has weights, the first so many layers of the summary, or none, and thaws all others; takes effect
   * with the next `compile`. Batch normalization of frozen layers works as in inference.
   */
  freeze(layers: Freeze): void
  /** Gives memory and workers back; the weights stay, a later call compiles again. Throws UserError while `fit` runs. */
  dispose(): Promise<void>
}

export interface ClassifierParts {
  /** The model as it is now; asked anew when it may have changed. */
  readonly model: () => Model
  /** Of the first weights, and of training unless `fit` says another. */
  readonly seed: number
  /** Whether `predict` gives a list. */
  readonly listOfOutputs: boolean
  readonly file?: ModelFile | undefined
}

export interface ClassifierHandle<Output> {
  readonly classifier: Classifier<Output>
  /** Changes the network (adds a layer). Throws UserError while the model is being trained. */
  change(work: () => void): void
}

/** The labelled pictures that are meant: of a data set its test part. Throws UserError where it has none. */
function partOf(samples: Samples): LabelledPictures | undefined {
  if (isDataset(samples)) return checkedPart(samples, 'test')
  return isLabelledPictures(samples) ? samples : undefined
}

export function createClassifier<Output>(platform: Platform, parts: ClassifierParts): ClassifierHandle<Output> {
  const current = currentEngine(currentModel, platform, parts.seed)
  /** The model with frozen layers, once there are some. */
  let frozen: Model | undefined
  let classNames = parts.file?.classNames
  let preprocess = parts.file?.preprocess && parseSpec(parts.file.preprocess)
  /** What the user says of it stays; what a file says is of the pictures it was trained on before. */
  let isPreprocessChosen = false

  function currentModel(): Model {
    return frozen ?? parts.model()
  }
  const about = (): Omit<ModelFile, 'weights'> => ({
    model: modelToConfig(currentModel()) as unknown as JsonRecord,
    ...(preprocess && { preprocess: preprocess as unknown as JsonRecord }),
    ...(classNames && { classNames }),
    ...(parts.file?.recipe && { recipe: parts.file.recipe }),
  })

  const classifier: Classifier<Output> = {
    get model() {
      return currentModel()
    },
    get classNames() {
      return classNames
    },
    set classNames(names) {
      checkArguments('the classifier', { classNames: optional(list(anyText, 'texts')) }, { classNames: names })
      classNames = names
    },
    get preprocess() {
      return preprocess
    },
    set preprocess(spec) {
      checkPreprocess(spec)
      preprocess = spec
      isPreprocessChosen = spec !== undefined
    },
    get info() {
      return current.engine?.info
    },
    compile(options) {
      checkOptions('compile', options)
      const { optimizer: choice, device, threads, numerics, distillation, ...objectives } = options
      const chosen =
        typeof choice === 'object' && choice !== null && 'type' in choice && !('rule' in choice)
          ? optimizerFromConfig(choice.type, choice.config)
          : optimizer(choice)
      current.compile({
        setup: { ...objectives, optimizer: chosen, ...(distillation && { teacher: distillationOf(distillation) }) },
        ...(device && { device }),
        ...(threads !== undefined && { threads }),
        ...(numerics && { numerics }),
      })
    },
    async adapt(x) {
      current.mustBeIdle('adapt')
      const { model, engine } = await current.ready()
      const part = isDataset(x) ? checkedPart(x, 'train') : isLabelledPictures(x) ? x : undefined
      const rows = part ? pictureSamples(model, part) : inputRows(model, x as Inputs)
      checkFinite(model, rows, 'adapt')
      await adaptToData(model, engine, rows, 'again')
    },
    async fit(first: Samples, second?: Targets | FitOptions, third?: FitOptions) {
      const alone = isDataset(first) || isLabelledPictures(first)
      const given = alone ? (second as FitOptions | undefined) : third
      const options = given === undefined ? {} : given
      checkOptions('fit', options)
      if (options.seed !== undefined) current.seedWeights(options.seed)
      return current.train(async learner => {
        const job = await fitJob(learner, platform, first, second as Targets, {
          ...options,
          seed: options.seed ?? parts.seed,
          printed: current.printed,
        })
        if (isDataset(first) || isPictureSource(first)) {
          const facts = datasetFacts(first)
          classNames ??= facts.classNames
          if (!isPreprocessChosen) preprocess = facts.preprocess ?? preprocess
        }
        const fit = options.cacheFeatures ? fitOnFeatures : train
        return fit(learner, job.rows, { ...job.options, about: about() })
      })
    },
    async evaluate(first: Samples, second?: Targets | EvaluateOptions, third?: EvaluateOptions) {
      const learner = await current.learner('evaluate')
      const part = partOf(first)
      const given = part ? (second as EvaluateOptions | undefined) : third
      const options = given === undefined ? {} : given
      checkOptions('evaluate', options)
      const rows = part
        ? labelledSamples(learner, part, options.sampleWeight)
        : trainingRows(learner.model, learner.targets, first as Inputs, second as Targets, options)
      const { logs, complete } = await learner.evaluate(rows, options)
      if (!complete) throw options.signal?.reason
      return logs as Record<string, number> & Scores
    },
    async predict(first: Samples, options = {}) {
      checkOptions('predict', options)
      const { model, predictor } = await current.ready()
      const part = partOf(first)
      const rows = part ? pictureSamples(model, part) : inputRows(model, first as Inputs)
      const predicted = await predictor.predict(rows, options)
      if (!predicted.complete) throw options.signal?.reason
      const arrays = outputArrays(model, rows.count, predicted)
      return (parts.listOfOutputs ? arrays : arrays[0]) as Output
    },
    classify: classifyBy({
      get model() {
        return currentModel()
      },
      get classNames() {
        return classNames
      },
      get preprocess() {
        return preprocess
      },
      ...(platform.openPicture && { openPicture: platform.openPicture }),
      predict: (x, options) => classifier.predict(x, options) as Promise<Float32NdArray>,
    }),
    async findLearningRate(
      first: Samples,
      second?: Targets | FindLearningRateOptions,
      third?: FindLearningRateOptions,
    ) {
      const alone = isDataset(first) || isLabelledPictures(first)
      const given = alone ? (second as FindLearningRateOptions | undefined) : third
      const options = given === undefined ? {} : given
      checkOptions('findLearningRate', options)
      // Who trains with a rate that is known loads nothing of it.
      const { testLearningRates } = await import('../train/learning-rate-range.ts')
      return current.train(learner => {
        const { from, to, steps, batchSize = 32, seed = parts.seed, signal } = options
        const { train: rows } = fitSamples(learner, first, second as Targets, options)
        return testLearningRates(learner, rows, { from, to, steps, batchSize, seed, signal })
      })
    },
    async trainOnBatch(x, y, options = {}) {
      checkOptions('trainOnBatch', options)
      current.mustBeIdle('trainOnBatch')
      const learner = await current.learner('train')
      checkUntaught(learner.setup, 'trainOnBatch')
      const rows = trainingRows(learner.model, learner.targets, x, y, options)
      return (await trainOnBatch(learner, rows, parts.seed)) as Record<string, number> & Scores
    },
    async gradients(x, y, options = {}) {
      checkOptions('gradients', options)
      const learner = await current.learner('compute gradients')
      checkUntaught(learner.setup, 'gradients')
      return gradientsOnBatch(learner, trainingRows(learner.model, learner.targets, x, y, options), parts.seed)
    },
    async getWeights() {
      const { model, engine } = await current.ready()
      return readWeights(model, engine)
    },
    setWeights: async weights => current.setWeights(weightsInOrder(weights)),
    async loadWeights(source, options = {}) {
      checkArguments('loadWeights', { source: modelSource }, { source })
      const { limits } = parse(loadFields, options, 'loadWeights')
      const opened = { ...(await opening(platform, source, 'the weights')), limits }
      const file = await readModel(opened)
      await current.setWeights(file.weightsFor?.(layersWithWeights(currentModel())) ?? file.weights, opened.source)
    },
    async save(path) {
      checkArguments('save', { path: filePath }, { path })
      const { model, engine, learner } = await current.ready()
      const notes = await saveModel(savingTo(platform, path), path, async keepsTraining => ({
        ...about(),
        ...(learner && keepsTraining ? await trainedFile(learner) : { weights: await readWeights(model, engine) }),
      }))
      for (const note of notes) platform.output.write(`${warningLine(note)}\n`)
    },
    toBytes: async () => encodeModelFile({ ...about(), weights: await classifier.getWeights() }),
    summary: (options = {}) => summary(currentModel(), options),
    countParams: () => parameterCounts(currentModel()),
    setTrainable(trainable, name) {
      checkArguments('setTrainable', { trainable: boolean, layer: optional(anyText) }, { trainable, layer: name })
      current.mustBeIdle('setTrainable')
      const model = currentModel()
      const chosen = name === undefined ? undefined : layerNamed(model, name)
      frozen = withTrainable(model, layer => (chosen === undefined || layer === chosen ? trainable : layer.trainable))
      current.changed()
    },
    freeze(layers) {
      checkArguments('freeze', { layers: freezeValue }, { layers })
      current.mustBeIdle('freeze')
      frozen = withFrozen(currentModel(), layers)
      current.changed()
    },
    dispose: () => current.dispose(),
  }
  return {
    classifier,
    change(work) {
      current.mustBeIdle('add')
      work()
      frozen = undefined
      current.changed()
    },
  }
}
