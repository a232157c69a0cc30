/**
 * What makes the layers of a model file. The layers that most models have are at hand; the code of others is loaded when a file names one,
 * so that a page that only predicts does not carry it.
 */
import { everydayLayers } from './everyday-layers.ts'
import type { LayerFactories } from './layer-record.ts'

/** For layers of these types, and of others. */
export async function layersOfFile(types: readonly string[]): Promise<LayerFactories> {
  const suffice = (factories: LayerFactories): boolean => types.every(type => Object.hasOwn(factories, type))
  if (suffice(everydayLayers)) return everydayLayers
  const { augmentationLayers } = await import('./augmentation-layers.ts')
  const trained = { ...everydayLayers, ...augmentationLayers }
  return suffice(trained) ? trained : (await import('./registry.ts')).layerFactories
}
