/**
 * A trained model opened up: the value of every layer for a picture, and how the score of a class (forward.ts) depends on each of
 * them. In: model, weights, a device. Out: functions that give arrays.
 */

import { gradients } from '../autodiff/gradients.ts'
import { checkArguments, fits, numbers, shaped } from '../base/arguments.ts'
import type { Picture, PictureLike } from '../base/picture.ts'
import type { PreprocessSpec } from '../base/preprocess-spec.ts'
import { classProbabilities } from '../base/probabilities.ts'
import { list, type Schema, that, whole } from '../base/schema.ts'
import { type DType, type Shape, sizeOf } from '../base/shape.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import type { EntryMaker, Values } from '../engine/entry.ts'
import type { FeedRows } from '../engine/feed-rows.ts'
import { createPredictor } from '../engine/predictor.ts'
import { type Node, type StepGraph, stepGraph } from '../graph/node.ts'
import type { LayerFamily } from '../layers/layer.ts'
import { builtModel, type Model } from '../network/model.ts'
import { outputScale } from '../network/output-scale.ts'
import { inputType } from '../network/summary.ts'
import type { Device } from '../runtime/device.ts'
import {
  type Asked,
  type AskedClass,
  type AskedPicture,
  classNumber,
  fittingPicture,
  pixelsOf,
} from './asked-picture.ts'
import { batchFor, ends, forward, isBinary, type Pixels } from './forward.ts'

/** Numbers of one picture, without the batch axis: [H, W, C], or [units]. */
export interface LayerValue {
  readonly layer: string
  /** Keras's class name. */
  readonly type: string
  readonly family: LayerFamily | 'input'
  readonly shape: Shape
  readonly data: Float32Array | Float64Array
}

export interface OpenModelOptions {
  readonly model: Model
  /** By name, in Keras's layout. */
  readonly weights: Readonly<Record<string, ArrayLike<number>>>
  readonly device: Device
  /** Pictures a step takes. Default: 32, fewer of pictures larger than 64×64. */
  readonly batch?: number | undefined
  /** How a picture of another size is made to fit. */
  readonly preprocess?: PreprocessSpec | undefined
  readonly classNames?: readonly string[] | undefined
}

/** A classifier whose insides can be looked at. Pictures are given in any size (`preprocess` makes them fit), or as the model's numbers. */
export interface OpenModel extends Asked {
  /** By name, as they were when the model was opened. */
  readonly weights: OpenModelOptions['weights']
  readonly device: Device
  /** What explanations run on, each as an entry of its own. */
  readonly engine: Engine
  readonly batch: number
  /** How many classes the model tells apart: its output's units, but 2 for one unit with a sigmoid. */
  readonly classes: number
  /** Every layer's value, in the model's order; the picture itself comes first, as layer `input`. */
  look(picture: AskedPicture): Promise<LayerValue[]>
  /** The gradient of the class's score by each layer's value, in the same order. The score is the logit where there is one. */
  scoreGradients(picture: AskedPicture, classIndex: AskedClass): Promise<LayerValue[]>
  /** Of each picture the probability of every class (what the last layer gives; of one sigmoid unit p: 1 − p and p). */
  predict(pictures: readonly AskedPicture[]): Promise<Float64Array[]>
  /** The picture as the model takes it: what maps are drawn over. Throws UserError where nobody said how to make it fit. */
  fitting(picture: PictureLike): Picture
  /** Gives memory and workers back. */
  dispose(): Promise<void>
}

/** What of a classifier is needed to open it. */
export interface Openable {
  readonly model: Model
  readonly preprocess?: PreprocessSpec | undefined
  readonly classNames?: readonly string[] | undefined
  getWeights(): Promise<readonly { readonly name: string; readonly data: ArrayLike<number> }[]>
}

/** The value of a layer, as functions take it. */
export const layerValue: Schema<LayerValue> = that('the value of a layer {shape, data}, as `look` gives it', value => {
  const { shape, data } = Object(value) as Partial<LayerValue>
  return (
    fits(list(whole(1), 'sizes', { least: 1, most: 3 }), shape) && fits(numbers, data) && data.length === sizeOf(shape)
  )
})

const openable = that<Openable>('a classifier', value => {
  const { model, getWeights } = Object(value) as Partial<Openable>
  return typeof getWeights === 'function' && fits(builtModel, model)
})

/** An opened model, as functions take it. */
export const openedModel: Schema<OpenModel> = shaped('an opened model: await openModel(classifier)', 'look', 'predict')

/** Opens a classifier as it stands. Throws UserError as `openModel` does. */
export async function openClassifier(classifier: Openable, device: Device): Promise<OpenModel> {
  checkArguments('openModel', { classifier: openable }, { classifier })
  const weights = await classifier.getWeights()
  const { model, preprocess, classNames } = classifier
  return openModel({
    model,
    ...(preprocess && { preprocess }),
    ...(classNames && { classNames }),
    weights: Object.fromEntries(weights.map(({ name, data }) => [name, data])),
    device,
  })
}

/**
 * Opens a model for looking inside. Numbers of pictures are as the model takes them (0 … 255 where it rescales them itself).
 * Throws UserError for models with more than one input or output.
 */
export async function openModel(options: OpenModelOptions): Promise<OpenModel> {
  const { model, weights, device, batch = batchFor(options.model), preprocess, classNames } = options
  const asked = { model, ...(preprocess && { preprocess }), ...(classNames && { classNames }) }
  const { input } = ends(model)
  const one = forward(model, 1)
  const binary = isBinary(one.output)
  const classes = one.scores.shape.at(-1)!
  const names = ['input', ...model.layers.map(({ layer }) => layer.name)]
  const shapes = [input.shape, ...model.layers.map(call => call.outputShape)]
  const types = [inputType, ...model.layers.map(({ layer }) => layer.type)]
  const families = ['input' as const, ...model.layers.map(({ layer }) => layer.traits.family)]
  const engine = createEngine({ device, states: weights })
  // One batch a call: there is nothing to be seen to in between.
  const predictor = createPredictor(model, engine, { now: () => 0, yieldToEvents: async () => {} })
  const [lookAt, differentiate] = [lookEntry(model), scoreEntry(model)]
  const onePicture = { batch: 1, match: 'exact', inputTypes: ['f32'] } as const
  const layerValues = (values: readonly Values[]): LayerValue[] =>
    names.map((layer, index) => ({
      layer,
      type: types[index]!,
      family: families[index]!,
      shape: shapes[index]!,
      data: values[index]!,
    }))

  return {
    ...asked,
    weights,
    device,
    engine,
    batch,
    classes,
    async look(picture) {
      const [values] = await engine.run(lookAt, onePicture, 1, (_, fill) => fill(pixelsOf(asked, picture)))
      return layerValues(values!)
    },
    async scoreGradients(picture, classIndex) {
      const chosen = classNumber(classNames, classIndex, classes)
      const [values] = await engine.run(differentiate, onePicture, 1, (_, fill) =>
        fill(pixelsOf(asked, picture), chosen),
      )
      return layerValues(values!)
    },
    async predict(pictures) {
      const probabilities: Float64Array[] = []
      const scale = outputScale(model)
      // A batch at a time, so that no copy of all pictures is needed.
      for (let begin = 0; begin < pictures.length; begin += batch) {
        const some = pictures.slice(begin, begin + batch).map(picture => pixelsOf(asked, picture))
        const { predictions } = await predictor.predict(pictureRows(model, some), { batchSize: batch })
        const [all] = Object.values(predictions)
        const units = binary ? 1 : classes
        for (let row = 0; row < some.length; row++) {
          const own = all!.subarray(row * units, (row + 1) * units)
          probabilities.push(Float64Array.from(classProbabilities(own, scale)))
        }
      }
      return probabilities
    },
    fitting: picture => fittingPicture(asked, picture),
    dispose: engine.dispose,
  }
}

function pictureRows(model: Model, pictures: readonly Pixels[]): FeedRows {
  const { name, shape } = ends(model).input
  const rowSize = sizeOf(shape)
  const data = new Float32Array(pictures.length * rowSize)
  for (const [row, picture] of pictures.entries()) data.set(picture, row * rowSize)
  return {
    count: pictures.length,
    inputs: { [name]: { data, rowSize, form: 'copy', slotRowSize: rowSize } },
    targets: {},
    weights: {},
  }
}

const valueName = (index: number): string => `value ${index}`

const valuesOf = (nodes: readonly Node[]): StepGraph['outputs'] =>
  nodes.map((node, index) => ({ name: valueName(index), node }))

/** One picture, fed as floats or bytes. Come out: the picture and every layer's value, in the model's order. */
export function lookGraph(model: Model, dtype?: DType): StepGraph {
  const { graph, values } = forward(model, 1, dtype)
  return { ...stepGraph(graph.batch, [], valuesOf(values.map(node => graph.cast(node)))), prepared: true }
}

const classInput = 'class'

function scoreGraph(model: Model): StepGraph {
  const { graph, values, scores } = forward(model, 1)
  const chosen = graph.input(classInput, [scores.shape.at(-1)!])
  const total = graph.sum(
    graph.mul(scores, chosen),
    scores.shape.map((_, axis) => axis),
  )
  return stepGraph(graph.batch, [], valuesOf(gradients(graph, total, values)))
}

/** Fills the picture, and where it is asked for the class, of a step of one row. */
type FillPicture = (picture: Pixels, classIndex?: number) => number
type LookMaker = EntryMaker<FillPicture, readonly Values[]>

const entryOf = (name: string, model: Model, graphOf: (model: Model) => StepGraph): LookMaker => ({
  name,
  make: () => {
    const graph = graphOf(model)
    return {
      graph,
      slots: raw => (picture, classIndex) => {
        // A linear network's gradient does not read the picture.
        raw[ends(model).input.name]?.set(picture as Float32Array)
        raw[classInput]?.fill(0)
        if (classIndex !== undefined) raw[classInput]![classIndex] = 1
        return 1
      },
      results: raw => graph.outputs.map((_, index) => raw[valueName(index)]!),
    }
  },
})

const lookEntry = (model: Model): LookMaker => entryOf('look', model, lookGraph)
const scoreEntry = (model: Model): LookMaker => entryOf('scoreGradients', model, scoreGraph)
