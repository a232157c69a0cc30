/**
 * The forward pass of a model for looking into it: every layer's value and the score of every class as graph nodes, and how pictures
 * get into a program made of it.
 */
import { UserError } from '../base/errors.ts'
import { type DType, formatShape, type NumericArray, sizeOf } from '../base/shape.ts'
import { createGraph, type Graph } from '../graph/builder.ts'
import type { Node } from '../graph/node.ts'
import type { Model, ModelInput, ModelOutput } from '../network/model.ts'
import { modelNodes } from '../network/model-nodes.ts'

/** H · W · C numbers as the model takes them. */
export type Pixels = ArrayLike<number>

export interface Forward {
  readonly graph: Graph
  /** The picture and every layer's value. */
  readonly values: readonly Node[]
  readonly output: Node
  /**
   * [batch, classes]. Where the last layer ends in softmax its logits: probabilities compete, so their gradients speak of the other
   * classes too. Of one unit with a sigmoid: −logit for class 0, logit for class 1.
   */
  readonly scores: Node
}

/** The model's one input and output. Throws UserError where there are more. */
export function ends({ inputs, outputs }: Model): { readonly input: ModelInput; readonly output: ModelOutput } {
  const [[input], [output]] = [inputs, outputs]
  if (inputs.length === 1 && outputs.length === 1 && input && output) return { input, output }
  throw new UserError({
    what: 'This model cannot be looked into.',
    expected: 'one input and one output',
    received: `${inputs.length} and ${outputs.length}`,
  })
}

export function forward(model: Model, batch: number, dtype: DType = 'f32'): Forward {
  const graph = createGraph(batch)
  const { name, shape } = ends(model).input
  const input = graph.input(name, [batch, ...shape], { dtype, batched: true })
  const randomKey = graph.input('randomKey', [2], { dtype: 'i32' })
  const { values, outputs } = modelNodes(model, graph, { inputs: [input], training: false, randomKey })
  const output = outputs[0]!
  return { graph, values: [input, ...values], output, scores: scoresOf(graph, output) }
}

function scoresOf(graph: Graph, output: Node): Node {
  if (output.kind === 'softmax') return output.inputs[0]!
  if (!isBinary(output)) return output
  const logit = output.inputs[0]!
  return graph.concat([graph.unary('neg', logit), logit], 1)
}

/** One unit that gives the probability of class 1. */
export function isBinary(output: Node): boolean {
  return output.kind === 'unary' && output.attributes.fn === 'sigmoid' && output.shape.at(-1) === 1
}

/** The numbers, if they are as many as the model takes. Throws UserError. */
export function checkedPixels(model: Model, picture: Pixels): Pixels {
  const { shape } = model.inputs[0]!
  if (picture.length === sizeOf(shape)) return picture
  throw new UserError({
    what: 'The picture does not fit the model.',
    expected: `${formatShape(shape)}: ${sizeOf(shape)} numbers`,
    received: `${picture.length}`,
    fix: 'give a photograph as {width, height, channels, data}, or make it fit: pictureToInput(picture, spec).pixels',
  })
}

/** Fills the rows of a step with pictures; gives how many. A linear network's gradient does not read them: then there is no place. */
export function fillPictures(model: Model, place: NumericArray | undefined, pictures: readonly Pixels[]): number {
  for (const [row, picture] of pictures.entries()) {
    place?.set(checkedPixels(model, picture) as Float32Array, row * picture.length)
  }
  return pictures.length
}

/** Pictures a step takes: some 2¹⁷ pixels, so that the values of all layers stay small; at most 32. */
export function batchFor(model: Model): number {
  const [height = 1, width = 1] = model.inputs[0]!.shape
  return Math.max(1, Math.min(32, Math.floor(2 ** 17 / (height * width))))
}
