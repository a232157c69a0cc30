/**
 * A network as Keras writes it, in any dialect, as one tree. In: the JSON of a model: of Keras 1 and 2 (TensorFlow 1.x to 2.15), of
 * TensorFlow.js, of Keras 3. Out: layers with their configuration, networks in networks, and which values each layer is called on.
 * Nothing is known here of what layers compute. Sources: `get_config` of Sequential and Functional, and `deserialize_node`, of both.
 */
import { UserError } from 'fovea/internal/base/errors'
import { isJsonRecord, type Json, type JsonRecord } from 'fovea/internal/base/json'
import { listMember, member, recordMember, textMember } from '../containers/json-text.ts'
import { damaged } from '../containers/limits.ts'

/** What a call of a layer gave: the `output`th value of its `node`th call. */
export interface KerasValue {
  readonly layer: string
  readonly node: number
  readonly output: number
}

/** One call of a layer. */
export interface KerasCall {
  readonly inputs: readonly KerasValue[]
  /** Arguments that are no values of the network: `training`, `mask`, constants. */
  readonly others: JsonRecord
}

export interface KerasLayer {
  readonly className: string
  readonly name: string
  readonly config: JsonRecord
  /** Of objects that are not Keras's own: `Package>Name`. */
  readonly registered: string | undefined
  /** In networks whose layers call each other. */
  readonly calls: readonly KerasCall[]
  /** Of a layer that is a network itself. */
  readonly network?: KerasNetwork | undefined
  /** Shape that the layer was built for, with the batch. */
  readonly builtFor: Json | undefined
}

export interface KerasNetwork {
  readonly name: string
  readonly layers: readonly KerasLayer[]
  /** Missing where layers follow one another. */
  readonly inputs?: readonly KerasValue[] | undefined
  readonly outputs?: readonly KerasValue[] | undefined
  readonly builtFor: Json | undefined
}

/** In one network, those that compute nothing among them. */
const mostLayers = 10_000
/** Networks in networks; nobody nests more. */
const mostDepth = 32
const sequentialNames = ['Sequential']
const functionalNames = ['Functional', 'Model']

/** Throws UserError for what is no network of layers: a model of an own class, a damaged file. */
export function kerasTree(json: Json | undefined, source: string): KerasNetwork {
  const layer = isJsonRecord(json) ? layerOf(json, source, 0) : undefined
  if (layer?.network) return layer.network
  if (!layer) throw damaged(source, 'a file without the configuration of a model')
  throw new UserError({
    what: `${source} holds a model of a class of its own, ${layer.registered ?? layer.className}: what it computes is not in the file.`,
    expected: 'Sequential or Functional',
    fix: 'Build the same layers in Fovea and load its weights with loadWeights, or save it in Python as a functional model.',
  })
}

function layerOf(json: JsonRecord, source: string, depth: number): KerasLayer {
  const className = textMember(json, 'class_name')
  const given = member(json, 'config')
  if (className === undefined || (!isJsonRecord(given) && !Array.isArray(given)))
    throw damaged(source, 'a layer without a class and a configuration')
  if (depth > mostDepth) throw damaged(source, `networks in networks, more than ${mostDepth} deep`)
  // Sequential of Keras before 2.2.3 is a bare list of layers.
  const config = isJsonRecord(given) ? given : { layers: given as readonly Json[] }
  const name = textMember(config, 'name') ?? textMember(json, 'name') ?? className.toLowerCase()
  const builtFor = member(recordMember(json, 'build_config'), 'input_shape') ?? member(config, 'build_input_shape')
  return {
    className,
    name: textMember(json, 'name') ?? name,
    config,
    registered: registeredName(json, className),
    calls: callsOf(json, source),
    network: networkOf(className, config, name, builtFor, source, depth),
    builtFor,
  }
}

/** Keras's own layers have none, or `Conv2D` under a module of Keras. */
function registeredName(json: JsonRecord, className: string): string | undefined {
  const registered = textMember(json, 'registered_name')
  return registered === undefined || registered === className || registered === `Keras>${className}`
    ? undefined
    : registered
}

function networkOf(
  className: string,
  config: JsonRecord,
  name: string,
  builtFor: Json | undefined,
  source: string,
  depth: number,
): KerasNetwork | undefined {
  const list = listMember(config, 'layers')
  const isFunctional = functionalNames.includes(className)
  if (!list || (!isFunctional && !sequentialNames.includes(className))) return undefined
  if (list.length > mostLayers) throw damaged(source, `a network of ${list.length} layers`)
  const layers = list.map(each => {
    if (isJsonRecord(each)) return layerOf(each, source, depth + 1)
    throw damaged(source, 'a layer that is no record')
  })
  if (!isFunctional) return { name, layers, builtFor }
  return {
    name,
    layers,
    inputs: endsOf(member(config, 'input_layers'), source),
    outputs: endsOf(member(config, 'output_layers'), source),
    builtFor,
  }
}

/** `["a", 0, 0]`, a list of them, or a record of them by name, in its order. */
function endsOf(json: Json | undefined, source: string): readonly KerasValue[] {
  const one = valueIn(json)
  if (one) return [one]
  const list = isJsonRecord(json) ? Object.values(json) : json
  const ends = Array.isArray(list) ? list.map(valueIn) : []
  if (ends.length > 0 && ends.every(end => end !== undefined)) return ends
  throw damaged(source, 'a network whose inputs or outputs cannot be read')
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function valueIn(json: Json | undefined): KerasValue | undefined {
  if (!Array.isArray(json)) return undefined
  const [layer, node, output] = json
  return typeof layer === 'string' && isIndex(node) && isIndex(output) ? { layer, node, output } : undefined
}

function callsOf(json: JsonRecord, source: string): readonly KerasCall[] {
  return (listMember(json, 'inbound_nodes') ?? []).map(node => {
    const call = Array.isArray(node) ? callOfLists(node) : isJsonRecord(node) ? callOfTensors(node) : undefined
    if (call) return call
    throw damaged(source, `a layer whose calls cannot be read: ${textMember(json, 'name')}`)
  })
}

/** Keras 2: `[["conv2d", 0, 0, {}], …]`, the other arguments with the first. One value may stand without its list. */
function callOfLists(node: readonly Json[]): KerasCall | undefined {
  const list = typeof node[0] === 'string' ? [node] : node
  // `1 - x`: the first argument is a number, and what follows stands with it.
  const isNumber = (each: Json): boolean => Array.isArray(each) && each[0] === '_CONSTANT_VALUE'
  const inputs = list.filter(each => !isNumber(each)).map(valueIn)
  if (!inputs.every(each => each !== undefined)) return undefined
  const named = list.flatMap(each => (Array.isArray(each) && isJsonRecord(each[3]) ? Object.entries(each[3]) : []))
  const first = list.some(isNumber) ? [['argument 1', 'a number'] as [string, Json]] : []
  return { inputs, others: Object.fromEntries([...first, ...named]) }
}

/** Keras 3: positional arguments, each a value (`__keras_tensor__`), a list of values or something else; and named ones. */
function callOfTensors(node: JsonRecord): KerasCall | undefined {
  const args = listMember(node, 'args')
  const named = recordMember(node, 'kwargs')
  if (!args) return undefined
  const inputs: KerasValue[] = []
  const others: Record<string, Json> = {}
  const take = (json: Json, name: string): void => {
    const value = tensorOf(json)
    const values = value ? [value] : Array.isArray(json) && json.length > 0 ? json.map(tensorOf) : [undefined]
    if (!values.every(each => each !== undefined)) {
      if (json !== null) others[name] = json
      return
    }
    for (const each of values) inputs.push(each)
  }
  for (const [at, each] of args.entries()) take(each, `argument ${at + 1}`)
  for (const [name, each] of Object.entries(named ?? {})) take(each, name)
  return { inputs, others }
}

const tensorOf = (json: Json): KerasValue | undefined =>
  textMember(json, 'class_name') === '__keras_tensor__'
    ? valueIn(member(recordMember(json, 'config'), 'keras_history'))
    : undefined
