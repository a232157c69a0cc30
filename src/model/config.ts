/**
 * A model as JSON and back: what is saved beside the weights. Layers carry Keras's class names and their configuration;
 * calls are written only where they are not simply one after the other.
 */
import { type Problem, UserError } from '../base/errors.ts'
import type { Shape } from '../base/shape.ts'
import type { Layer, LayerConfig } from '../layers/layer.ts'
import { layerFromConfig } from '../layers/registry.ts'
import { assemble, layersOf, type Model } from './model.ts'

export interface SavedLayer {
  readonly type: string
  readonly name: string
  readonly trainable: boolean
  readonly config: LayerConfig
}

export interface ModelConfig {
  readonly format: 'fovea-model'
  readonly version: 1
  readonly name: string
  readonly kind: Model['kind']
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[]
  readonly layers: readonly SavedLayer[]
  /** Functional models: which layer (index) is called on which values (inputs first, then calls), in order. */
  readonly calls?: readonly { readonly layer: number; readonly inputs: readonly number[] }[]
  /** Functional models: value numbers. */
  readonly outputs?: readonly number[]
}

/** All that is needed to make the model again, but its weights' values. Plain JSON. */
export function modelToConfig(model: Model): ModelConfig {
  const layers = layersOf(model)
  const described = layers.map(({ type, name, trainable, config }) => ({ type, name, trainable, config }))
  const common = {
    format: 'fovea-model',
    version: 1,
    name: model.name,
    inputs: model.inputs,
    layers: described,
  } as const
  if (model.kind === 'sequential') return { ...common, kind: 'sequential' }
  return {
    ...common,
    kind: 'functional',
    calls: model.layers.map(call => ({ layer: layers.indexOf(call.layer), inputs: call.inputs })),
    outputs: model.outputs.map(output => output.value),
  }
}

/** The model that `modelToConfig` described. Throws UserError listing every layer that cannot be made. */
export function modelFromConfig(json: unknown): Model {
  const config = checkedConfig(json)
  const problems: Problem[] = []
  const layers: Layer[] = []
  for (const saved of config.layers) {
    try {
      layers.push(layerFromConfig(saved))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push(...error.problems.map(problem => ({ ...problem, what: `Layer '${saved.name}': ${problem.what}` })))
    }
  }
  if (problems.length > 0) throw new UserError(problems)
  const sequence = layers.map((_, index) => ({ layer: index, inputs: [index] }))
  const calls = config.calls ?? sequence
  const values = config.inputs.length + calls.length
  const outputs = config.outputs ?? [values - 1]
  const fits =
    calls.every(
      (call, index) => layers[call.layer] && call.inputs.every(x => x >= 0 && x < config.inputs.length + index),
    ) && outputs.every(x => x >= 0 && x < values)
  if (!fits) throw broken('calls that follow their inputs', 'a call of a layer or value that is not there')
  return assemble({
    name: config.name,
    kind: config.kind,
    inputs: config.inputs,
    calls: calls.map(call => ({ layer: layers[call.layer]!, inputs: call.inputs })),
    outputs,
  })
}

function checkedConfig(json: unknown): ModelConfig {
  const config = json as Partial<ModelConfig> | null
  if (typeof config !== 'object' || config === null || config.format !== 'fovea-model') {
    throw broken("an object with format 'fovea-model'", JSON.stringify(json)?.slice(0, 80) ?? String(json))
  }
  if (config.version !== 1) throw broken('version 1', `version ${String(config.version)}`)
  if (!Array.isArray(config.inputs) || !Array.isArray(config.layers) || config.layers.length === 0) {
    throw broken('lists of inputs and layers', `keys ${Object.keys(config).join(', ')}`)
  }
  const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  const inputs = config.inputs.every(
    (input: unknown) => isRecord(input) && typeof input['name'] === 'string' && isShape(input['shape']),
  )
  if (!inputs) throw broken('inputs of {name, shape}', JSON.stringify(config.inputs).slice(0, 80))
  const odd = config.layers.find(
    (layer: unknown) => !(isRecord(layer) && [layer['type'], layer['name']].every(text => typeof text === 'string')),
  )
  if (odd !== undefined) throw broken('layers of {type, name, trainable, config}', JSON.stringify(odd).slice(0, 80))
  const calls: unknown = config.calls ?? []
  const isCall = (call: unknown): boolean =>
    isRecord(call) && Number.isInteger(call['layer']) && isNumbers(call['inputs'])
  if (!(Array.isArray(calls) && calls.every(isCall))) throw broken('calls of {layer, inputs}', 'something else')
  if (config.outputs !== undefined && !isNumbers(config.outputs)) throw broken('outputs as numbers', 'something else')
  if (typeof config.name !== 'string' || !['sequential', 'functional'].includes(String(config.kind))) {
    throw broken('a name, and the kind sequential or functional', `${config.name}, ${config.kind}`)
  }
  return config as ModelConfig
}

const isNumbers = (value: unknown): boolean => Array.isArray(value) && value.every(Number.isInteger)
const isShape = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(extent => Number.isInteger(extent) && extent > 0)

function broken(expected: string, received: string): UserError {
  return new UserError({ what: 'This is not the configuration of a Fovea model.', expected, received })
}
