/**
 * Weights without a model, for one that is built in code. Keras does not keep their names: files of Keras 3 tell them by the class of their
 * layer and its number among those of the class, older ones by their order. In: an open file. Out: a file of weights that says what they
 * are called in a model, once it knows its layers.
 */
import { type Problem, UserError } from 'fovea/internal/base/errors'
import { formatShape, sameShape } from 'fovea/internal/base/shape'
import { snakeCase } from 'fovea/internal/network/naming'
import type { LayerWithWeights, ModelFile, NamedWeight } from 'fovea/internal/store/model-file'
import type { Hdf5Group } from '../containers/hdf5-file.ts'
import type { StoredNumbers } from '../containers/stored-numbers.ts'
import { legacyLayers } from './keras2-weights.ts'
import { weightsOfPlace } from './keras3-weights.ts'

/** The weights of one layer, in their order. */
interface Stored {
  /** Of its group. */
  readonly name: string
  readonly numbers: readonly StoredNumbers[]
}

/** Nobody nests more networks. */
const mostDepth = 32

export function placedWeightsAlone(root: Hdf5Group, source: string): ModelFile {
  const stored = placesIn(root, 0)
  return weightsAlone(stored, source, layers => {
    const counts = new Map<string, number>()
    return layers.map(({ type }) => {
      const name = snakeCase(type)
      const count = counts.get(name) ?? 0
      counts.set(name, count + 1)
      const place = `layers/${count === 0 ? name : `${name}_${count}`}`
      return stored.find(each => each.name === place)
    })
  })
}

export function legacyWeightsAlone(group: Hdf5Group, source: string): ModelFile {
  const stored = legacyLayers(group)
    .map(({ name, weights }) => ({ name, numbers: weights.flatMap(each => each.read() ?? []) }))
    .filter(({ numbers }) => numbers.length > 0)
  return weightsAlone(stored, source, layers => {
    let next = 0
    return layers.map(({ weights }) => (weights.length > 0 ? stored[next++] : undefined))
  })
}

/** Groups of layers with weights, by their paths; `\` of Windows is `/` here. */
function placesIn(group: Hdf5Group, depth: number): readonly Stored[] {
  if (depth > 2 * mostDepth) return []
  return group
    .names()
    .filter(name => depth > 0 || name.startsWith('layers'))
    .flatMap(name => {
      const inner = group.group(name)
      if (!inner || name === 'vars') return []
      const numbers = weightsOfPlace(group, name)
      const place = inner.path.slice(1).replaceAll('\\', '/')
      return [...(numbers.length > 0 ? [{ name: place, numbers }] : []), ...placesIn(inner, depth + 1)]
    })
}

/** `find` gives what belongs to each layer of a model, in the order of its layers. */
function weightsAlone(
  stored: readonly Stored[],
  source: string,
  find: (layers: readonly LayerWithWeights[]) => readonly (Stored | undefined)[],
): ModelFile {
  const weights = stored.flatMap(({ name, numbers }) =>
    numbers.map(({ shape, data }, at) => ({ name: `${name}/${at}`, shape, data })),
  )
  return { weights, weightsFor: layers => fitting(layers, find(layers), stored, source) }
}

/** Throws UserError that lists everything which does not fit. */
function fitting(
  layers: readonly LayerWithWeights[],
  found: readonly (Stored | undefined)[],
  stored: readonly Stored[],
  source: string,
): readonly NamedWeight[] {
  const problems: Problem[] = []
  const weights: NamedWeight[] = []
  for (const [at, layer] of layers.entries()) {
    const own = found[at]
    if (!own && layer.weights.length === 0) continue
    const title = `${layer.type} "${layer.name}"`
    const [expected, received] = [layer.weights, own?.numbers ?? []].map(list =>
      list.map(({ shape }) => formatShape(shape)).join(', '),
    )
    const isSame =
      own?.numbers.length === layer.weights.length &&
      layer.weights.every(({ shape }, index) => sameShape(shape, own.numbers[index]!.shape))
    if (isSame)
      for (const [index, { name, shape }] of layer.weights.entries())
        weights.push({ name, shape, data: own.numbers[index]!.data })
    else if (own) problems.push({ what: `${own.name} of ${source} does not fit ${title}.`, expected, received })
    else problems.push({ what: `${source} has no weights for ${title}.`, expected })
  }
  const used = new Set(found)
  for (const each of stored) {
    if (!used.has(each)) problems.push({ what: `${each.name} of ${source} belongs to no layer of the model.` })
  }
  if (problems.length > 0) throw new UserError(problems)
  return weights
}
