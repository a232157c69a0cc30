/**
 * A model as JSON and back: what is saved beside the weights. Layers carry Keras's class names and their configuration;
 * calls are written only where they are not simply one after the other.
 */
import { checkArguments } from '../base/arguments.ts'
import { layerFactories } from '../layers/registry.ts'
import { builtModel, layersOf, type Model } from './model.ts'
import { assembledModel, type ModelConfig, readConfig } from './saved-config.ts'
import { writtenLayer } from './written-layer.ts'

/** All that is needed to make the model again, but its weights' values. Plain JSON. */
export function modelToConfig(model: Model): ModelConfig {
  checkArguments('modelToConfig', { model: builtModel }, { model })
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
export const modelFromConfig = (json: unknown): Model => assembledModel(readConfig(json, writtenLayer), layerFactories)
