/**
 * What makes the layers of a model file. The layers that most models have are at hand; the code of others is loaded when a file names one,
 * so that a page that only predicts does not carry it.
 */
import { everydayLayers } from './everyday-layers.ts'
import type { LayerFactories } from './layer-record.ts'

/** Loaded one after the other, until all layers of a file are known: what augments has been in training, and lets pictures pass. */
const others: readonly (() => Promise<LayerFactories>)[] = [
  async () => (await import('./affine-layers.ts')).affineLayers,
  async () => (await import('./augmentation-layers.ts')).augmentationLayers,
  async () => (await import('./registry.ts')).layerFactories,
]

/** For layers of these types, and of others. */
export async function layersOfFile(types: readonly string[]): Promise<LayerFactories> {
  let known: LayerFactories = everydayLayers
  for (const more of others) {
    if (types.every(type => Object.hasOwn(known, type))) break
    known = { ...known, ...(await more()) }
  }
  return known
}
