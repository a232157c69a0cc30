/**
 * The entries that training needs: `train` joins forward pass, losses, penalties, gradients, optimizer update and metrics; `gradients`
 * gives the loss gradient of every trainable weight and changes nothing.
 */
import { gradients } from '../autodiff/gradients.ts'
import { sizeOf } from '../base/shape.ts'
import type { Distillation } from '../base/training-numbers.ts'
import type { NodeOf } from '../graph/node.ts'
import type { Model } from '../network/model.ts'
import { checkMixing, type Mixing, mixingsOf } from '../objectives/mixing.ts'
import { type Objectives, objectivesByOutput } from '../objectives/output-objectives.ts'
import type { Optimizer } from '../optimizer/optimizer.ts'
import { trainedWeights } from '../optimizer/rate-factors.ts'
import { updateWeights } from '../optimizer/update.ts'
import type { Differentiated, EntryMaker, Measured, TrainSlots } from './entry.ts'
import { type EntryBuilder, entryBuilder, type PassForm } from './entry-builder.ts'
import { measured, objectiveOf } from './evaluate-entry.ts'
import { batchMixing } from './mixed-batch.ts'

/** How a model is to be trained: what `compile` was given. */
export interface TrainingSetup extends Objectives {
  readonly optimizer: Optimizer
  /** How pictures of a batch are mixed; of several, each step takes one. */
  readonly mixing?: Mixing | readonly Mixing[] | undefined
  /** Rows then have a column of what a teacher says beside that of the labels. Evaluation does without. */
  readonly teacher?: Distillation | undefined
}

export type TrainMaker = EntryMaker<TrainSlots, Measured>
export type GradientsMaker = EntryMaker<TrainSlots, Differentiated>

/** Throws UserError when losses, metrics, mixing and outputs do not go together. `name` tells several of one program apart. */
export function trainEntry(model: Model, setup: TrainingSetup, name = 'train'): TrainMaker {
  const byOutput = objectivesByOutput(model, setup)
  const mixing = checkedMixing(model, setup)
  // Predictions only for metrics that are computed from them: other programs stay as they are.
  const asked = byOutput
    .filter(objective => objective.metrics.some(({ inStep }) => !inStep))
    .map(objective => objective.output.name)
  return {
    name,
    make(batch, inputTypes) {
      const builder = entryBuilder(model, batch, inputTypes, true, { mixing })
      const { graph, lowered, scalar } = builder
      const { total, reports } = objectiveOf(builder, byOutput, setup.teacher)
      const trained = statesOf(trainedWeights(model.weights, setup.optimizer), builder)
      const derivatives = gradients(graph, total, trained)
      const weights = trained.map((state, index) => ({ state, gradient: derivatives[index]! }))
      const built = builder.finish({
        updates: [...updateWeights(graph, setup.optimizer, weights, scalar), ...lowered.updates],
        outputs: { reports, predictions: builder.predictions.filter(({ of }) => asked.includes(of)) },
      })
      return { graph: built.graph, slots: built.slots, results: measured(built) }
    },
  }
}

/** Gradients of the training loss (dropout, batch statistics and mixing as in training). */
export function gradientsEntry(model: Model, setup: Omit<TrainingSetup, 'optimizer'>): GradientsMaker {
  const byOutput = objectivesByOutput(model, setup)
  const mixing = checkedMixing(model, setup)
  return {
    name: 'gradients',
    make(batch, inputTypes) {
      const builder = entryBuilder(model, batch, inputTypes, true, { mixing })
      const { total } = objectiveOf(builder, byOutput, setup.teacher)
      const trainable = model.weights.filter(weight => weight.trainable)
      const trained = statesOf(trainable, builder)
      const derivatives = gradients(builder.graph, total, trained)
      const { graph, slots, outputs } = builder.finish({
        outputs: {
          reports: [{ of: 'loss', node: total }],
          gradients: trained.map((state, index) => ({ of: state.attributes.name, node: derivatives[index]! })),
        },
      })
      return {
        graph,
        slots,
        results: raw => ({ loss: outputs(raw, 'reports')['loss']![0]!, gradients: outputs(raw, 'gradients') }),
      }
    },
  }
}

/** The first values of the optimizer's states, by state name. */
export function initialOptimizerState(model: Model, optimizer: Optimizer): Record<string, Float32Array> {
  return Object.fromEntries(
    trainedWeights(model.weights, optimizer).flatMap(({ name, shape }) =>
      optimizer
        .slots(shape, name)
        .map(slot => [`${name}@${slot.name}`, new Float32Array(sizeOf(shape)).fill(slot.initial)] as const),
    ),
  )
}

/** Throws UserError where the model's inputs or outputs cannot be mixed. */
function checkedMixing(model: Model, { mixing }: Pick<TrainingSetup, 'mixing'>): PassForm['mixing'] {
  const mixings = mixingsOf(mixing)
  checkMixing(model, mixings)
  return batchMixing(mixings)
}

const statesOf = (weights: Model['weights'], { lowered }: EntryBuilder): NodeOf<'state'>[] =>
  weights.map(({ name }) => lowered.states.get(name)!)
