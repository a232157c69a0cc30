/** Where classifiers come from: layers in a row, the functional API, a saved file. Made for one platform. */

import { checkArguments, fits } from '../base/arguments.ts'
import type { JsonRecord } from '../base/json.ts'
import { boolean, list, number, optional, parse, record, text, that, union, whole } from '../base/schema.ts'
import { modelOfFile } from '../engine/load-predictor.ts'
import type { Float32NdArray } from '../engine/pass.ts'
import type { Layer } from '../layers/layer.ts'
import { isTensor, type Tensor } from '../layers/tensor.ts'
import { model as buildFunctional } from '../network/functional.ts'
import { withKeptClasses } from '../network/kept-classes.ts'
import { builtModel, type Model } from '../network/model.ts'
import { sequential as buildSequential } from '../network/sequential.ts'
import { carriedWeights, type Freeze, freezeValue, withFrozen, withNewHead } from '../network/transfer.ts'
import { readModel, searchModelFormats } from '../store/model-formats.ts'
import { warningLine } from '../train/callbacks/progress-bar.ts'
import { type Classifier, createClassifier } from './classifier.ts'
import { type LoadModelOptions, loadFields, type ModelSource, modelSource, opening, type Platform } from './platform.ts'

/** What `sequential` and `model` take. */
export interface ModelOptions {
  readonly name?: string | undefined
  /** Of the first weights, and of training unless `fit` says another; 0 by default. */
  readonly seed?: number | undefined
}

/** What `transferFrom` takes. */
export interface TransferOptions {
  /** How many classes are to be told apart, or what they are called. */
  readonly classes: number | readonly string[]
  /** Classes that the trained one knows by name keep their part of its head; false by default: all begin anew. */
  readonly keepClasses?: boolean | undefined
  /** Name of the last layer that is kept; by default the one before the last `dense` (and before its dropout), or
   * the global pooling that all `dense` layers stand on. */
  readonly cut?: string | undefined
  /** Which layers are not trained at first; by default all but the new head. */
  readonly freeze?: Freeze | undefined
  /** Rate of the head's dropout; 0.2 by default, 0 leaves it out. */
  readonly dropout?: number | undefined
  /** Of the head's first weights, and of training unless `fit` says another; 0 by default. */
  readonly seed?: number | undefined
}

const transferFields = record({
  classes: union(whole(2), list(text, 'names', { least: 2 })),
  keepClasses: optional(boolean, false),
  cut: optional(text),
  freeze: optional(freezeValue, 'all-but-head'),
  dropout: optional(number({ least: 0, below: 1 }), 0.2),
  seed: optional(whole(0), 0),
})

const modelFields = { name: optional(text), seed: optional(whole(0), 0) }
/** Tensors; `buildFunctional` says what is wrong with them. */
const ends = { ...that<Inputs>('tensors', () => true), fallback: { value: [] } }

const trainedClassifier = that<Classifier>('a classifier, as loadModel or sequential gives it', value => {
  const { getWeights, model } = Object(value) as Partial<Classifier>
  return typeof getWeights === 'function' && fits(builtModel, model)
})

/** A classifier whose layers follow one another. */
export interface SequentialClassifier extends Classifier {
  /** Appends a layer. Throws UserError, and leaves the model as it was, when it does not suit. */
  add(layer: Layer | Tensor): SequentialClassifier
}

type Inputs = Tensor | readonly Tensor[]

export interface Models {
  /**
   * Layers one after the other; the first says `inputShape`. `sequential([flatten({inputShape: [28, 28, 1]}), dense({units: 10,
   * activation: 'softmax'})])`. Throws UserError, with the layer's name, when one does not suit.
   */
  sequential(layers?: readonly (Layer | Tensor)[], options?: ModelOptions): SequentialClassifier
  /** What lies between inputs and outputs (`input`, `apply`). With a list of outputs, `predict` gives a list. */
  model(options: ModelOptions & { readonly inputs: Inputs; readonly outputs: Tensor }): Classifier
  model(
    options: ModelOptions & { readonly inputs: Inputs; readonly outputs: readonly Tensor[] },
  ): Classifier<Float32NdArray[]>
  /** A model (of the zoo, from a configuration) as a classifier. */
  classifier(model: Model, options?: { readonly seed?: number | undefined }): Classifier
  /**
   * A saved model: the path of its file or of its folder, its bytes, or files that were chosen in a page. It can be asked at once;
   * compile it to train or evaluate. Files of Keras, TensorFlow.js, Teachable Machine and ONNX are read by the package @fovea/formats.
   * Throws UserError when the file is malformed or holds weights without a model.
   */
  loadModel<Output = Float32NdArray>(source: ModelSource, options?: LoadModelOptions): Promise<Classifier<Output>>
  /**
   * A new classifier that begins with the layers and weights of a trained one, for other classes: `transferFrom(await loadModel(path),
   * {classes: ['cat', 'dog']})`. The kept layers are frozen at first: train the new head (`fit` with `cacheFeatures: true` takes
   * seconds), then `freeze('none')`, `compile` with a lower learning rate and train on. Throws UserError where there is nothing to keep.
   */
  transferFrom(trained: Classifier, options: TransferOptions): Promise<Classifier>
}

export function createModels(platform: Platform): Models {
  if (platform.modelFormats) searchModelFormats(platform.modelFormats)
  function functional<Output>(model: Model, seed: number, listOfOutputs: boolean): Classifier<Output> {
    return createClassifier<Output>(platform, { model: () => model, seed, listOfOutputs }).classifier
  }
  return {
    sequential(layers = [], options = {}) {
      const { name, seed } = parse(record(modelFields), options, 'sequential')
      const stack = buildSequential(layers, name === undefined ? {} : { name })
      const parts = { model: () => snapshot(stack), seed, listOfOutputs: false }
      const { classifier, change } = createClassifier<Float32NdArray>(platform, parts)
      // Accessors of the classifier must stay accessors: nothing is copied.
      const self: SequentialClassifier = Object.assign(classifier, {
        add(layer: Layer | Tensor) {
          change(() => stack.add(layer))
          return self
        },
      })
      return self
    },
    model<Output>(options: ModelOptions & { inputs: Inputs; outputs: Inputs }) {
      const { inputs, outputs, name, seed } = parse(
        record({ ...modelFields, inputs: ends, outputs: ends }),
        options,
        'model',
      )
      const built = buildFunctional({ inputs, outputs, ...(name !== undefined && { name }) })
      return functional<Output>(built, seed, !isTensor(outputs))
    },
    classifier(model, options = {}) {
      checkArguments('classifier', { model: builtModel }, { model })
      const { seed } = parse(record({ seed: modelFields.seed }), options, 'classifier')
      return functional(model, seed, model.outputs.length > 1)
    },
    async loadModel<Output>(source: ModelSource, options: LoadModelOptions = {}) {
      checkArguments('loadModel', { source: modelSource }, { source })
      const { limits } = parse(loadFields, options, 'loadModel')
      const opened = { ...(await opening(platform, source, 'the model file')), limits }
      const file = await readModel(opened)
      const model = await modelOfFile(file, opened.source)
      for (const note of file.notes ?? []) platform.output.write(`${warningLine(note)}\n`)
      const parts = { model: () => model, seed: 0, listOfOutputs: model.outputs.length > 1, file }
      const { classifier } = createClassifier<Output>(platform, parts)
      await classifier.setWeights(file.weights)
      return classifier
    },
    async transferFrom(trained, options) {
      checkArguments('transferFrom', { trained: trainedClassifier }, { trained })
      const { classes, keepClasses, cut, freeze, dropout, seed } = parse(transferFields, options, 'transferFrom')
      const units = typeof classes === 'number' ? classes : classes.length
      const model = withFrozen(withNewHead(trained.model, { classes: units, cut, dropout }), freeze)
      const { preprocess } = trained
      const file = {
        weights: [],
        ...(preprocess && { preprocess: preprocess as unknown as JsonRecord }),
        ...(typeof classes !== 'number' && { classNames: classes }),
      }
      const parts = { model: () => model, seed, listOfOutputs: false, file }
      const { classifier } = createClassifier<Float32NdArray>(platform, parts)
      const weights = await trained.getWeights()
      const first = carriedWeights(model, weights, seed)
      const before = { model: trained.model, classNames: trained.classNames ?? [], weights }
      const names = typeof classes === 'number' ? [] : classes
      const values = keepClasses ? withKeptClasses(first, { model, classNames: names }, before) : first
      await classifier.setWeights(
        model.weights.map(({ name, shape }) => ({ name, shape, data: Float32Array.from(values[name]!) })),
      )
      return classifier
    },
  }
}

/** The stack as it is now: adding to it later makes another model. */
function snapshot(stack: Model): Model {
  const { name, kind, inputs, outputs, layers, weights } = stack
  return { name, kind, inputs, outputs, layers, weights }
}
