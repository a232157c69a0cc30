/**
 * A trained model opened up: the value of every layer for a picture, and how the score of a class depends on each of them. In: model,
 * weights, a device. The score of a class is its logit where the last layer ends in softmax: probabilities compete, so their
 * gradients speak of the other classes too.
 */
import { gradients } from '../autodiff/gradients.ts'
import { UserError } from '../base/errors.ts'
import { formatShape, type Shape, sizeOf } from '../base/shape.ts'
import { createGraph, type Graph } from '../graph/builder.ts'
import { type Node, type StepGraph, stepGraph } from '../graph/node.ts'
import { lowerModel } from '../model/lower.ts'
import type { Model } from '../model/model.ts'
import type { Device, FeedSlots, Program } from '../runtime/device.ts'

/** Numbers of one picture, without the batch axis: [H, W, C], or [units]. */
export interface LayerValue {
  readonly layer: string
  /** Keras's class name. */
  readonly type: string
  readonly shape: Shape
  readonly data: Float32Array | Float64Array
}

export interface OpenModelOptions {
  readonly model: Model
  /** By name, as `getWeights` gives them. */
  readonly weights: Readonly<Record<string, ArrayLike<number>>>
  readonly device: Device
  /** Pictures `predict` takes at a time. Default 32. */
  readonly batch?: number
}

export interface OpenModel {
  readonly model: Model
  /** By name, as they were when the model was opened. */
  readonly weights: OpenModelOptions['weights']
  /** Every layer's value, in the model's order; the picture itself comes first, as layer `input`. */
  look(picture: ArrayLike<number>): Promise<LayerValue[]>
  /** The gradient of the class's score by each layer's value, in the same order. */
  scoreGradients(picture: ArrayLike<number>, classIndex: number): Promise<LayerValue[]>
  /** Probabilities (what the last layer gives) of each picture. */
  predict(pictures: readonly ArrayLike<number>[]): Promise<Float64Array[]>
  dispose(): Promise<void>
}

/** What of a classifier is needed to open it. */
export interface Openable {
  readonly model: Model
  getWeights(): Promise<readonly { readonly name: string; readonly data: ArrayLike<number> }[]>
}

/** Opens a classifier as it stands. Throws UserError as `openModel` does. */
export async function openClassifier(classifier: Openable, device: Device): Promise<OpenModel> {
  const weights = await classifier.getWeights()
  return openModel({
    model: classifier.model,
    weights: Object.fromEntries(weights.map(({ name, data }) => [name, data])),
    device,
  })
}

/** Throws UserError for models with more than one input or output. */
export async function openModel(options: OpenModelOptions): Promise<OpenModel> {
  const { model, weights, device, batch = 32 } = options
  const [input] = model.inputs
  const [output] = model.outputs
  if (model.inputs.length !== 1 || model.outputs.length !== 1 || !input || !output) {
    throw new UserError({
      what: 'This model cannot be looked into.',
      expected: 'one input and one output',
      received: `${model.inputs.length} and ${model.outputs.length}`,
    })
  }
  const classes = output.shape.at(-1) ?? 1
  const names = ['input', ...model.layers.map(({ layer }) => layer.name)]
  const shapes = [input.shape, ...model.layers.map(call => call.outputShape)]
  const types = ['InputLayer', ...model.layers.map(({ layer }) => layer.type)]
  const program = await device.compile({
    look: lookGraph(model),
    scoreGradients: scoreGraph(model, classes),
    predict: predictGraph(model, batch),
  })
  await program.writeStates(weights)

  const checked = (picture: ArrayLike<number>): ArrayLike<number> => {
    if (picture.length === sizeOf(input.shape)) return picture
    throw new UserError({
      what: 'The picture does not fit the model.',
      expected: `${formatShape(input.shape)}: ${sizeOf(input.shape)} numbers`,
      received: `${picture.length}`,
    })
  }
  const run = async (entry: string, feed: (slots: FeedSlots) => number) =>
    (await program.run(entry, 1, (_, slots) => feed(slots)))[0]!
  const layerValues = (outputs: Readonly<Record<string, Float32Array | Float64Array>>): LayerValue[] =>
    names.map((layer, index) => ({
      layer,
      type: types[index]!,
      shape: shapes[index]!,
      data: outputs[`value ${index}`]!,
    }))

  return {
    model,
    weights,
    async look(picture) {
      return layerValues(await run('look', slots => feedPicture(slots, input.name, checked(picture))))
    },
    async scoreGradients(picture, classIndex) {
      if (!(Number.isInteger(classIndex) && classIndex >= 0 && classIndex < classes)) {
        throw new UserError({
          what: 'There is no such class.',
          expected: `0 to ${classes - 1}`,
          received: String(classIndex),
        })
      }
      const outputs = await run('scoreGradients', slots => {
        slots['class']!.fill(0)
        slots['class']![classIndex] = 1
        return feedPicture(slots, input.name, checked(picture))
      })
      return layerValues(outputs)
    },
    predict: pictures =>
      predictAll(program, input.name, pictures.map(checked), { batch, output: output.name, classes }),
    dispose: () => program.dispose(),
  }
}

function feedPicture(slots: FeedSlots, name: string, picture: ArrayLike<number>, row = 0): number {
  // A linear network's gradient does not read the picture.
  slots[name]?.set(picture as Float32Array, row * picture.length)
  return row + 1
}

async function predictAll(
  program: Program,
  input: string,
  pictures: readonly ArrayLike<number>[],
  { batch, output, classes }: { readonly batch: number; readonly output: string; readonly classes: number },
): Promise<Float64Array[]> {
  const steps = Math.ceil(pictures.length / batch)
  const outputs = await program.run('predict', steps, (step, slots) => {
    const some = pictures.slice(step * batch, (step + 1) * batch)
    for (const [row, picture] of some.entries()) feedPicture(slots, input, picture, row)
    return some.length
  })
  return pictures.map((_, index) => {
    const all = outputs[Math.floor(index / batch)]![`predictions:${output}`]!
    const row = index % batch
    return Float64Array.from(all.subarray(row * classes, (row + 1) * classes))
  })
}

interface Forward {
  readonly graph: Graph
  /** The input and every layer's value. */
  readonly values: readonly Node[]
  readonly output: Node
}

function forward(model: Model, batch: number): Forward {
  const graph = createGraph(batch)
  const [{ name, shape }] = model.inputs as readonly [Model['inputs'][number]]
  const input = graph.input(name, [batch, ...shape], { batched: true })
  const randomKey = graph.input('randomKey', [2], { dtype: 'i32' })
  const { values, outputs } = lowerModel(model, graph, { inputs: [input], training: false, randomKey })
  return { graph, values: [input, ...values], output: outputs[0]! }
}

function lookGraph(model: Model): StepGraph {
  const { graph, values } = forward(model, 1)
  return stepGraph(
    graph.batch,
    [],
    values.map((node, index) => ({ name: `value ${index}`, node })),
  )
}

function scoreGraph(model: Model, classes: number): StepGraph {
  const { graph, values, output } = forward(model, 1)
  const score = output.kind === 'softmax' ? output.inputs[0]! : output
  const chosen = graph.input('class', [classes])
  const total = graph.sum(
    graph.mul(score, chosen),
    score.shape.map((_, axis) => axis),
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
  return stepGraph(graph.batch, [], [{ name: `predictions:${model.outputs[0]!.name}`, node: output }])
}
