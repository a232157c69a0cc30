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
import { readsChannelsFirst } from './input-order.ts'
import { layerNameOf } from './layer-name.ts'
import { turnedAxesOf } from './metadata.ts'
import { NetworkBuilder } from './network-builder.ts'
import { type NodeContext, type Operand, type Result, refused } from './node-context.ts'
import type { OnnxGraph, OnnxModel, OnnxNode } from './onnx-model.ts'
import { operatorOf } from './operators/operators.ts'
import { withPatterns } from './patterns.ts'
import { arranged, picture, plain, refined, type View } from './view.ts'

/** Versions of ONNX's operators that were tried. */
const [oldestOpset, newestOpset] = [6, 28]
/** Numbers that are computed from constants, in all. */
const mostFolded = 2 ** 28

export interface ImportedNetwork {
  readonly model: JsonRecord
  readonly weights: readonly NamedWeight[]
  readonly notes: readonly string[]
  /** Inputs and outputs that are [channels, height, width] in the file, and [height, width, channels] here. */
  readonly channelsFirst: { readonly inputs: readonly boolean[]; readonly outputs: readonly boolean[] }
}

/** Throws UserError that lists all operators that are not known, and all nodes that ask for what Fovea cannot do exactly. */
export function importedNetwork(model: OnnxModel, source: string): ImportedNetwork {
  const problems: Problem[] = []
  const opset = model.opsets[''] ?? 1
  if (opset < oldestOpset || opset > newestOpset) {
    problems.push({
      what: `${source} uses version ${opset} of ONNX's operators.`,
      expected: `opset ${oldestOpset} … ${newestOpset}`,
      fix: 'Convert it: onnx.version_converter.convert_version(model, 17).',
    })
  }
  const { graph } = model
  const nodes = neededNodes({ ...graph, nodes: withPatterns(graph, singleNumbers(graph)) })
  const readers = new Map<string, number>()
  for (const name of [...nodes.flatMap(node => node.inputs), ...graph.outputs.map(output => output.name)]) {
    readers.set(name, (readers.get(name) ?? 0) + 1)
  }
  const operands = new Map<string, Operand>()
  for (const tensor of graph.initializers) operands.set(tensor.name, { kind: 'constant', constant: constantOf(tensor) })
  const network = new NetworkBuilder()
  const notes: string[] = []
  const inputs = graph.inputs.filter(({ name }) => !operands.has(name) && readers.has(name))
  const told = turnedAxesOf(model, source)
  const areFirst = inputs.map(
    input =>
      input.dims?.length === 4 &&
      (told?.inputs[graph.inputs.indexOf(input)] ?? readsChannelsFirst(input.name, input.dims, nodes)),
  )
  let batch: number | undefined
  for (const [at, { name, dims, type }] of inputs.entries()) {
    const shape = dims?.slice(1)
    const isClosed = shape?.every((extent): extent is number => typeof extent === 'number' && extent >= 1)
    if (!dims || dims.length === 0 || !isClosed || type === undefined) {
      problems.push(openInput(name, dims, type))
      operands.set(name, { kind: 'unread' })
      continue
    }
    if (typeof dims[0] === 'number') batch = dims[0]
    const own = shape as Shape
    const arrangement = areFirst[at] ? picture : plain(own)
    const made = arranged(0, own, arrangement)
    const view = { ...made, value: network.input(name, made.stored) }
    operands.set(name, { kind: 'view', view, isNotNegative: false, isFresh: false })
    if (areFirst[at]) notes.push(orderNote('Input', name, own))
  }
  const unknown = new Map<string, string[]>()
  let folded = 0
  const take = (size: number): void => {
    folded += size
    if (!(folded <= mostFolded)) throw refused('Its constants become too many numbers.')
  }
  for (const node of nodes) {
    const label = `Node ${node.name === '' ? node.outputs[0] : `'${node.name}'`} (${node.op})`
    const given = node.inputs.map(name => (name === '' ? undefined : operands.get(name)))
    const missing = node.inputs.find((name, at) => name !== '' && !given[at])
    const results = resultsOf(node)
    for (const [at, output] of node.outputs.entries())
      if (output !== '') operands.set(output, results[at] ?? { kind: 'unread' })

    function resultsOf(node: OnnxNode): readonly Operand[] {
      const size = network.size
      try {
        if (missing !== undefined) throw refused(`It reads '${missing}', which nothing gives.`)
        const isKnown = given.every(operand => operand === undefined || operand.kind === 'constant')
        const shape = node.op === 'Shape' && node.domain === '' ? shapeOf(node, given[0]) : undefined
        if (shape) return [{ kind: 'constant', constant: shape }]
        const fold = isKnown ? foldOf(node) : undefined
        if (fold) {
          const constants = given.map(operand => (operand?.kind === 'constant' ? operand.constant : undefined))
          return [{ kind: 'constant', constant: fold({ node, opset, inputs: constants, take }) }]
        }
        const operator = operatorOf(node)
        if (!operator) {
          const name = node.domain === '' ? node.op : `${node.op} (${node.domain})`
          const places = unknown.get(name)
          const place = node.name || node.outputs[0] || ''
          if (places) places.push(place)
          else unknown.set(name, [place])
          return []
        }
        if (given.some(operand => operand?.kind === 'unread')) return []
        const context: NodeContext = {
          node,
          opset,
          network,
          batch,
          operand: input => given[input],
          isOnlyUse: input => readers.get(node.inputs[input]!) === 1,
          isUsed: output => node.outputs[output] !== undefined && readers.has(node.outputs[output]),
        }
        const made = operator(context)
        network.nameSince(size, layerNameOf(node))
        return ('view' in made ? [made] : made).map(result => operandOf(result, network.size > size))
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        problems.push(...error.problems.map(problem => ({ ...problem, what: `${label}: ${problem.what}` })))
        return []
      }
    }
  }
  const outputs = graph.outputs.map(({ name }): View | undefined => {
    const operand = operands.get(name)
    if (operand?.kind === 'view') return operand.view
    if (operand?.kind !== 'unread') problems.push({ what: `Output '${name}' is not computed from the inputs.` })
    return undefined
  })
  if (graph.outputs.length === 0) problems.push({ what: 'The graph has no output.' })
  if (inputs.length === 0) problems.push({ what: 'The graph has no input.' })
  if (unknown.size > 0) problems.unshift(unknownOperators(unknown, source))
  if (problems.length > 0) throw new UserError(problems)
  const isPicture = outputs.map((view, at) =>
    told ? told.outputs[at]! && view!.shape.length === 3 : isStoredAsPicture(view!),
  )
  const taken = new Set<number>()
  const values = outputs.map((view, at) => {
    const { value } = network.settle(view!, isPicture[at] ? picture : plain(view!.shape))
    // What no layer computes, or is an output already, is passed on by one.
    const own =
      network.callOf(value) && !taken.has(value)
        ? value
        : network.layer('Activation', { activation: 'linear' }, [value])
    taken.add(own)
    if (isPicture[at]) notes.push(orderNote('Output', graph.outputs[at]!.name, view!.shape))
    return own
  })
  if (batch !== undefined)
    notes.push(
      `The file is made for ${batch === 1 ? 'one sample' : `${batch} samples`} at a time; here it may be any number.`,
    )
  return {
    ...network.finished(graph.name, values),
    notes,
    channelsFirst: { inputs: areFirst, outputs: isPicture },
  }
}

const operandOf = ({ view, isNotNegative = false }: Result, isFresh: boolean): Operand => ({
  kind: 'view',
  view,
  isNotNegative,
  isFresh,
})

const orderNote = (what: string, name: string, shape: Shape): string =>
  `${what} '${name}' is [${shape.join(', ')}] in the file, channels first; here it is [${shape[1]}, ${shape[2]}, ${shape[0]}]: rows, columns, channels.`

function isStoredAsPicture(view: View): boolean {
  const fine = view.shape.length === 3 ? refined(view) : undefined
  if (!fine || fine.view.order.every((factor, at) => factor === at)) return false
  return picture
    .flat()
    .flatMap(axis => fine.parts[axis]!)
    .every((factor, at) => factor === fine.view.order[at])
}

/** Nodes that the outputs are computed from, in the order of the file. */
function neededNodes({ nodes, outputs }: OnnxGraph): readonly OnnxNode[] {
  const makers = new Map(nodes.flatMap(node => node.outputs.map(output => [output, node] as const)))
  const needed = new Set<OnnxNode>()
  const open = outputs.map(({ name }) => name)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = makers.get(name)
    if (!node || needed.has(node)) continue
    needed.add(node)
    for (const input of node.inputs) open.push(input)
  }
  return nodes.filter(node => needed.has(node))
}

/** Names that stand for one number. */
function singleNumbers(graph: OnnxGraph): (name: string) => number | undefined {
  const numbers = new Map<string, number>()
  for (const { name, data } of graph.initializers) if (data.length === 1) numbers.set(name, data[0]!)
  for (const { op, attributes, outputs } of graph.nodes) {
    const { value, value_float } = attributes
    if (op !== 'Constant' || outputs.length !== 1) continue
    if (value?.kind === 'tensor' && value.value.data.length === 1) numbers.set(outputs[0]!, value.value.data[0]!)
    if (value_float?.kind === 'float') numbers.set(outputs[0]!, value_float.value)
  }
  return name => numbers.get(name)
}

/** The extents of a value, of which that of the batch is open; undefined where the value could not be read. */
function shapeOf({ attributes }: OnnxNode, operand: Operand | undefined): Constant | undefined {
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

function openInput(name: string, dims: OnnxGraph['inputs'][number]['dims'], type: string | undefined): Problem {
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
