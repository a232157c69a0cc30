/**
 * A network that can be trained on, of an ONNX graph. In: its records. Out: Fovea's configuration and weights, and what the file says that
 * the network does not. Nodes are visited in order; each is computed at once where all it reads is known (fold.ts), or adds layers
 * (operators/). All that cannot be read is listed together.
 */
import { type Problem, UserError } from 'fovea/internal/base/errors'
import type { JsonRecord } from 'fovea/internal/base/json'
import type { Shape } from 'fovea/internal/base/shape'
import type { NamedWeight } from 'fovea/internal/store/model-file'
import { type Constant, constantOf } from './constant.ts'
import { foldOf } from './fold.ts'
import { withFormulas } from './formulas.ts'
import { neededNodes, numbersOfFile, readersOf } from './graph-order.ts'
import { readsChannelsFirst } from './input-order.ts'
import { layerNameOf } from './layer-name.ts'
import { turnedAxesOf } from './metadata.ts'
import { NetworkBuilder } from './network-builder.ts'
import { type NodeContext, type NodeInput, type NodeResult, refused } from './node-context.ts'
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './onnx-model.ts'
import { operatorOf } from './operators/operators.ts'
import { withPatterns } from './patterns.ts'
import { arranged, isArranged, pictureAxes, plainAxes, type View } from './view.ts'

/** Versions of ONNX's operators that were tried. */
const [oldestOpset, newestOpset] = [6, 28]
/** A network has far fewer layers (4096). */
const mostNodes = 32_768
/**
 * Numbers that are computed from constants, in all: 1 GiB of floats, and weights may be rearranged a few times besides. Published networks
 * (ONNX's own light models) have all their weights from ConstantOfShape, so it cannot be less.
 */
const mostFolded = ({ nodes, initializers }: OnnxGraph): number => {
  const constants = nodes.flatMap(({ attributes: { value } }) => (value?.kind === 'tensor' ? [value.value] : []))
  return 2 ** 28 + 16 * [...initializers, ...constants].reduce((sum, { data }) => sum + data.length, 0)
}

export interface ImportedNetwork {
  readonly model: JsonRecord
  readonly weights: readonly NamedWeight[]
  readonly notes: readonly string[]
  /** Numbers of the first output. */
  readonly classes: number
  /** Inputs and outputs that are [channels, height, width] in the file, and [height, width, channels] here. */
  readonly channelsFirst: { readonly inputs: readonly boolean[]; readonly outputs: readonly boolean[] }
}

/** Throws UserError that lists all operators that are not known, and all nodes that ask for what Fovea cannot do exactly. */
export function importedNetwork(model: OnnxModel, source: string): ImportedNetwork {
  const { opsets, graph } = model
  const reading = new GraphReading(opsets[''] ?? 1, source, mostFolded(graph))
  const numbers = numbersOfFile(graph)
  const ordered = neededNodes({ ...graph, nodes: withPatterns(graph, numbers) })
  const nodes = neededNodes({ ...graph, nodes: withFormulas(ordered, graph, numbers) })
  if (nodes.length > mostNodes) {
    throw new UserError({
      what: `${source} has too many nodes.`,
      expected: `at most ${mostNodes}`,
      received: `${nodes.length}`,
    })
  }
  const readers = readersOf(nodes, graph.outputs)
  for (const tensor of graph.initializers) reading.known(tensor.name, constantOf(tensor))
  // Up to IR version 3 weights are inputs as well.
  const inputs = graph.inputs.filter(({ name }) => readers.has(name) && !reading.operands.has(name))
  const told = turnedAxesOf(model, source)
  const areFirst = inputs.map(
    input =>
      input.dims?.length === 4 && (told?.inputs[graph.inputs.indexOf(input)] ?? readsChannelsFirst(input, nodes)),
  )
  for (const [at, input] of inputs.entries()) reading.input(input, areFirst[at]!)
  for (const node of nodes) reading.node(node, readers)
  const views = reading.outputs(graph.outputs)
  const arePictures = views.map((view, at) => (told ? told.outputs[at]! && view.shape.length === 3 : isPicture(view)))
  const { network } = reading
  const taken = new Set<number>()
  const outputs = views.map((view, at) => {
    const { value } = network.settle(view, arePictures[at] ? pictureAxes : plainAxes(view.shape))
    // What no layer computes, or is an output already, is passed on by one.
    const isOwn = network.callOf(value) !== undefined && !taken.has(value)
    const passed = isOwn ? value : network.layer('Activation', { activation: 'linear' }, [value])
    taken.add(passed)
    return passed
  })
  const notes = [
    ...inputs.flatMap(({ name, dims }, at) => (areFirst[at] ? orderNote('Input', name, dims!.slice(1)) : [])),
    ...views.flatMap((view, at) => (arePictures[at] ? orderNote('Output', graph.outputs[at]!.name, view.shape) : [])),
  ]
  return {
    ...network.finished(graph.name, outputs),
    notes,
    classes: network.shapeOf(outputs[0]!).at(-1)!,
    channelsFirst: { inputs: areFirst, outputs: arePictures },
  }
}

/** Stored in Fovea's order of a picture, where that is another than ONNX's. */
const isPicture = (view: View): boolean =>
  view.shape.length === 3 && isArranged(view, pictureAxes) && !isArranged(view, plainAxes(view.shape))

const orderNote = (what: string, name: string, [channels, height, width]: readonly unknown[]): string =>
  `${what} '${name}' is [${channels}, ${height}, ${width}] in the file, channels first; here it is [${height}, ${width}, ${channels}]: rows, columns, channels.`

/** What is known of a graph while its nodes are visited. */
class GraphReading {
  readonly network = new NetworkBuilder()
  readonly operands = new Map<string, NodeInput>()
  readonly #opset: number
  readonly #source: string
  readonly #mostFolded: number
  readonly #problems: Problem[] = []
  /** Of operators that are not known: where they stand. */
  readonly #unknown = new Map<string, string[]>()
  #batch: number | undefined
  #folded = 0

  constructor(opset: number, source: string, mostFolded: number) {
    this.#opset = opset
    this.#source = source
    this.#mostFolded = mostFolded
    if (opset >= oldestOpset && opset <= newestOpset) return
    this.#problems.push({
      what: `${source} uses version ${opset} of ONNX's operators.`,
      expected: `opset ${oldestOpset} … ${newestOpset}`,
      fix: 'Convert it: onnx.version_converter.convert_version(model, 17).',
    })
  }

  known(name: string, constant: Constant): void {
    this.operands.set(name, { kind: 'constant', constant })
  }

  input(input: OnnxValue, isChannelsFirst: boolean): void {
    const { name, dims, type } = input
    const shape = dims?.slice(1)
    const isClosed = shape?.every((extent): extent is number => typeof extent === 'number' && extent >= 1)
    if (!dims || dims.length === 0 || !isClosed || type === undefined) {
      this.#problems.push(openInput(input))
      this.operands.set(name, { kind: 'unread' })
      return
    }
    if (typeof dims[0] === 'number') this.#batch = dims[0]
    const own = shape as Shape
    const view = arranged(0, own, isChannelsFirst ? pictureAxes : plainAxes(own))
    const value = this.network.input(name, view.stored)
    this.operands.set(name, { kind: 'view', view: { ...view, value }, isNotNegative: false, isFresh: false })
  }

  node(node: OnnxNode, readers: ReadonlyMap<string, number>): void {
    const results = this.#resultsOf(node, readers)
    for (const [at, output] of node.outputs.entries()) {
      if (output !== '') this.operands.set(output, results[at] ?? { kind: 'unread' })
    }
  }

  #resultsOf(node: OnnxNode, readers: ReadonlyMap<string, number>): readonly NodeInput[] {
    try {
      const given = node.inputs.map(name => (name === '' ? undefined : this.operands.get(name)))
      const missing = node.inputs.find((name, at) => name !== '' && !given[at])
      if (missing !== undefined) throw refused(`It reads '${missing}', which nothing gives.`)
      const constant = this.#constantOf(node, given)
      if (constant && node.outputs.slice(1).some(name => readers.has(name)))
        throw refused('Several of its outputs are used.')
      if (constant) return [{ kind: 'constant', constant }]
      const operator = operatorOf(node)
      if (!operator) this.#note(node)
      if (!operator || given.some(operand => operand?.kind === 'unread')) return []
      const size = this.network.size
      const context: NodeContext = {
        node,
        opset: this.#opset,
        network: this.network,
        batch: this.#batch,
        operand: input => given[input],
        isOnlyUse: input => readers.get(node.inputs[input]!) === 1,
        isUsed: output => node.outputs[output] !== undefined && readers.has(node.outputs[output]),
      }
      const made = operator(context)
      const results = 'view' in made ? [made] : made
      const unknown = node.outputs.findIndex((name, at) => at >= results.length && readers.has(name))
      if (unknown > 0) throw refused(`Its output ${unknown + 1} is used, which Fovea does not give.`)
      this.network.nameSince(size, layerNameOf(node))
      const isFresh = this.network.size > size
      return results.map(result => operandOf(result, isFresh))
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      const label = `Node ${node.name === '' ? node.outputs[0] : `'${node.name}'`} (${node.op})`
      for (const problem of error.problems) this.#problems.push({ ...problem, what: `${label}: ${problem.what}` })
      return []
    }
  }

  /** What a node gives that can be computed now. */
  #constantOf(node: OnnxNode, given: readonly (NodeInput | undefined)[]): Constant | undefined {
    if (node.op === 'Shape' && node.domain === '') return shapeOf(node, given[0])
    const constants = given.map(operand => (operand?.kind === 'constant' ? operand.constant : undefined))
    const isKnown = given.every((operand, at) => operand === undefined || constants[at])
    return isKnown ? foldOf(node)?.({ node, opset: this.#opset, inputs: constants, take: this.#take }) : undefined
  }

  readonly #take = (size: number): void => {
    this.#folded += size
    if (!(this.#folded <= this.#mostFolded)) throw refused('Its constants become too many numbers.')
  }

  #note({ op, domain, name, outputs }: OnnxNode): void {
    const known = domain === '' ? op : `${op} (${domain})`
    const place = name || outputs[0] || ''
    const places = this.#unknown.get(known)
    if (places) places.push(place)
    else this.#unknown.set(known, [place])
  }

  /** Throws UserError where anything could not be read. */
  outputs(outputs: readonly OnnxValue[]): View[] {
    const views = outputs.flatMap(({ name }) => {
      const operand = this.operands.get(name)
      if (operand?.kind === 'view') return [operand.view]
      if (operand?.kind === 'constant') this.#problems.push({ what: `Output '${name}' is the same for all inputs.` })
      if (!operand) this.#problems.push({ what: `Output '${name}' is given by no node.` })
      return []
    })
    if (outputs.length === 0) this.#problems.push({ what: 'The graph has no output.' })
    if (this.#unknown.size > 0) this.#problems.unshift(unknownOperators(this.#unknown, this.#source))
    if (this.#problems.length > 0) throw new UserError(this.#problems)
    return views
  }
}

const operandOf = ({ view, isNotNegative = false }: NodeResult, isFresh: boolean): NodeInput => ({
  kind: 'view',
  view,
  isNotNegative,
  isFresh,
})

/** The extents of a value, of which that of the batch is open; undefined where the value could not be read. */
function shapeOf({ attributes }: OnnxNode, operand: NodeInput | undefined): Constant | undefined {
  if (operand === undefined || operand.kind === 'unread') return undefined
  const dims = operand.kind === 'constant' ? operand.constant.dims : [Number.NaN, ...operand.view.shape]
  const whole = (name: string, otherwise: number): number => {
    const found = attributes[name]
    return found?.kind === 'int' ? found.value : otherwise
  }
  const inside = (axis: number): number => Math.min(Math.max(axis < 0 ? axis + dims.length : axis, 0), dims.length)
  const data = Float64Array.from(dims.slice(inside(whole('start', 0)), inside(whole('end', dims.length))))
  return { dims: [data.length], data, type: 'int64' }
}

function openInput({ name, dims, type }: OnnxValue): Problem {
  if (type === undefined) return { what: `Input '${name}' takes no numbers.`, expected: 'pictures, or other numbers' }
  const shown = dims?.map(extent => extent ?? '?').join(', ')
  return {
    what: `Input '${name}' is open in more than its batch axis.`,
    expected: 'the extents of one sample, as in [batch, 3, 224, 224]',
    received: shown === undefined ? 'no shape' : `[${shown}]`,
    fix: 'Export the model for pictures of one size.',
  }
}

function unknownOperators(unknown: ReadonlyMap<string, readonly string[]>, source: string): Problem {
  const listed = [...unknown].map(([op, places]) => {
    const times = places.length === 1 ? '' : ` ${places.length} times,`
    return `${op}:${times} at '${places[0]}'`
  })
  return {
    what: `${source} uses operators that Fovea does not have: ${[...unknown.keys()].join(', ')}.`,
    received: listed.join('; '),
    fix: 'Export the network without them, or ask it with ONNX Runtime (the package onnxruntime-node).',
  }
}
