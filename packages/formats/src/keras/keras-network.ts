/**
 * A tree of Keras's networks as one network of Fovea's: layers in a row, and calls. In: the tree. Out: the configuration of a model, and
 * for each of its layers where it stood in the tree, so that its weights are found. Networks in networks are laid out; a layer that is
 * called twice stays one layer.
 */
import { type Problem, UserError } from 'fovea/internal/base/errors'
import type { Json } from 'fovea/internal/base/json'
import { show } from 'fovea/internal/base/show'
import { mostLayers } from 'fovea/internal/network/model'
import { snakeCase } from 'fovea/internal/network/naming'
import type { ModelConfig, SavedLayer } from 'fovea/internal/network/saved-config'
import { member } from '../containers/json-text.ts'
import { damaged } from '../containers/limits.ts'
import { type FoveaLayer, type KerasEra, knownClass, readLayer } from './keras-layers.ts'
import { operationOf } from './keras-operations.ts'
import type { KerasCall, KerasLayer, KerasNetwork, KerasValue } from './keras-tree.ts'

/** A layer of the model, and where it stood. */
export interface KerasLeaf {
  readonly className: string
  /** In the model. */
  readonly name: string
  /** Names of the networks around it, from the outermost on, and its own. */
  readonly path: readonly string[]
  /** Of its weights in a file of Keras 3: `layers/sequential/layers/conv2d_1`. */
  readonly place: string
}

export interface LaidOutNetwork {
  readonly config: ModelConfig
  readonly leaves: readonly KerasLeaf[]
  readonly notes: readonly string[]
}

/** A layer as it is met first. */
interface Met {
  readonly index: number
  readonly leaf: Omit<KerasLeaf, 'name'>
  readonly layer: FoveaLayer
  readonly trainable: boolean
}

/** Where a layer stands. */
interface Scope {
  readonly path: readonly string[]
  readonly place: string
  readonly trainable: boolean
}

const mostLooks = 2_000_000
/** Of layers, those that compute nothing among them. */
const mostVisits = 50_000

/** Throws UserError that names everything Fovea does not have. */
export function laidOut(tree: KerasNetwork, source: string, era: KerasEra): LaidOutNetwork {
  const met = new Map<KerasLayer, Met | 'passes'>()
  const calls: { readonly layer: number; readonly inputs: readonly number[] }[] = []
  const notes: string[] = []
  const problems: Problem[] = []
  const unknown: string[] = []
  const inputs = inputsOf(tree, source)

  let visits = 0
  const refuse = (what: string): void => void problems.push({ what })

  function callNetwork(network: KerasNetwork, given: readonly number[], scope: Scope): readonly number[] {
    const places = placesOf(network)
    const call = (layer: KerasLayer, { inputs, others }: { inputs: readonly number[]; others: KerasCall['others'] }) =>
      callLayer(layer, inputs, others, {
        path: [...scope.path, layer.name],
        place: `${scope.place}layers/${places.get(layer)}`,
        trainable: scope.trainable && member(layer.config, 'trainable') !== false,
      })
    if (!network.inputs)
      return network.layers
        .filter(layer => layer.className !== 'InputLayer')
        .reduce((values, layer) => call(layer, { inputs: values, others: {} }), given)
    const values = new Map<string, readonly number[]>()
    const key = (layer: string, node: number): string => `${node} ${layer}`
    for (const [at, { layer }] of network.inputs.entries()) values.set(key(layer, 0), [given[at]!])
    const firstNodes = firstNodesOf(network)
    const valueAt = ({ layer, node, output }: KerasValue): number | undefined =>
      values.get(key(layer, node - (firstNodes.get(layer) ?? 0)))?.[output]
    let open = network.layers.flatMap(layer =>
      layer.calls.map((each, node) => ({ layer, node, others: each.others, inputs: each.inputs })),
    )
    // Layers are listed nearly in the order of their calls: what takes more looks than this is no network.
    for (let looks = 0; open.length > 0; looks += open.length) {
      if (looks > mostLooks) throw damaged(source, 'a network whose calls are in no order')
      const waiting = open.filter(each => {
        const found = each.inputs.map(valueAt)
        if (!found.every(value => value !== undefined)) return true
        values.set(key(each.layer.name, each.node), call(each.layer, { inputs: found, others: each.others }))
        return false
      })
      if (waiting.length === open.length)
        throw damaged(source, `calls on values that are nowhere: of ${waiting[0]!.layer.name}`)
      open = waiting
    }
    return network.outputs!.map(end => {
      const value = valueAt(end)
      if (value !== undefined) return value
      throw damaged(source, `an output that is nowhere: of ${end.layer}`)
    })
  }

  function callLayer(
    layer: KerasLayer,
    given: readonly number[],
    others: KerasCall['others'],
    scope: Scope,
  ): readonly number[] {
    if (++visits > mostVisits) throw damaged(source, 'networks in networks that call each other without end')
    const title = `${layer.className} "${scope.path.join('/')}"`
    if (others['training'] === false && (layer.network || layer.className.startsWith('BatchNorm')))
      notes.push(`${title} is called with training=False; freeze it before you train.`)
    if (layer.network && layer.registered === undefined)
      return callNetwork(layer.network, given, { ...scope, place: `${scope.place}/` })
    if (!met.has(layer)) {
      const read = readMet(layer, title, others)
      const isKept = read !== undefined
      met.set(
        layer,
        isKept
          ? {
              index: [...met.values()].filter(each => each !== 'passes').length,
              leaf: { className: layer.className, path: scope.path, place: scope.place },
              layer: read,
              trainable: scope.trainable,
            }
          : 'passes',
      )
    }
    const found = met.get(layer)!
    if (found === 'passes') return given
    if (calls.length >= mostLayers) throw damaged(source, `a network of more than ${mostLayers} calls`)
    calls.push({ layer: found.index, inputs: given })
    return [inputs.length + calls.length - 1]
  }

  /** Undefined where its input passes, and where there is something wrong with it. */
  function readMet(layer: KerasLayer, title: string, others: KerasCall['others']): FoveaLayer | undefined {
    const operation = operationOf(layer, others)
    if (operation) return operation
    if (layer.registered !== undefined || knownClass(layer.className) === undefined) {
      unknown.push(layer.registered === undefined ? title : `${title} (${layer.registered})`)
      return undefined
    }
    const strange = Object.entries(others).filter(
      ([name, value]) => name !== 'training' && value !== null && !(name === 'mask' && value === false),
    )
    for (const [name, value] of strange)
      refuse(`${title} is called with ${name} = ${show(value)}, which Fovea does not have.`)
    const read = readLayer(layer, title, era)
    for (const note of read.notes) notes.push(note)
    for (const problem of read.problems) refuse(`${problem}.`)
    return read.layer
  }

  const outputs = callNetwork(
    tree,
    inputs.map((_, at) => at),
    { path: [], place: '', trainable: true },
  )
  if (unknown.length > 0)
    problems.unshift({
      what: `${source} has layers that Fovea does not have: ${unknown.join(', ')}.`,
      fix: 'Replace them in Python and save the model anew, or build the network in Fovea and load the weights of its layers with setWeights.',
    })
  if (problems.length > 0) throw new UserError(problems)
  const kept = [...met.values()].filter(each => each !== 'passes')
  const names = namesOf(
    kept.map(({ leaf }) => leaf.path),
    inputs.map(({ name }) => name),
  )
  const layers: SavedLayer[] = kept.map(({ layer, trainable }, at) => ({ ...layer, name: names[at]!, trainable }))
  const isRow =
    !tree.inputs && calls.every(({ layer, inputs: from }, at) => layer === at && from.length === 1 && from[0] === at)
  const common = { format: 'fovea-model', version: 1, name: tree.name, inputs, layers } as const
  return {
    config: isRow ? { ...common, kind: 'sequential' } : { ...common, kind: 'functional', calls, outputs },
    leaves: kept.map(({ leaf }, at) => ({ ...leaf, name: names[at]! })),
    notes: summed(notes),
  }
}

/** Groups of weights are called after the classes of their layers, counted in order. */
function placesOf({ layers }: KerasNetwork): ReadonlyMap<KerasLayer, string> {
  const counts = new Map<string, number>()
  return new Map(
    layers.map(layer => {
      const name = snakeCase(layer.className)
      const count = counts.get(name) ?? 0
      counts.set(name, count + 1)
      return [layer, count === 0 ? name : `${name}_${count}`]
    }),
  )
}

/**
 * The number of each layer's first call in this network: calls that made the layer itself (of a network in it) or belong to other networks
 * are counted before, in some dialects. Every call is used somewhere, so the least number that is used is the first.
 */
function firstNodesOf({ layers, outputs }: KerasNetwork): ReadonlyMap<string, number> {
  const first = new Map<string, number>()
  const used = [...layers.flatMap(({ calls }) => calls.flatMap(({ inputs }) => inputs)), ...(outputs ?? [])]
  for (const { layer, node } of used) first.set(layer, Math.min(node, first.get(layer) ?? node))
  return first
}

/** Plain names where they are unique, names of the networks around before them where not; the signs that Fovea's names use are replaced. */
function namesOf(paths: readonly (readonly string[])[], taken: readonly string[]): readonly string[] {
  const cleaned = paths.map(path => path.map(name => name.replace(/[/@:]/g, '_')))
  const count = new Map<string, number>()
  for (const name of [...taken, ...cleaned.map(path => path.at(-1)!)]) count.set(name, (count.get(name) ?? 0) + 1)
  const used = new Set(taken)
  return cleaned.map(path => {
    const wanted = count.get(path.at(-1)!) === 1 ? path.at(-1)! : path.join('_')
    let name = wanted
    for (let number = 1; used.has(name); number++) name = `${wanted}_${number}`
    used.add(name)
    return name
  })
}

/** Names and shapes without the batch. */
function inputsOf(tree: KerasNetwork, source: string): ModelConfig['inputs'] {
  const ends = tree.inputs
    ? tree.inputs.map(({ layer }) => tree.layers.find(each => each.name === layer))
    : [tree.layers[0]]
  const clean = (name: string): string => name.replace(/[/@:]/g, '_')
  return ends.map(layer => {
    const shape = (layer && givenShape(layer)) ?? tree.builtFor
    const name = layer === undefined ? 'input' : layer.className === 'InputLayer' ? layer.name : `${layer.name}_input`
    if (isBatchedShape(shape)) return { name: clean(name), shape: shape.slice(1) as number[] }
    throw new UserError({
      what: `${source} does not say how large the input ${name} is.`,
      expected: 'numbers, as in (None, 224, 224, 3)',
      received: show(shape),
      fix: 'Save the model in Python with an input of this size: keras.Input((224, 224, 3)).',
    })
  })
}

/** Of a first layer: its own, or that of the network that it is. */
function givenShape({ config, network, builtFor }: KerasLayer): Json | undefined {
  const own = member(config, 'batch_shape') ?? member(config, 'batch_input_shape')
  if (own !== undefined) return own
  if (!network) return builtFor
  const first = network.inputs
    ? network.layers.find(({ name }) => name === network.inputs![0]!.layer)
    : network.layers[0]
  return (first && givenShape(first)) ?? network.builtFor
}

const isBatchedShape = (shape: Json | undefined): shape is readonly Json[] =>
  Array.isArray(shape) &&
  shape.length > 1 &&
  shape.slice(1).every(extent => Number.isInteger(extent) && (extent as number) > 0)

/** A note that many layers share is told once, with their number. */
function summed(notes: readonly string[]): readonly string[] {
  const byText = new Map<string, string[]>()
  for (const note of notes) {
    const text = note.replace(/^\w+ "[^"]*"/, '')
    byText.set(text, [...(byText.get(text) ?? []), note])
  }
  return [...byText].map(([text, all]) =>
    all.length === 1
      ? all[0]!
      : `${all.length} layers, one of them ${all[0]!.slice(0, all[0]!.length - text.length)}:${text}`,
  )
}
