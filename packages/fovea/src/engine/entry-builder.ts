/**
 * Builds the entries of a model: makes the inputs of a graph, remembers what each is for, and finds them again when a step is fed and read.
 * The names below are those that plans and profiles show; nothing else in the sources makes or reads one.
 *
 * Fed: every model input by its name; `target:<output>`; `weight:<output>` (a float per sample); `scalar:<name>` (what
 * `optimizer.scalars` gives); `randomKey` (int32 [2]); `draw` (a float per sample) and `epoch`; of mixed pictures `partner:<input>`,
 * `partner-target:<output>`, `partner-weight:<output>`. Come out: `loss` and metrics by their reported names, `predictions:<output>`,
 * `gradient:<weight>`, `value <of a layer>`.
 */
import type { DType, Shape } from '../base/shape.ts'
import { createGraph, type Graph } from '../graph/builder.ts'
import { type Node, type StateUpdate, type StepGraph, stepGraph } from '../graph/node.ts'
import type { Model } from '../network/model.ts'
import { type ModelNodes, type ModelNodesMaker, modelNodes } from '../network/model-nodes.ts'
import type { FeedSlots, StepOutputs } from '../runtime/device.ts'
import type { InputTypes, RowSlots, TrainSlots, Values } from './entry.ts'

type RowKind = 'inputs' | 'targets' | 'weights'
type InputKind = RowKind | `partner ${RowKind}` | 'scalars' | 'randomKey' | 'draw' | 'epoch'
type OutputKind = 'reports' | 'predictions' | 'gradients' | 'values'

/** One input or output of the graph: what it is for, and whose it is. */
interface Handle<Kind> {
  readonly kind: Kind
  readonly of: string
  readonly name: string
}

export interface NamedNode {
  readonly of: string
  readonly node: Node
}

/** Labels of rows, and how much each row counts. */
export interface LabelInputs {
  target(output: string, shape: Shape, dtype: DType): Node
  weight(output: string): Node
}

/** What the inputs of a step are made with. */
export interface StepSource {
  readonly graph: Graph
  feed(kind: InputKind, of: string, name: string, shape: Shape, how: Parameters<Graph['input']>[2]): Node
  scalar(name: string): Node
}

/** The inputs of the network, mixed; and what is answered for the rows that each row is mixed with. */
export interface MixedInputs {
  readonly inputs: readonly Node[]
  readonly partner: LabelInputs & { loss(own: Node, other: Node): Node }
}

export interface EntryBuilder extends LabelInputs {
  readonly graph: Graph
  readonly lowered: ModelNodes
  /** Of the rows that each row is mixed with, and the loss of both; missing where pictures are not mixed. */
  readonly partner?: MixedInputs['partner'] | undefined
  scalar(name: string): Node
  /** What every output of the model predicts. */
  readonly predictions: readonly NamedNode[]
  finish(parts: {
    readonly updates?: readonly StateUpdate[] | undefined
    readonly outputs: Readonly<Partial<Record<OutputKind, readonly NamedNode[]>>>
    readonly prepared?: boolean | undefined
  }): Built
}

export interface Built {
  readonly graph: StepGraph
  slots(raw: FeedSlots): TrainSlots
  /** By report, output, weight or layer. */
  outputs(raw: StepOutputs, kind: OutputKind): Readonly<Record<string, Values>>
}

/** How the pass is made where it is not the plain one. */
export interface PassForm {
  readonly mixing?: ((source: StepSource, inputs: readonly Node[]) => MixedInputs) | undefined
  readonly other?: ModelNodesMaker | undefined
  /** Moving statistics keep as much of the old ones as the fed scalar `movingMomentum` says. */
  readonly renews?: boolean | undefined
}

/** The forward pass of the model, in a graph of its own that is open for more. */
export function entryBuilder(
  model: Model,
  batch: number,
  inputTypes: InputTypes,
  training: boolean,
  { mixing, other, renews }: PassForm = {},
): EntryBuilder {
  const graph = createGraph(batch)
  const fed = new Map<string, Handle<InputKind>>()
  const feed: StepSource['feed'] = (kind, of, name, shape, how) => {
    fed.set(name, { kind, of, name })
    return graph.input(name, shape, how)
  }
  const inputs = model.inputs.map(({ name, shape }, index) =>
    feed('inputs', name, name, [batch, ...shape], { dtype: inputTypes[index] ?? 'f32', batched: true }),
  )
  const scalar = (of: string): Node => feed('scalars', of, `scalar:${of}`, [], {})
  const mixed = mixing?.({ graph, feed, scalar }, inputs)
  const randomKey = feed('randomKey', 'randomKey', 'randomKey', [2], { dtype: 'i32' })
  const samples = {
    draw: () => feed('draw', 'draw', 'draw', [batch, 1], { batched: true }),
    epoch: () => feed('epoch', 'epoch', 'epoch', [], {}),
  }
  const lowered = (other?.nodes ?? modelNodes)(model, graph, {
    inputs: mixed?.inputs ?? inputs,
    training,
    randomKey,
    samples,
    ...(renews && { movingMomentum: scalar('movingMomentum') }),
  })
  return {
    graph,
    lowered,
    ...(mixed && { partner: mixed.partner }),
    target: (of, shape, dtype) => feed('targets', of, `target:${of}`, [batch, ...shape], { dtype, batched: true }),
    weight: of => feed('weights', of, `weight:${of}`, [batch], { batched: true }),
    scalar,
    predictions: model.outputs.map(({ name: of }, index) => ({ of, node: lowered.outputs[index]! })),
    finish({ updates = [], outputs, prepared }) {
      const given = (['reports', 'gradients', 'values', 'predictions'] as const).flatMap(kind =>
        (outputs[kind] ?? []).map(({ of, node }) => ({ kind, of, name: outputName[kind](of), node })),
      )
      const step = stepGraph(batch, updates, given)
      const read = step.inputs.map(node => fed.get(node.attributes.name)!)
      return {
        graph: prepared ? { ...step, prepared } : step,
        slots: raw => slotsOf(read, raw),
        outputs: (raw, wanted) =>
          Object.fromEntries(
            given.flatMap(({ kind, of, name }) => (kind === wanted ? [[of, raw[name]!] as const] : [])),
          ),
      }
    },
  }
}

/** Of the entry that does this with nodes made in another way, apart from the usual one. */
export const entryName = (name: string, other?: ModelNodesMaker): string => (other ? `${name} ${other.name}` : name)

const outputName: { readonly [K in OutputKind]: (of: string) => string } = {
  reports: of => of,
  predictions: of => `predictions:${of}`,
  gradients: of => `gradient:${of}`,
  values: of => `value ${of}`,
}

function slotsOf(read: readonly Handle<InputKind>[], raw: FeedSlots): TrainSlots {
  const found = (wanted: InputKind): Record<string, FeedSlots[string]> =>
    Object.fromEntries(read.flatMap(({ kind, of, name }) => (kind === wanted ? [[of, raw[name]!] as const] : [])))
  const rows = (kind: '' | 'partner '): RowSlots => ({
    inputs: found(`${kind}inputs`),
    targets: found(`${kind}targets`),
    weights: found(`${kind}weights`),
  })
  const { randomKey } = found('randomKey')
  const { draw } = found('draw')
  const { epoch } = found('epoch')
  return { ...rows(''), partners: rows('partner '), scalars: found('scalars'), randomKey, draw, epoch }
}
