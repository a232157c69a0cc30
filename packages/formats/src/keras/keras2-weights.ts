/**
 * Weights as Keras 1 and 2 keep them: an HDF5 file with a group for each layer of the outermost network, whose attribute names its weights
 * in order (`conv2d/kernel:0`). Of a network in the network, the names say which layer a weight is of. Long lists of names are kept in
 * several attributes. Source: `legacy_h5_format.py` of Keras.
 */
import type { Hdf5Group } from '../containers/hdf5-file.ts'
import type { StoredNumbers } from '../containers/stored-numbers.ts'
import type { KerasLeaf } from './keras-network.ts'
import type { FindWeights, WantedWeight } from './stored-weights.ts'

/** Whether a group keeps weights in this way. */
export const hasLayerNames = (group: Hdf5Group): boolean => namesIn(group, 'layer_names') !== undefined

/** A weight of a layer, as the file names it. */
export interface LegacyWeight {
  readonly name: string
  read(): StoredNumbers | undefined
}

/** Layers that have weights, in their order. */
export function legacyLayers(
  group: Hdf5Group,
): readonly { readonly name: string; readonly weights: readonly LegacyWeight[] }[] {
  return (namesIn(group, 'layer_names') ?? []).map(name => ({ name, weights: weightsIn(group, name) }))
}

export function findByName(group: Hdf5Group): FindWeights {
  const known = new Map<string, readonly LegacyWeight[]>()
  const weightsOf = (name: string): readonly LegacyWeight[] => {
    const found = known.get(name) ?? weightsIn(group, name)
    known.set(name, found)
    return found
  }
  return (leaf, wanted) => {
    const weights = weightsOf(leaf.path[0]!)
    // The layer has a group of its own: Keras goes by the order.
    if (leaf.path.length === 1 && weights.length >= wanted.length) return weights.map(each => each.read())
    return wanted.map(each => named(weights, leaf, each)?.read())
  }
}

/** `conv/kernel:0`, also with the names of networks before it: the one that tells most of the path. */
export function named<Weight extends { readonly name: string }>(
  weights: readonly Weight[],
  { path }: KerasLeaf,
  { kerasNames }: WantedWeight,
): Weight | undefined {
  for (let from = 0; from < path.length; from++) {
    const wanted = kerasNames.map(name => [...path.slice(from), name].join('/'))
    const found = weights.filter(({ name }) => {
      const plain = name.replace(/:\d+$/, '')
      return wanted.some(each => plain === each || plain.endsWith(`/${each}`))
    })
    if (found.length === 1) return found[0]
    if (found.length > 1) return undefined
  }
  return undefined
}

function weightsIn(group: Hdf5Group, layer: string): readonly LegacyWeight[] {
  const own = group.group(layer)
  const names = own && namesIn(own, 'weight_names')
  return (names ?? []).map(name => ({ name, read: () => own!.numbers(name) }))
}

/** Names in one attribute, or in several: `layer_names0`, `layer_names1` … */
function namesIn(group: Hdf5Group, attribute: string): readonly string[] | undefined {
  const whole = group.texts(attribute)
  if (whole) return whole
  const parts: string[] = []
  for (let part = 0; ; part++) {
    const names = group.texts(`${attribute}${part}`)
    if (!names) return part === 0 ? undefined : parts
    for (const name of names) parts.push(name)
  }
}
