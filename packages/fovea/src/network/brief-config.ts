/**
 * A network as a person would write it down: to be read, changed and given back. In: a built model. Out: its configuration without
 * names that the model finds by itself and without options that have their default; `modelFromConfig` makes the same model of it.
 */
import { problemsOf } from '../base/errors.ts'
import type { LayerConfig } from '../layers/layer.ts'
import { layerFromConfig } from '../layers/registry.ts'
import { modelFromConfig, modelToConfig } from './config.ts'
import { layersOf, type Model } from './model.ts'
import type { ModelConfig } from './saved-config.ts'

export interface BriefLayer {
  readonly type: string
  readonly name?: string | undefined
  readonly trainable?: boolean | undefined
  readonly config?: LayerConfig | undefined
}

export interface BriefConfig extends Omit<ModelConfig, 'layers'> {
  readonly layers: readonly BriefLayer[]
}

export function briefConfig(model: Model): BriefConfig {
  const whole = modelToConfig(model)
  const named = whole.layers.map(({ type, name, trainable, config }): BriefLayer => {
    const chosen = withoutDefaults(type, config)
    return {
      type,
      name,
      ...(!trainable && { trainable }),
      ...(Object.keys(chosen).length > 0 && { config: chosen }),
    }
  })
  const unnamed = named.map(({ name: _, ...layer }) => layer)
  const found = layersOf(modelFromConfig({ ...whole, layers: unnamed }))
  const same = found.every(({ name }, index) => name === whole.layers[index]!.name)
  // The layers, which are looked for, stand last.
  const { layers: _, ...rest } = whole
  return { ...rest, layers: same ? unnamed : named }
}

/** The size of a window says what a pooling layer is, also where it is the default. */
const telling = 'poolSize'

/** What must be said to get this layer. */
function withoutDefaults(type: string, config: LayerConfig): LayerConfig {
  const made = (options: LayerConfig): string => JSON.stringify(layerFromConfig({ type, config: options }).config)
  const wanted = made(config)
  return Object.keys(config).reduce((kept, name) => {
    const { [name]: _, ...without } = kept
    const isDefault = problemsOf(() => made(without)).length === 0 && made(without) === wanted
    return isDefault && name !== telling ? without : kept
  }, config)
}
