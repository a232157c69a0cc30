/** What kinds of layers a drawing tells apart by colour. */
import type { LayerFamily } from 'fovea/internal/layers/layer'
import type { Model } from 'fovea/internal/network/model'
import { type Box, namingCall } from './network-plan.ts'
import { colour } from './theme.ts'

const colours = {
  convolution: '--series-1',
  pooling: '--series-2',
  dense: '--series-3',
  normalization: '--series-4',
  joining: '--series-5',
  augmentation: '--series-6',
  other: '--faint',
} as const

export type LayerKind = keyof typeof colours

const kinds: Readonly<Partial<Record<LayerFamily, LayerKind>>> = {
  convolution: 'convolution',
  pooling: 'pooling',
  dense: 'dense',
  augmentation: 'augmentation',
  normalization: 'normalization',
  scaling: 'normalization',
}

/** The kind of the layer that gives a box its name. */
export function layerKind(model: Model, box: Box): LayerKind {
  const { layer, inputs } = namingCall(model, box)
  return inputs.length > 1 ? 'joining' : (kinds[layer.traits.family] ?? 'other')
}

export function kindColour(kind: LayerKind): string {
  return colour(colours[kind])
}
