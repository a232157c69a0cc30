/**
 * A network in two, where its first layers are frozen. What they give for a picture, its features, is the same in every epoch: it is
 * computed once, and only the rest is trained. In: a network. Out: the front (pictures to features) and the rest (features to outputs),
 * under the names of the whole, so that states of the one are states of the other.
 */
import type { LayerFamily } from '../layers/layer.ts'
import { assemble, type LayerCall, type Model } from './model.ts'
import { freeName } from './naming.ts'

export interface FeatureSplit {
  readonly front: Model
  /** One input: the features. */
  readonly rest: Model
}

/** Other values in each step of training: they belong to what is trained, unless frozen layers stand behind them. */
const random: ReadonlySet<LayerFamily> = new Set<LayerFamily>(['dropout', 'noise', 'augmentation'])

/** Undefined where no layer with weights is frozen before the first trained one, or where other ways lead around the frozen ones. */
export function featureSplit(model: Model): FeatureSplit | undefined {
  const weighed = new Set(model.weights.map(({ layer }) => layer))
  const isTrained = ({ layer }: LayerCall): boolean => weighed.has(layer.name) && layer.trainable
  const isFrozen = ({ layer }: LayerCall): boolean => weighed.has(layer.name) && !layer.trainable
  const { layers, inputs } = model
  const firstTrained = layers.findIndex(isTrained)
  if (firstTrained < 0) return undefined
  const lastFrozen = layers.slice(0, firstTrained).findLastIndex(isFrozen)
  if (lastFrozen < 0) return undefined
  let end = lastFrozen
  while (end + 1 < firstTrained && !random.has(layers[end + 1]!.layer.traits.family)) end++
  // Of a network with branches, the last place that all ways lead through; frozen layers must be left before it.
  while (end >= 0 && !isOnlyWay(model, end)) end--
  if (!layers.slice(0, end + 1).some(isFrozen)) return undefined
  const value = inputs.length + end
  const taken = new Set([...inputs, ...layers.map(({ layer }) => layer)].map(({ name }) => name))
  const features = { name: freeName('features', taken, new Map()), shape: layers[end]!.outputShape }
  const renumbered = (old: number): number => old - value
  return {
    front: assemble({ name: model.name, kind: model.kind, inputs, calls: layers.slice(0, end + 1), outputs: [value] }),
    rest: assemble({
      name: model.name,
      kind: model.kind,
      inputs: [features],
      calls: layers.slice(end + 1).map(call => ({ layer: call.layer, inputs: call.inputs.map(renumbered) })),
      outputs: model.outputs.map(output => renumbered(output.value)),
    }),
  }
}

/** Whether everything after a call reads no earlier value than its result. */
function isOnlyWay({ inputs, layers, outputs }: Model, end: number): boolean {
  const value = inputs.length + end
  return (
    layers.slice(end + 1).every(call => call.inputs.every(read => read >= value)) &&
    outputs.every(output => output.value > value)
  )
}
