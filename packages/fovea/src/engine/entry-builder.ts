/**
 * Builds the entries of a model: makes the inputs of a graph, remembers what each is for, and finds them again when a step is fed and read.
 * The names below are those that plans and profiles show; nothing else in the sources makes or reads one.
 *
 * Fed: every model input by its name; `target:<output>`; `weight:<output>` (a float per sample); `scalar:<name>` (what
 * `optimizer.scalars` gives); `randomKey` (int32 [2]); `draw` (a float per sample) and `epoch`. Come out: `loss` and metrics by their reported names, `predictions:<output>`,
 * `gradient:<weight>`, `value <of a layer>`.
 */
import type { DType, Shape } from '../base/shape.ts'
import { createGraph, type Graph } from '../graph/builder.ts'
import { type Node, type StateUpdate, type StepGraph, stepGraph } from '../graph/node.ts'
import type { Model } from '../network/model.ts'
import { type ModelNodes, modelNodes } from '../network/model-nodes.ts'
import type { FeedSlots, StepOutputs } from '../runtime/device.ts'
import type { InputTypes, TrainSlots, Values } from './entry.ts'

type InputKind = 'inputs' | 'targets' | 'weights' | 'scalars' | 'randomKey' | 'draw' | 'epoch'
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

export interface EntryBuilder {
  readonly graph: Graph
  readonly lowered: ModelNodes
  target(output: string, shape: Shape, dtype: DType): Node
  weight(output: string): Node
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

/** The forward pass of the model, in a graph of its own that is open for more. */
export function entryBuilder(model: Model, batch: number, inputTypes: InputTypes, training: boolean): EntryBuilder {
  const graph = createGraph(batch)
  const fed = new Map<string, Handle<InputKind>>()
  const input = (kind: InputKind, of: string, name: string, shape: Shape, how: Parameters<Graph['input']>[2]): Node => {
    fed.set(name, { kind, of, name })
    return graph.input(name, shape, how)
  }
  const inputs = model.inputs.map(({ name, shape }, index) =>
    input('inputs', name, name, [batch, ...shape], { dtype: inputTypes[index] ?? 'f32', batched: true }),
  )
  const randomKey = input('randomKey', 'randomKey', 'randomKey', [2], { dtype: 'i32' })
  const samples = {
    draw: () => input('draw', 'draw', 'draw', [batch, 1], { batched: true }),
    epoch: () => input('epoch', 'epoch', 'epoch', [], {}),
  }
  const lowered = modelNodes(model, graph, { inputs, training, randomKey, samples })
  return {
    graph,
    lowered,
    target: (of, shape, dtype) => input('targets', of, `target:${of}`, [batch, ...shape], { dtype, batched: true }),
    weight: of => input('weights', of, `weight:${of}`, [batch], { batched: true }),
    scalar: of => input('scalars', of, `scalar:${of}`, [], {}),
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

const outputName: { readonly [K in OutputKind]: (of: string) => string } = {
  reports: of => of,
  predictions: of => `predictions:${of}`,
  gradients: of => `gradient:${of}`,
  values: of => `value ${of}`,
}

function slotsOf(read: readonly Handle<InputKind>[], raw: FeedSlots): TrainSlots {
  const found: Record<InputKind, Record<string, FeedSlots[string]>> = {
    inputs: {},
    targets: {},
    weights: {},
    scalars: {},
    randomKey: {},
    draw: {},
    epoch: {},
  }
  for (const { kind, of, name } of read) found[kind][of] = raw[name]!
  const { randomKey, draw, epoch, ...places } = found
  return { ...places, randomKey: randomKey['randomKey'], draw: draw['draw'], epoch: epoch['epoch'] }
}
