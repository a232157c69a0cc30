/** What kinds of layers a drawing tells apart by colour. */
import type { Model } from '../model/model.ts'
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

/** The kind of the layer that gives a box its name. */
export function kindOf(model: Model, box: Box): LayerKind {
  const { layer, inputs } = namingCall(model, box)
  if (inputs.length > 1) return 'joining'
  if (layer.type.includes('Conv')) return 'convolution'
  if (layer.type.includes('Pooling')) return 'pooling'
  if (layer.type === 'Dense') return 'dense'
  if (layer.type.startsWith('Random')) return 'augmentation'
  return layer.type.endsWith('Normalization') ? 'normalization' : 'other'
}

export function kindColour(kind: LayerKind): string {
  return colour(colours[kind])
}
