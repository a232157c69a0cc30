/** A network that takes bytes, of one that takes numbers of another range: a layer in front of it rescales. */
import type { ModelConfig, SavedLayer } from 'fovea/internal/network/saved-config'

/** x · scale + offset before everything else. For networks of one input. */
export function withRescaling(config: ModelConfig, scale: number, offset: number): ModelConfig {
  const taken = new Set([...config.layers, ...config.inputs].map(({ name }) => name))
  let name = 'rescaling'
  for (let number = 1; taken.has(name); number++) name = `rescaling_${number}`
  const rescaling: SavedLayer = { type: 'Rescaling', name, trainable: true, config: { scale, offset } }
  const layers = [rescaling, ...config.layers]
  if (!config.calls) return { ...config, layers }
  // Value 0 is the input, 1 the rescaled one; all others move up.
  const moved = config.calls.map(({ layer, inputs }) => ({ layer: layer + 1, inputs: inputs.map(value => value + 1) }))
  return {
    ...config,
    layers,
    calls: [{ layer: 0, inputs: [0] }, ...moved],
    outputs: config.outputs?.map(value => value + 1),
  }
}
