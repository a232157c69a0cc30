/** The JSON of a model as a file holds it, and the model that it describes. Who only reads a file loads no layers but the file's. */
import { type Problem, UserError } from '../base/errors.ts'
import { isJsonRecord } from '../base/json.ts'
import { boolean, jsonRecord, list, oneOf, optional, parse, record, text, that, whole } from '../base/schema.ts'
import type { Shape } from '../base/shape.ts'
import { show } from '../base/show.ts'
import type { Layer, LayerConfig } from '../layers/layer.ts'
import { type LayerFactories, layerOf } from '../layers/layer-record.ts'
import { layersOfFile } from '../layers/layers-of-file.ts'
import { shapeField } from '../layers/options.ts'
import { assemble, type Model, mostLayers } from './model.ts'
import { nameLayers } from './naming.ts'

export interface SavedLayer {
  readonly type: string
  readonly name: string
  readonly trainable: boolean
  readonly config: LayerConfig
}

/** A network as JSON. */
export interface ModelConfig {
  readonly format: 'fovea-model'
  readonly version: 1
  readonly name: string
  readonly kind: Model['kind']
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[]
  readonly layers: readonly SavedLayer[]
  /** Functional models: which layer (index) is called on which values (inputs first, then calls), in order. */
  readonly calls?: readonly { readonly layer: number; readonly inputs: readonly number[] }[] | undefined
  /** Functional models: value numbers. */
  readonly outputs?: readonly number[] | undefined
}

const valueNumbers = list(whole(0), 'value numbers', { least: 1, most: mostLayers })

/** A layer in a file that `modelToConfig` wrote. */
const savedLayer = record({
  type: text,
  name: optional(text),
  trainable: optional(boolean, true),
  config: optional(jsonRecord, {}),
})
export type LayerSchema = typeof savedLayer

const configSchema = (layer: LayerSchema) =>
  record({
    format: oneOf(['fovea-model']),
    version: that<1>('1', value => value === 1),
    name: text,
    kind: oneOf(['sequential', 'functional']),
    inputs: list(record({ name: text, shape: shapeField }), 'inputs {name, shape}', { least: 1, most: 1000 }),
    layers: list(layer, 'layers {type, name, trainable, config}', { least: 1, most: mostLayers }),
    calls: optional(
      list(record({ layer: whole(0), inputs: valueNumbers }), 'calls {layer, inputs}', { least: 1, most: mostLayers }),
    ),
    outputs: optional(valueNumbers),
  })

/** The model of a file: the code of its layers is loaded on the way, and no other. Throws as `modelFromConfig`. */
export async function modelOfFileConfig(json: unknown): Promise<Model> {
  const config = readConfig(json)
  return assembledModel(config, await layersOfFile(config.layers.map(({ type }) => type)))
}

/** Checked, but for the layers. */
export function readConfig(json: unknown, layer: LayerSchema = savedLayer) {
  if (!isJsonRecord(json) || json['format'] !== 'fovea-model') {
    throw new UserError({
      what: 'This is not the configuration of a Fovea model.',
      expected: "an object with format 'fovea-model'",
      received: show(json),
    })
  }
  return parse(configSchema(layer), json, 'the configuration of a model', 'Field')
}

/** Throws UserError listing every layer that cannot be made. */
export function assembledModel(config: ReturnType<typeof readConfig>, factories: LayerFactories): Model {
  const problems: Problem[] = []
  const layers: Layer[] = []
  for (const [index, { type, name, trainable, config: options }] of config.layers.entries()) {
    const called = name === undefined ? `${index + 1} (${type})` : `'${name}'`
    try {
      const own = name === undefined ? {} : { name }
      layers.push(layerOf({ type, trainable, config: options as LayerConfig, ...own }, factories))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      problems.push(...error.problems.map(problem => ({ ...problem, what: `Layer ${called}: ${problem.what}` })))
    }
  }
  if (problems.length > 0) throw new UserError(problems)
  const sequence = layers.map((_, index) => ({ layer: index, inputs: [index] }))
  const calls = config.calls ?? sequence
  const values = config.inputs.length + calls.length
  const outputs = config.outputs ?? [values - 1]
  const follows = calls.every(
    (call, index) => call.layer < layers.length && call.inputs.every(x => x < config.inputs.length + index),
  )
  const called = new Set(calls.map(call => call.layer))
  const needed = new Set([...calls.flatMap(call => call.inputs), ...outputs])
  const computed = calls.every((_, index) => needed.has(config.inputs.length + index))
  const outside = outputs.some(x => x < config.inputs.length || x >= values)
  if (!follows || called.size < layers.length || !computed || outside) {
    throw new UserError({
      what: 'The configuration of a model does not hold together.',
      expected: 'every layer called on values that are there, every value used, and outputs that layers compute',
      received: `${layers.length} layers, ${calls.length} calls, outputs ${outputs.slice(0, 10).join(', ')}`,
    })
  }
  const inputNames = config.inputs.map(({ name }) => name)
  checkDistinct('inputs', inputNames)
  checkDistinct('outputs', outputs.map(String))
  const named = nameLayers(layers, inputNames)
  return assemble({
    name: config.name,
    kind: config.kind,
    inputs: config.inputs,
    calls: calls.map(call => ({ layer: named.get(layers[call.layer]!)!, inputs: call.inputs })),
    outputs,
  })
}

function checkDistinct(what: string, names: readonly string[]): void {
  const double = names.find((name, index) => names.indexOf(name) < index)
  if (double === undefined) return
  throw new UserError({ what: `The ${what} of a model hold ${double} twice.`, expected: 'each once' })
}
