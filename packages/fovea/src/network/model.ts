/**
 * The model record: named layers called on values, in an order that can be computed, and the weights they own.
 *
 * Values are numbered: the model's inputs come first (0 … inputs − 1), then one value per layer call. Shapes are without the
 * batch axis. A layer called twice is the same record in two calls and owns one set of weights. Order of calls and weights is
 * Keras's: by depth (the longest way to an output), then by the order of a backward walk from the outputs.
 */

import { anyText, checkArguments, shaped } from '../base/arguments.ts'
import { InternalError, nearest, type Problem, UserError } from '../base/errors.ts'
import type { Schema } from '../base/schema.ts'
import { formatShape, type Shape, sameShape, sizeOf } from '../base/shape.ts'
import type { InitializerConfig } from '../layers/initializers.ts'
import type { Layer, WeightSpec } from '../layers/layer.ts'
import type { RegularizerConfig } from '../layers/regularizers.ts'
import { namedProblems } from '../layers/tensor.ts'

export interface LayerCall {
  /** With its name in this model. */
  readonly layer: Layer
  /** Value numbers. */
  readonly inputs: readonly number[]
  readonly inputShapes: readonly Shape[]
  readonly outputShape: Shape
}

export interface ModelWeight {
  /** `conv2d/kernel`. */
  readonly name: string
  /** The name of the layer that owns it. */
  readonly layer: string
  readonly shape: Shape
  /** Trained by the optimizer: neither a statistic nor of a frozen layer. */
  readonly trainable: boolean
  readonly initializer: InitializerConfig
  readonly regularizer?: RegularizerConfig | undefined
}

export interface ModelInput {
  readonly name: string
  readonly shape: Shape
}

export interface ModelOutput {
  /** The name of the layer that computes it. */
  readonly name: string
  readonly shape: Shape
  /** Value number. */
  readonly value: number
}

/** A network as data: inputs, outputs, layers and weights, without numbers. */
export interface Model {
  readonly name: string
  /** Decides only how the model is printed and saved. */
  readonly kind: 'sequential' | 'functional'
  readonly inputs: readonly ModelInput[]
  readonly outputs: readonly ModelOutput[]
  readonly layers: readonly LayerCall[]
  readonly weights: readonly ModelWeight[]
}

export interface ModelParts {
  readonly name: string
  readonly kind: Model['kind']
  readonly inputs: readonly ModelInput[]
  /** `inputs` are value numbers; layers are named already. */
  readonly calls: readonly { readonly layer: Layer; readonly inputs: readonly number[] }[]
  /** Value numbers. */
  readonly outputs: readonly number[]
}

/** Planning takes some 10 s for so many; the deepest published networks have a third of them. */
export const mostLayers = 4096

/** Four samples are computed together, and addresses have 32 bits. */
const mostElements = 2 ** 28

/** Works out shapes and weights. Throws one UserError with every problem, each with its layer's name. */
export function assemble(parts: ModelParts): Model {
  if (parts.calls.length > mostLayers) {
    throw new UserError({
      what: `Model '${parts.name}' has too many layers.`,
      expected: `at most ${mostLayers}`,
      received: `${parts.calls.length}`,
    })
  }
  const problems: Problem[] = []
  const shapes: (Shape | undefined)[] = parts.inputs.map(input => input.shape)
  const layers: LayerCall[] = []
  const weights = new Map<Layer, readonly WeightSpec[]>()
  for (const { layer, inputs } of parts.calls) {
    const inputShapes = inputs.map(value => shapes[value])
    // What follows a broken layer has no shape to be checked against.
    if (!known(inputShapes)) {
      shapes.push(undefined)
      continue
    }
    const outputShape = withLayerName(layer, problems, () => layer.outputShape(inputShapes))
    shapes.push(outputShape)
    if (outputShape === undefined) continue
    if (sizeOf(outputShape) > mostElements) {
      problems.push({
        what: `Layer '${layer.name}' (${layer.type}) gives too much for one sample.`,
        expected: `at most ${mostElements} numbers (1 GiB)`,
        received: `${sizeOf(outputShape)}, in shape ${formatShape(outputShape)}`,
      })
    }
    layers.push({ layer, inputs, inputShapes, outputShape })
    const specs = withLayerName(layer, problems, () => layer.weights(inputShapes)) ?? []
    const earlier = weights.get(layer)
    if (earlier === undefined) weights.set(layer, specs)
    else if (!sameWeights(earlier, specs)) {
      problems.push({
        what: `Layer '${layer.name}' (${layer.type}) is shared, but its calls need weights of different shapes.`,
        expected: describeWeights(earlier),
        received: describeWeights(specs),
        fix: 'Call it on inputs of one shape, or make a second layer.',
      })
    }
  }
  if (problems.length > 0) throw new UserError(problems)
  return {
    name: parts.name,
    kind: parts.kind,
    inputs: parts.inputs,
    outputs: outputsOf(parts, shapes),
    layers,
    weights: [...weights].flatMap(([layer, specs]) => specs.map(spec => weightOf(layer, spec))),
  }
}

/** The layers of a model, each once. */
export function layersOf(model: Model): Layer[] {
  return [...new Set(model.layers.map(call => call.layer))]
}

/** Each layer with the weights it owns, in order. */
export const layersWithWeights = (model: Model) =>
  layersOf(model).map(({ type, name }) => ({
    type,
    name,
    weights: model.weights.filter(({ layer }) => layer === name),
  }))

/** A network, as functions take it. */
export const builtModel: Schema<Model> = shaped(
  'a network: the `model` of a classifier, or what modelFromConfig gives',
  'inputs[]',
  'outputs[]',
  'layers[]',
  'weights[]',
)

/** The layer of this name. Throws UserError with the nearest name. */
export function layerNamed(model: Model, name: string): Layer {
  checkArguments('A network', { layer: anyText }, { layer: name })
  const layers = layersOf(model)
  const found = layers.find(layer => layer.name === name)
  if (found) return found
  const names = layers.map(layer => layer.name)
  const guess = nearest(name, names)
  throw new UserError({
    what: `Model '${model.name}' has no layer '${name}'.`,
    expected: `one of ${names.join(', ')}`,
    received: name,
    ...(guess === undefined ? {} : { fix: `Did you mean '${guess}'?` }),
  })
}

/** The same model with layers frozen or thawed: `trainable` decides for each layer (by default every layer keeps its own). */
export function withTrainable(model: Model, trainable: (layer: Layer) => boolean): Model {
  const replaced = new Map(layersOf(model).map(layer => [layer, { ...layer, trainable: trainable(layer) }]))
  return assemble({
    name: model.name,
    kind: model.kind,
    inputs: model.inputs,
    calls: model.layers.map(call => ({ layer: replaced.get(call.layer)!, inputs: call.inputs })),
    outputs: model.outputs.map(output => output.value),
  })
}

function outputsOf(parts: ModelParts, shapes: readonly (Shape | undefined)[]): ModelOutput[] {
  const taken = new Set<string>()
  return parts.outputs.map(value => {
    const source = value < parts.inputs.length ? parts.inputs[value] : parts.calls[value - parts.inputs.length]?.layer
    const shape = shapes[value]
    if (source === undefined || shape === undefined) throw new InternalError('model', `no value ${value}`)
    // Two outputs of one shared layer are told apart as Keras does: name, name_1 …
    let name = source.name
    for (let count = 1; taken.has(name); count++) name = `${source.name}_${count}`
    taken.add(name)
    return { name, shape, value }
  })
}

function weightOf(layer: Layer, spec: WeightSpec): ModelWeight {
  return {
    name: `${layer.name}/${spec.name}`,
    layer: layer.name,
    shape: spec.shape,
    trainable: spec.trainable && layer.trainable,
    initializer: spec.initializer,
    ...(spec.regularizer === undefined ? {} : { regularizer: spec.regularizer }),
  }
}

/** Runs one of a layer's rules; a UserError is noted under the layer's name and gives undefined. */
function withLayerName<T>(layer: Layer, problems: Problem[], rule: () => T): T | undefined {
  try {
    return rule()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    problems.push(...namedProblems(layer, error))
    return undefined
  }
}

function known(shapes: readonly (Shape | undefined)[]): shapes is readonly Shape[] {
  return shapes.every(shape => shape !== undefined)
}

function sameWeights(a: readonly WeightSpec[], b: readonly WeightSpec[]): boolean {
  return (
    a.length === b.length &&
    a.every((spec, index) => spec.name === b[index]!.name && sameShape(spec.shape, b[index]!.shape))
  )
}

function describeWeights(specs: readonly WeightSpec[]): string {
  return specs.map(spec => `${spec.name} ${formatShape(spec.shape)}`).join(', ')
}
