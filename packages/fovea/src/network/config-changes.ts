/**
 * A network changed in one respect, for comparisons: layers taken out, another activation or pooling, pictures of another shape. In
 * and out: a model's configuration; the one that went in is left as it was, and comes back itself where there is nothing to change.
 */
import type { Shape } from '../base/shape.ts'
import { activation as activationLayer } from '../layers/activation-layers.ts'
import { activationConfig } from '../layers/activations.ts'
import type { Layer } from '../layers/layer.ts'
import { otherPooling } from '../layers/pooling.ts'
import { layerFromConfig } from '../layers/registry.ts'
import { freeName, snakeCase } from './naming.ts'
import type { ModelConfig, SavedLayer } from './saved-config.ts'

/** Without these layers, each of one input: what read their result reads their input. */
export function withoutLayers(config: ModelConfig, isOut: (layer: SavedLayer) => boolean): ModelConfig {
  const layers = config.layers.filter(layer => !isOut(layer))
  if (layers.length === config.layers.length) return config
  if (config.calls === undefined) return { ...config, layers }
  const inputs = config.inputs.map((_, index) => index)
  /** Old value number → new one. */
  const places = [...inputs]
  const calls: { layer: number; inputs: readonly number[] }[] = []
  for (const call of config.calls) {
    const layer = config.layers[call.layer]!
    const read = call.inputs.map(value => places[value]!)
    places.push(isOut(layer) ? read[0]! : inputs.length + calls.length)
    if (!isOut(layer)) calls.push({ layer: layers.indexOf(layer), inputs: read })
  }
  return { ...config, layers, calls, outputs: outputsOf(config).map(value => places[value]!) }
}

/**
 * Every activation replaced by this one, but for those of output layers, `linear` (which is none) and softmax. Throws UserError for an
 * unknown name.
 */
export function withActivation(config: ModelConfig, name: string): ModelConfig {
  const activation = activationConfig(name)
  const outputs = outputLayers(config)
  return withLayers(config, layer => {
    if (outputs.includes(layer)) return layer
    const isLayer = layer.config['activation'] === undefined && layerFromConfig(layer).traits.family === 'activation'
    if (isLayer && !isSoftmax(layer)) return madeBy(activationLayer({ activation }), layer)
    const own = layer.config['activation']
    return own === undefined || ['linear', 'softmax', activation].includes(own as string)
      ? layer
      : { ...layer, config: { ...layer.config, activation } }
  })
}

/** Every maximum over windows or whole pictures replaced by the mean, or the other way round. */
export function withPooling(config: ModelConfig, kind: 'max' | 'average'): ModelConfig {
  return withLayers(config, layer => {
    const other = Object.hasOwn(otherPooling, layer.type) ? otherPooling[layer.type] : undefined
    return other?.toLowerCase().includes(kind) ? { ...layer, type: other } : layer
  })
}

/** Another layer in the place of this one. */
export function madeBy({ type, config }: Layer, { name, trainable }: SavedLayer): SavedLayer {
  return { type, name, trainable, config }
}

const isSoftmax = (layer: SavedLayer): boolean => layerFromConfig(layer).traits.activation === 'softmax'

/** For pictures of this shape, at its only input. */
export function withInputShape(config: ModelConfig, shape: Shape): ModelConfig {
  return { ...config, inputs: config.inputs.map(input => ({ ...input, shape })) }
}

/** Every layer changed by itself. One whose type changes, and that has the name Keras gives its type, gets the name of the new one. */
export function withLayers(config: ModelConfig, change: (layer: SavedLayer) => SavedLayer): ModelConfig {
  const taken = new Set([...config.inputs, ...config.layers].map(({ name }) => name))
  const counts = new Map<string, number>()
  const layers = config.layers.map(layer => {
    const changed = change(layer)
    if (changed.type === layer.type || !layer.name.startsWith(snakeCase(layer.type))) return changed
    return { ...changed, name: freeName(snakeCase(changed.type), taken, counts) }
  })
  return layers.every((layer, index) => layer === config.layers[index]) ? config : { ...config, layers }
}

function outputLayers(config: ModelConfig): SavedLayer[] {
  const { calls, inputs, layers } = config
  if (calls === undefined) return layers.slice(-1)
  return outputsOf(config).flatMap(value => layers[calls[value - inputs.length]?.layer ?? -1] ?? [])
}

/** Value numbers of the outputs; the last call's where none are named. */
function outputsOf({ inputs, calls, layers, outputs }: ModelConfig): readonly number[] {
  return outputs ?? [inputs.length + (calls ?? layers).length - 1]
}
