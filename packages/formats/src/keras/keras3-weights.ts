/**
 * Weights as Keras 3 keeps them, and Keras 2 in its newer format: an HDF5 file in which each layer has a group, called after its class and
 * counted in order (`layers/conv2d_1`, `layers/sequential/layers/dense`), with its weights in order: `vars/0`, `vars/1` …
 * Source: `saving_lib.py` of Keras.
 */
import type { Hdf5Group } from '../containers/hdf5-file.ts'
import type { StoredNumbers } from '../containers/stored-numbers.ts'
import type { FindWeights } from './stored-weights.ts'

/** Where the first files of this format had `layers`. */
const olderName = '_layer_checkpoint_dependencies'

/** The weights of the group of a layer, in their order; none where it has none. */
export function weightsOfPlace(root: Hdf5Group, place: string): readonly StoredNumbers[] {
  const vars = groupAt(root, place)?.group('vars')
  if (!vars) return []
  const found: StoredNumbers[] = []
  for (let number = 0; ; number++) {
    const stored = vars.numbers(`${number}`)
    if (!stored) return found
    found.push(stored)
  }
}

function groupAt(root: Hdf5Group, place: string): Hdf5Group | undefined {
  return (
    root.group(place) ??
    // Written on Windows: the path is one name.
    root.group(place.replaceAll('/', '\\')) ??
    root.group(place.replaceAll(/\blayers\b/g, olderName))
  )
}

export const findByPlace =
  (root: Hdf5Group): FindWeights =>
  ({ place }) =>
    weightsOfPlace(root, place)

/** Whether a file keeps its weights in this way. */
export const hasPlaces = (root: Hdf5Group): boolean =>
  root.names().some(name => name === 'layers' || name.startsWith('layers\\') || name === olderName)
