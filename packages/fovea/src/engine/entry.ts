/**
 * An entry: a step graph, and what its inputs and outputs are for. Inputs and outputs of a graph have names; only the file that builds an
 * entry knows them. To everybody else an entry gives its places to be filled by what they are (inputs, labels, scalars …) and turns what a
 * step gave into results.
 */
import type { DType, NumericArray } from '../base/shape.ts'
import type { StepGraph } from '../graph/node.ts'
import type { FeedSlots, StepOutputs } from '../runtime/device.ts'

/** The types of a model's inputs, in its order, as they are fed: bytes or floats. */
export type InputTypes = readonly Extract<DType, 'u8' | 'f32'>[]

export interface Entry<Slots, Results> {
  readonly graph: StepGraph
  /** The places of one step, to be filled. */
  slots(raw: FeedSlots): Slots
  /** What one step gave. */
  results(raw: StepOutputs): Results
}

/** What an engine compiles when it is first asked for. */
export interface EntryMaker<Slots, Results> {
  readonly name: string
  /** `batch`: the most rows of a step. */
  make(batch: number, inputTypes: InputTypes): Entry<Slots, Results>
}

/** Places by the name of a model's input, of an output, of an optimizer's scalar. Only what the entry reads is among them. */
export type Places = Readonly<Record<string, NumericArray>>

/** One sample of a step is a row of each of these. */
export interface RowSlots {
  readonly inputs: Places
  /** By output: what is to be answered. */
  readonly targets: Places
  /** By output: a float per sample. */
  readonly weights: Places
}

export interface TrainSlots extends RowSlots {
  /** The rows that each row of the step is mixed with; nothing where pictures are not mixed. */
  readonly partners: RowSlots
  readonly scalars: Places
  /** Two whole numbers. */
  readonly randomKey: NumericArray | undefined
  /** A number in [0, 1) per sample. */
  readonly draw: NumericArray | undefined
  /** One whole number. */
  readonly epoch: NumericArray | undefined
}

export type Values = Float32Array | Float64Array

export interface Predicted {
  /** By output: rows one after the other. */
  readonly predictions: Readonly<Record<string, Values>>
}

export interface Measured extends Predicted {
  /** `loss` and every metric that is a mean, by reported name. */
  readonly reports: Readonly<Record<string, number>>
}

export interface Differentiated {
  readonly loss: number
  /** By weight. */
  readonly gradients: Readonly<Record<string, Values>>
}
