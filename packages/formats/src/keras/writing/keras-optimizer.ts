/**
 * An optimizer as Keras 3 writes it: its configuration, and its variables in the order in which Keras makes them: the number of steps, the
 * learning rate (unless a schedule gives it), averages, sums of gradients, then the rule's own slots for each trained weight.
 */
import type { Json, JsonRecord } from 'fovea/internal/base/json'
import { pow } from 'fovea/internal/base/math'
import type { TrainingState } from 'fovea/internal/store/model-file'
import type { WrittenNumbers } from '../../containers/hdf5-writer.ts'
import type { SaidNetwork } from './said-network.ts'
import { cannotSay, kerasObject, snakeKeys } from './words.ts'

/** Slots of each rule in Keras's order: those of one list lie side by side for each weight, one list after the other. */
const slotsOf: Readonly<Record<string, readonly (readonly string[])[]>> = {
  SGD: [['momentum']],
  RMSprop: [['velocity'], ['momentum'], ['averageGradient']],
  Adam: [['momentum', 'velocity'], ['largestVelocity']],
  AdamW: [['momentum', 'velocity'], ['largestVelocity']],
  Adamax: [['momentum', 'largestGradient']],
  Nadam: [['momentum', 'velocity']],
  Adagrad: [['accumulator']],
  Adadelta: [['accumulatedGradient', 'accumulatedDelta']],
  Lion: [['momentum']],
  Muon: [['momentum', 'velocity']],
}

/** Keras's own; Fovea's `oneCycle`, `polynomialRamp` and `byEpoch` are none. */
const schedules: readonly string[] = [
  'ExponentialDecay',
  'PiecewiseConstantDecay',
  'PolynomialDecay',
  'InverseTimeDecay',
  'CosineDecay',
  'CosineDecayRestarts',
]

/** Throws UserError for an optimizer that Keras does not have. */
export function kerasOptimizer(training: TrainingState, network: SaidNetwork) {
  const { type, config } = training.optimizer
  const { decay, convolutions, gradientAccumulationSteps, learningRate: _, ...own } = config
  const { rateFactors, lookaheadSteps, lookaheadRate: __, ...options } = own
  if (!Object.hasOwn(slotsOf, type)) throw cannotSay(`Keras has no optimizer called ${type}.`, useAnother)
  const trained = network.layers.flatMap(({ weights }) => weights.filter(({ trainable }) => trainable))
  if (convolutions && trained.some(({ shape }) => shape.length > 2))
    throw cannotSay("Keras's Muon leaves convolutions to Adam.", 'Give muon convolutions: false.')
  if (rateFactors) throw cannotSay('Keras has no learning rates of single weights (rateFactors).', useAnother)
  if (lookaheadSteps) throw cannotSay('Keras has no Lookahead (lookaheadSteps).', useAnother)
  // One step for each update is no accumulation.
  const every = Number(gradientAccumulationSteps ?? 1)
  const learningRate = rateOf(training, Number(decay ?? 0), every)
  return {
    config: kerasObject('optimizers', type, {
      name: type.toLowerCase(),
      learning_rate: learningRate,
      ...snakeKeys(options),
      gradient_accumulation_steps: every > 1 ? every : null,
    }),
    variables: [
      { shape: [], data: BigInt64Array.of(BigInt(training.step)) },
      ...(typeof learningRate === 'number' ? [single(learningRate)] : []),
      ...slotVariables(training, trained),
      ...(type === 'Nadam' ? [single(productOfMomenta(Number(options['beta1']), training.step))] : []),
    ],
  }
}

const useAnother = 'Compile with another one; the weights are in the file all the same.'
const single = (value: number): WrittenNumbers => ({ shape: [], data: Float32Array.of(value) })

/** The rate of now; a schedule stays one, and the old time decay is Keras's InverseTimeDecay. */
function rateOf({ optimizer, learningRate }: TrainingState, decay: number, every: number): Json {
  const given = optimizer.config['learningRate']
  if (typeof given === 'number') {
    if (decay === 0) return learningRate
    const config = { initial_learning_rate: learningRate, decay_steps: every, decay_rate: decay, staircase: every > 1 }
    return kerasObject('optimizers.schedules', 'InverseTimeDecay', config)
  }
  const { type, config } = given as JsonRecord
  if (!schedules.includes(String(type))) throw cannotSay(`Keras has no schedule called ${type}.`, useAnother)
  if (decay !== 0) throw cannotSay('Keras has no decay beside a schedule.', useAnother)
  return kerasObject('optimizers.schedules', String(type), snakeKeys(config as JsonRecord))
}

function slotVariables(
  { optimizer, slots }: TrainingState,
  trained: readonly { readonly name: string; readonly shape: readonly number[] }[],
): WrittenNumbers[] {
  const lists = [['average'], ['accumulated'], ...slotsOf[optimizer.type]!]
  return lists.flatMap(names =>
    trained.flatMap(({ name, shape }) =>
      names.flatMap(slot => {
        const values = slots[`${name}@${slot}`]
        return values ? [{ shape, data: Float32Array.from(values) }] : []
      }),
    ),
  )
}

/** What Nadam keeps besides: Π β₁ (1 − 0.5 · 0.96ᵗ) over all steps so far. */
function productOfMomenta(beta: number, steps: number): number {
  let product = 1
  for (let t = 1; t <= steps && product > 0; t++) product *= beta * (1 - 0.5 * pow(0.96, t))
  return product
}
