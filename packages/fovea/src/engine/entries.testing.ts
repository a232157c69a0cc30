/** All entries of a model as graphs, for tests that give them to a device themselves. */
import type { StepGraph } from '../graph/node.ts'
import type { Model } from '../network/model.ts'
import type { Objectives } from '../objectives/output-objectives.ts'
import { optimizer as chosenOptimizer, type OptimizerName } from '../optimizer/factories.ts'
import type { Optimizer } from '../optimizer/optimizer.ts'
import type { InputTypes } from './entry.ts'
import { evaluateEntry } from './evaluate-entry.ts'
import { predictEntry } from './predict-entry.ts'
import { gradientsEntry, trainEntry } from './train-entry.ts'

export interface EntryOptions extends Objectives {
  readonly batch: number
  readonly inputTypes?: InputTypes
  readonly optimizer: Optimizer | OptimizerName
  /** Whether to build the entry `gradients` too. Default false. */
  readonly gradients?: boolean
}

export interface Entries {
  readonly train: StepGraph
  readonly evaluate: StepGraph
  readonly predict: StepGraph
  readonly gradients?: StepGraph
}

export function buildEntries(model: Model, options: EntryOptions): Entries {
  const { batch, inputTypes = [], optimizer, gradients, ...objectives } = options
  const setup = { ...objectives, optimizer: chosenOptimizer(optimizer) }
  return {
    train: trainEntry(model, setup).make(batch, inputTypes).graph,
    evaluate: evaluateEntry(model, objectives).make(batch, inputTypes).graph,
    predict: predictEntry(model).make(batch, inputTypes).graph,
    ...(gradients && { gradients: gradientsEntry(model, objectives).make(batch, inputTypes).graph }),
  }
}
