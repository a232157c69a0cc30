/** A layer as a model file keeps it, and made again of what was kept. */
import { nearest, UserError } from '../base/errors.ts'
import type { Layer, LayerConfig } from './layer.ts'

/** What a model file keeps of a layer. */
export interface LayerRecord {
  readonly type: string
  readonly name?: string | undefined
  readonly trainable?: boolean | undefined
  readonly config: LayerConfig
}

/** What makes layers, by their Keras class names. */
export type LayerFactories = Readonly<Record<string, (options: never) => Layer>>

/** The layer again. Throws UserError for an unknown type or a configuration that does not suit it. */
export function layerOf({ type, name, trainable, config }: LayerRecord, factories: LayerFactories): Layer {
  if (!Object.hasOwn(factories, type)) {
    const types = Object.keys(factories).sort()
    const suggestion = nearest(type, types)
    throw new UserError({
      what: `Unknown layer type "${type}".`,
      expected: types.join(', '),
      fix:
        suggestion === undefined
          ? 'the formula of a layer of your own is not in the file: build the model in code, then loadWeights(path)'
          : `did you mean "${suggestion}"?`,
    })
  }
  const factory = factories[type] as (options: object) => Layer
  return factory({
    ...config,
    ...(name === undefined ? {} : { name }),
    ...(trainable === undefined ? {} : { trainable }),
  })
}
