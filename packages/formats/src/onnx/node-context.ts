/** One node of a graph as an operator sees it: its inputs by number, its attributes by name with their defaults, the network it adds to. */
import { UserError } from 'fovea/internal/base/errors'
import type { Constant } from './constant.ts'
import type { NetworkBuilder } from './network-builder.ts'
import type { OnnxAttribute, OnnxNode } from './onnx-model.ts'
import type { View } from './view.ts'

/** What a name of the graph stands for. `unread`: it comes out of a node that could not be read, which is told already. */
export type NodeInput =
  | { readonly kind: 'constant'; readonly constant: Constant }
  | {
      readonly kind: 'view'
      readonly view: View
      readonly isNotNegative: boolean
      /** A layer was made for it, and it is no other name for what an earlier node gave. */
      readonly isFresh: boolean
    }
  | { readonly kind: 'unread' }

/** A value that a node gives. */
export interface NodeResult {
  readonly view: View
  /** Zeros around it change no maximum. */
  readonly isNotNegative?: boolean
}

export interface NodeContext {
  readonly node: OnnxNode
  readonly opset: number
  readonly network: NetworkBuilder
  /** Of the inputs of the graph, where they say a number. */
  readonly batch: number | undefined
  /** Missing inputs at the end, and those that are left out. */
  readonly operand: (input: number) => NodeInput | undefined
  /** Whether nothing else reads this input. */
  readonly isOnlyUse: (input: number) => boolean
  /** Whether something reads this output. */
  readonly isUsed: (output: number) => boolean
}

/** Gives the first outputs of the node. Throws UserError for what Fovea cannot do exactly. */
export type NodeReader = (context: NodeContext) => NodeResult | readonly NodeResult[]

/** What Fovea cannot do: the caller adds where it was met. */
export const refused = (what: string, fix?: string): UserError => new UserError({ what, fix })

export function inputOf(context: NodeContext, input: number): NodeInput {
  const operand = context.operand(input)
  if (operand) return operand
  throw refused(`Input ${input + 1} is missing.`)
}

/** An input that is computed from those of the model. */
export function viewInput(context: NodeContext, input = 0): View {
  const operand = inputOf(context, input)
  if (operand.kind === 'view') return operand.view
  throw refused(`Input ${input + 1} should be computed, but is a constant.`)
}

/** An input whose numbers are in the file. */
export function constantInput(context: NodeContext, input: number): Constant {
  const constant = optionalConstant(context, input)
  if (constant) return constant
  throw refused(`Input ${input + 1} is missing.`)
}

export function optionalConstant(context: NodeContext, input: number): Constant | undefined {
  const operand = context.operand(input)
  if (operand === undefined || operand.kind === 'constant') return operand?.constant
  throw refused(
    `Input ${input + 1} is computed while the network runs; only numbers that are in the file can be read here.`,
  )
}

function attribute<Kind extends 'int' | 'ints' | 'float' | 'floats' | 'string'>(
  { node }: NodeContext,
  name: string,
  kind: Kind,
): OnnxAttribute | undefined {
  const found = node.attributes[name]
  if (found === undefined || found.kind === kind) return found
  throw refused(`Attribute ${name} should be of type ${kind}, not ${found.kind}.`)
}

export function wholeAttribute(context: NodeContext, name: string, otherwise: number): number {
  const found = attribute(context, name, 'int')
  return found?.kind === 'int' ? found.value : otherwise
}

export function wholesAttribute(context: NodeContext, name: string): readonly number[] | undefined {
  const found = attribute(context, name, 'ints')
  return found?.kind === 'ints' ? found.value : undefined
}

export function floatAttribute(context: NodeContext, name: string, otherwise: number): number {
  const found = attribute(context, name, 'float')
  return found?.kind === 'float' ? shortest(found.value) : otherwise
}

export function floatsAttribute(context: NodeContext, name: string): readonly number[] | undefined {
  const found = attribute(context, name, 'floats')
  return found?.kind === 'floats' ? found.value : undefined
}

export function textAttribute(context: NodeContext, name: string, otherwise: string): string {
  const found = attribute(context, name, 'string')
  return found?.kind === 'string' ? found.value : otherwise
}

/** The shortest decimal number that is the same float32: 1e-5, not 0.000009999999747378752. */
export function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

/** Axes counted from the end are counted from the beginning; with the batch axis. */
export function axisIn(axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis
  if (Number.isInteger(counted) && counted >= 0 && counted < rank) return counted
  throw refused(`There is no axis ${axis}: the value has ${rank} axes.`)
}

/** The axis of one sample, without the batch. */
export function sampleAxis(axis: number, rank: number): number {
  const counted = axisIn(axis, rank)
  if (counted > 0) return counted - 1
  throw refused('It works along the batch axis: samples would no longer be apart.')
}
