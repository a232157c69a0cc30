/**
 * A network in the words of another program. In: a model file, and how the program says layers. Out: layers by class and options, their
 * weights and calls. A layer that only trains (augmentation, dropout, noise) and that the program lacks is left out, and a note says so; an
 * activation with numbers of its own becomes a layer. Everything else that cannot be said is one error that lists it all.
 */
import { type Problem, UserError } from 'fovea/internal/base/errors'
import type { Json, JsonRecord } from 'fovea/internal/base/json'
import type { Shape } from 'fovea/internal/base/shape'
import type { Layer } from 'fovea/internal/layers/layer'
import { layerFactories } from 'fovea/internal/layers/registry'
import { layersOf, type Model } from 'fovea/internal/network/model'
import { freeName, snakeCase } from 'fovea/internal/network/naming'
import { modelOfFileConfig } from 'fovea/internal/network/saved-config'
import { type ModelFile, matchWeights, type NamedWeight } from 'fovea/internal/store/model-file'
import { type LayerCallNumbers, layerOrder } from './call-order.ts'
import type { Dialect, SaidLayer } from './said-layer.ts'

export interface NetworkLayer extends SaidLayer {
  readonly name: string
  readonly trainable: boolean
  /** Of its first call, without the batch axis. */
  readonly inputShapes: readonly Shape[]
  readonly weights: readonly NetworkWeight[]
}

export interface NetworkWeight extends NamedWeight {
  /** Of the layer that owns it: `kernel`. */
  readonly own: string
  /** The optimizer changes it. */
  readonly trainable: boolean
}

export interface SaidNetwork {
  readonly name: string
  readonly kind: Model['kind']
  readonly inputs: Model['inputs']
  /** In Keras's order. */
  readonly layers: readonly NetworkLayer[]
  /** In an order that can be computed. */
  readonly calls: readonly (LayerCallNumbers & { readonly inputShapes: readonly Shape[] })[]
  /** Value numbers: the inputs first, then one for each call. */
  readonly outputs: readonly number[]
  /** What was left out, one sentence each. */
  readonly notes: readonly string[]
}

/** Throws UserError for what cannot be said. `path` is what the file will be called. */
export async function saidNetwork(file: ModelFile, dialect: Dialect, path: string): Promise<SaidNetwork> {
  const model = await modelToSay(file, dialect, path)
  const values = matchWeights(file.weights, model.weights, 'The weights')
  const said = saidLayers(model, dialect, path)
  const names = new Set([...model.inputs, ...layersOf(model)].map(({ name }) => name))
  const counts = new Map<string, number>()
  const layers: NetworkLayer[] = []
  /** Of each layer of the model: the numbers of those that say it. */
  const numbers = new Map<Layer, readonly number[]>()
  for (const { layer, inputShapes } of model.layers) {
    if (numbers.has(layer)) continue
    const weights = model.weights
      .filter(weight => weight.layer === layer.name)
      .map(({ name, shape, trainable }) => {
        return { name, own: name.slice(layer.name.length + 1), shape, trainable, data: values[name]! }
      })
    const parts = said.get(layer)!.map((part, at) => {
      const name = at === 0 ? layer.name : freeName(`${layer.name}_${snakeCase(part.className)}`, names, counts)
      return { ...part, name, trainable: layer.trainable, inputShapes, weights: at === 0 ? weights : [] }
    })
    numbers.set(
      layer,
      parts.map((_, at) => layers.length + at),
    )
    for (const part of parts) layers.push(part)
  }
  return { ...inKerasOrder(model, layers, numbers), notes: notesOf(model, said, dialect) }
}

/** Throws UserError for layers of the user's own. */
async function modelToSay({ model }: ModelFile, { program }: Dialect, path: string): Promise<Model> {
  const layers = (model?.['layers'] ?? []) as readonly JsonRecord[]
  const own = layers.filter(({ type }) => !Object.hasOwn(layerFactories, String(type)))
  if (own.length === 0) return modelOfFileConfig(model)
  throw new UserError(
    own.map(({ type, name }) => ({
      what: `${path} cannot hold the layer '${name}' (${type}): ${program} does not know its formula.`,
      fix: 'Save the model as .safetensors, or build it of layers that Fovea has.',
    })),
  )
}

function saidLayers(model: Model, dialect: Dialect, path: string): ReadonlyMap<Layer, readonly SaidLayer[]> {
  const said = new Map<Layer, readonly SaidLayer[]>()
  const problems: Problem[] = []
  for (const { layer, inputShapes } of model.layers) {
    if (said.has(layer)) continue
    said.set(layer, [])
    try {
      said.set(layer, saidLayer(layer, inputShapes, dialect))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      const what = `${path} cannot hold the layer '${layer.name}' (${layer.type}).`
      for (const problem of error.problems) problems.push({ ...problem, what: `${what} ${problem.what}` })
    }
  }
  if (problems.length > 0) throw new UserError(problems)
  if ([...said.values()].every(parts => parts.length === 0))
    throw new UserError({
      what: `${path} cannot hold the layers of this model: ${dialect.program} has none of them.`,
      fix: 'Save the model as .safetensors.',
    })
  return said
}

/** None for a layer that can be left out. Throws UserError for what cannot be said. */
function saidLayer(layer: Layer, inputs: readonly Shape[], { program, rows, activation: word }: Dialect): SaidLayer[] {
  const row = rows[layer.type]
  if (!row) {
    if (onlyTrains(layer)) return []
    throw new UserError({
      what: `${program} has no such layer.`,
      fix: 'Save the model as .safetensors, or without this layer.',
    })
  }
  const { activation, ...options } = layer.config
  const parts = [row(options, inputs)].flat()
  if (activation === undefined) return parts
  const named = word(activation as Json)
  const withActivation = (name: string): SaidLayer => ({
    ...parts[0]!,
    config: { ...parts[0]!.config, activation: name },
  })
  if (typeof named === 'string') return [withActivation(named), ...parts.slice(1)]
  return layer.type === 'Activation' ? [named] : [withActivation('linear'), ...parts.slice(1), named]
}

/** Otherwise it passes what comes in. */
const onlyTrains = ({ traits }: Layer): boolean =>
  ['augmentation', 'dropout', 'noise'].includes(traits.family) && traits.standIn === undefined

function notesOf(model: Model, said: ReadonlyMap<Layer, readonly SaidLayer[]>, { program }: Dialect): string[] {
  return layersOf(model).flatMap(layer => {
    const { name, type } = layer
    const parts = said.get(layer)!
    const changesTraining = 'it changes the training of a model, not its answers.'
    if (parts.length === 0) return [`${program} has no ${type}, so '${name}' is left out: ${changesTraining}`]
    return parts.flatMap(({ note }) => (note === undefined ? [] : [`The layer '${name}' (${type}) ${note}`]))
  })
}

function inKerasOrder(
  model: Model,
  layers: readonly NetworkLayer[],
  numbers: ReadonlyMap<Layer, readonly number[]>,
): Omit<SaidNetwork, 'notes'> {
  const { name, kind, inputs } = model
  const calls: SaidNetwork['calls'][number][] = []
  /** By the model's numbers: what a value is called here. */
  const values = inputs.map((_, value) => value)
  for (const { layer, inputs: sources, inputShapes } of model.layers) {
    let given = sources.map(value => values[value]!)
    for (const number of numbers.get(layer)!) {
      calls.push({ layer: number, inputs: given, inputShapes })
      given = [inputs.length + calls.length - 1]
    }
    values.push(given[0]!)
  }
  const outputs = model.outputs.map(({ value }) => values[value]!)
  const order = layerOrder(calls, inputs.length, outputs)
  const place = new Map(order.map((number, at) => [number, at]))
  return {
    name,
    kind,
    inputs,
    layers: order.map(number => layers[number]!),
    calls: calls.map(call => ({ ...call, layer: place.get(call.layer)! })),
    outputs,
  }
}
