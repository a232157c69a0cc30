/**
 * A trained model opened up: the value of every layer for a picture, and how the score of a class (forward.ts) depends on each of
 * them. In: model, weights, a device. Out: functions that give arrays.
 */

import { gradients } from '../autodiff/gradients.ts'
import { checkArguments, fits, numbers, shaped } from '../base/arguments.ts'
import { UserError } from '../base/errors.ts'
import { classProbabilities } from '../base/probabilities.ts'
import { list, type Schema, that, whole } from '../base/schema.ts'
import { type DType, type Shape, sizeOf } from '../base/shape.ts'
import { show } from '../base/show.ts'
import { type StepGraph, stepGraph } from '../graph/node.ts'
import type { LayerFamily } from '../layers/layer.ts'
import { builtModel, type Model } from '../network/model.ts'
import { inputType } from '../network/summary.ts'
import type { Device, StepOutputs } from '../runtime/device.ts'
import { batchFor, ends, forward, isBinary, type Pixels, pictureFeed, programOf } from './forward.ts'

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
  readonly batch?: number
}

/** A classifier whose insides can be looked at. */
export interface OpenModel {
  readonly model: Model
  /** By name, as they were when the model was opened. */
  readonly weights: OpenModelOptions['weights']
  readonly device: Device
  readonly batch: number
  /** How many classes the model tells apart: its output's units, but 2 for one unit with a sigmoid. */
  readonly classes: number
  /** Every layer's value, in the model's order; the picture itself comes first, as layer `input`. */
  look(picture: Pixels): Promise<LayerValue[]>
  /** The gradient of the class's score by each layer's value, in the same order. The score is the logit where there is one. */
  scoreGradients(picture: Pixels, classIndex: number): Promise<LayerValue[]>
  /** Of each picture the probability of every class (what the last layer gives; of one sigmoid unit p: 1 − p and p). */
  predict(pictures: readonly Pixels[]): Promise<Float64Array[]>
  /** Gives memory and workers back. */
  dispose(): Promise<void>
}

/** What of a classifier is needed to open it. */
export interface Openable {
  readonly model: Model
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
  return openModel({
    model: classifier.model,
    weights: Object.fromEntries(weights.map(({ name, data }) => [name, data])),
    device,
  })
}

/**
 * Opens a model for looking inside. Pictures are H · W · C numbers as the model takes them (0 … 255 where it rescales them itself).
 * Throws UserError for models with more than one input or output.
 */
export async function openModel(options: OpenModelOptions): Promise<OpenModel> {
  const { model, weights, device, batch = batchFor(options.model) } = options
  const { input } = ends(model)
  const one = forward(model, 1)
  const binary = isBinary(one.output)
  const classes = one.scores.shape.at(-1)!
  const names = ['input', ...model.layers.map(({ layer }) => layer.name)]
  const shapes = [input.shape, ...model.layers.map(call => call.outputShape)]
  const types = [inputType, ...model.layers.map(({ layer }) => layer.type)]
  const families = ['input' as const, ...model.layers.map(({ layer }) => layer.traits.family)]
  const program = await programOf(
    device,
    { look: lookGraph(model), scoreGradients: scoreGraph(model), predict: predictGraph(model, batch) },
    weights,
  )
  const layerValues = (outputs: StepOutputs): LayerValue[] =>
    names.map((layer, index) => ({
      layer,
      type: types[index]!,
      family: families[index]!,
      shape: shapes[index]!,
      data: outputs[`value ${index}`]!,
    }))

  return {
    model,
    weights,
    device,
    batch,
    classes,
    async look(picture) {
      const [outputs] = await program.run('look', 1, pictureFeed(model, [picture], 1))
      return layerValues(outputs!)
    },
    async scoreGradients(picture, classIndex) {
      checkClass(classIndex, classes)
      const feed = pictureFeed(model, [picture], 1, slots => {
        slots['class']!.fill(0)
        slots['class']![classIndex] = 1
      })
      const [outputs] = await program.run('scoreGradients', 1, feed)
      return layerValues(outputs!)
    },
    async predict(pictures) {
      const steps = Math.ceil(pictures.length / batch)
      const outputs = await program.run('predict', steps, pictureFeed(model, pictures, batch))
      return pictures.map((_, index) => {
        const all = outputs[Math.floor(index / batch)]!['predictions']!
        const units = binary ? 1 : classes
        const row = all.subarray((index % batch) * units, ((index % batch) + 1) * units)
        return Float64Array.from(binary ? classProbabilities(row) : row)
      })
    },
    dispose: () => program.dispose(),
  }
}

/** Throws UserError. */
export function checkClass(classIndex: number, classes: number): void {
  if (Number.isInteger(classIndex) && classIndex >= 0 && classIndex < classes) return
  throw new UserError({
    what: 'There is no such class.',
    expected: `0 to ${classes - 1}`,
    received: show(classIndex),
  })
}

/** One picture, fed as floats or bytes. Come out: `value 0` (the picture), `value 1` … (every layer's), in the model's order. */
export function lookGraph(model: Model, dtype?: DType): StepGraph {
  const { graph, values } = forward(model, 1, dtype)
  const outputs = values.map((node, index) => ({ name: `value ${index}`, node: graph.cast(node) }))
  return { ...stepGraph(graph.batch, [], outputs), prepared: true }
}

function scoreGraph(model: Model): StepGraph {
  const { graph, values, scores } = forward(model, 1)
  const chosen = graph.input('class', [scores.shape.at(-1)!])
  const total = graph.sum(
    graph.mul(scores, chosen),
    scores.shape.map((_, axis) => axis),
  )
  const derivatives = gradients(graph, total, values)
  return stepGraph(
    graph.batch,
    [],
    derivatives.map((node, index) => ({ name: `value ${index}`, node })),
  )
}

function predictGraph(model: Model, batch: number): StepGraph {
  const { graph, output } = forward(model, batch)
  return stepGraph(graph.batch, [], [{ name: 'predictions', node: output }])
}
