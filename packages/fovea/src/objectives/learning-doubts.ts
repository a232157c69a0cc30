/**
 * What lets a model learn badly or not at all, without being an error: nothing to train, outputs that are no probabilities for a loss
 * that takes some, a softmax over one unit, an output that does not depend on the input. In: the model, its outputs and their
 * losses. Out: sentences for the user, each with what to do. Where Keras warns, this does; the rest is what people lose days on.
 */
import { UserError } from '../base/errors.ts'
import { createGraph } from '../graph/builder.ts'
import { nodesOf, stepGraph } from '../graph/node.ts'
import type { Layer, LayerFamily } from '../layers/layer.ts'
import type { LayerCall, Model, ModelOutput } from '../network/model.ts'
import { modelNodes } from '../network/model-nodes.ts'
import type { Loss } from './losses.ts'

export function modelDoubts(model: Model): string[] {
  return [...nothingToTrain(model), ...cutOff(model), ...softmaxOverOne(model)]
}

function nothingToTrain({ weights }: Model): string[] {
  if (weights.some(weight => weight.trainable)) return []
  const [why, fix] =
    weights.length > 0
      ? ['all its layers are frozen', 'Thaw one, model.setTrainable(true, name), and compile again.']
      : ['its layers have none', 'Add a layer with weights, like dense({units: 10}).']
  return [`The model has no trainable weights, ${why}: training changes nothing. ${fix}`]
}

/** Only a formula of the user's own can leave out its input; the layers there are all use theirs. */
function cutOff(model: Model): string[] {
  if (model.layers.every(({ layer }) => layer.traits.family !== 'own')) return []
  return looseOutputs(model).map(
    name =>
      `Output '${name}' does not depend on the model's input: every sample gets the same answer. Use x in the formulas of your own layers.`,
  )
}

/** What is wrong with a user's formula is said when the model first runs. */
function looseOutputs(model: Model): string[] {
  const graph = createGraph(1)
  const inputs = model.inputs.map(({ name, shape }) => graph.input(name, [1, ...shape], { batched: true }))
  const randomKey = graph.input('randomKey', [2], { dtype: 'i32' })
  try {
    const { outputs } = modelNodes(model, graph, { inputs, training: false, randomKey })
    const isLoose = (index: number): boolean =>
      !nodesOf(stepGraph(1, [], [{ name: 'output', node: outputs[index]! }])).some(node => node.kind === 'input')
    return model.outputs.filter((_, index) => isLoose(index)).map(({ name }) => name)
  } catch (error) {
    if (error instanceof UserError) return []
    throw error
  }
}

function softmaxOverOne({ layers }: Model): string[] {
  const alone = layers.filter(({ layer, outputShape }) => activationOf(layer) === 'softmax' && outputShape.at(-1) === 1)
  return alone.map(
    ({ layer }) =>
      `Layer '${layer.name}' (${layer.type}) takes a softmax over 1 unit, which gives 1 whatever comes in. Did you mean 'sigmoid'?`,
  )
}

/** One class out of several: probabilities that sum to 1 are expected, and made to. */
const amongSeveral: ReadonlySet<string> = new Set([
  'CategoricalCrossentropy',
  'SparseCategoricalCrossentropy',
  'CategoricalFocalCrossentropy',
  'CategoricalGeneralizedCrossEntropy',
  'KLDivergence',
])
/** Yes or no for each unit. */
const eachByItself: ReadonlySet<string> = new Set(['BinaryCrossentropy', 'BinaryFocalCrossentropy'])
const probabilities: ReadonlySet<string> = new Set(['softmax', 'sparsemax', 'sigmoid', 'hardSigmoid', 'sparseSigmoid'])
/** Above 0: what a loss brings to the sum 1 by itself. */
const positive: ReadonlySet<string> = new Set(['exponential', 'softplus'])

/** Whether the values of an output are what its loss takes. */
export function outputDoubts(model: Model, output: ModelOutput, loss: Loss): string[] {
  const several = amongSeveral.has(loss.type)
  if (!several && !eachByItself.has(loss.type)) return []
  const found = lastActivation(model, output.value)
  if (!found) return []
  const { activation, layer } = found
  const wanted = several ? 'softmax' : 'sigmoid'
  const takesLogits = 'fromLogits' in loss.config
  const ends = `Layer '${layer.name}' (${layer.type}) ends in ${activation}`
  if (loss.config['fromLogits'] === true) {
    if (probabilities.has(activation)) {
      return [`${ends}, but ${loss.name} was given fromLogits: true, for values without it. Leave one of the two out.`]
    }
    return activation === 'linear' || !cuts.has(activation)
      ? []
      : [`${ends}, but ${loss.name} takes logits, which may be any number. Leave the activation out.`]
  }
  if (activation === 'sigmoid' && several && (output.shape.at(-1) ?? 1) > 1) {
    return [
      `${ends}, which judges each class by itself, but ${loss.name} is for one class out of several. Give it 'softmax', or take 'binaryCrossentropy'.`,
    ]
  }
  if (probabilities.has(activation) || (several && positive.has(activation))) return []
  const orLogits =
    takesLogits && activation === 'linear' ? `, or give the loss as ${loss.name}({fromLogits: true})` : ''
  return [
    `${ends}, but ${loss.name} takes probabilities: values outside 0 … 1 are cut off, and nothing is learned from them. Give the layer activation: '${wanted}'${orLogits}.`,
  ]
}

/** Activations whose values stay within bounds, or on one side of 0. */
const cuts: ReadonlySet<string> = new Set([
  'relu',
  'relu6',
  'sparsePlus',
  'tanh',
  'hardTanh',
  'softsign',
  'exponential',
  'softplus',
  'logSoftmax',
  'logSigmoid',
])

/** They hand on what comes in, or means and parts of it. */
const handingOn: ReadonlySet<LayerFamily> = new Set<LayerFamily>(['shape', 'dropout', 'pooling'])

/** What the values of an output last went through; undefined where that is not known. */
function lastActivation(model: Model, value: number): { activation: string; layer: Layer } | undefined {
  const call: LayerCall | undefined = model.layers[value - model.inputs.length]
  if (!call) return undefined
  const { layer, inputs } = call
  const activation = activationOf(layer)
  const { family } = layer.traits
  if (handingOn.has(family) || (family === 'activation' && activation === 'linear')) {
    return lastActivation(model, inputs[0]!)
  }
  return activation === undefined ? undefined : { activation, layer }
}

function activationOf({ traits: { activation } }: Layer): string | undefined {
  return typeof activation === 'object' ? activation.type : activation
}
